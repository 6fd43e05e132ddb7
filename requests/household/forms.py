"""Forms of the ends of access and of leases."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayInput


class EndAccessForm(forms.Form):
    """Why a person's access ends; it stays on their page."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=_("For example: left the home on 3 March. Nothing about health or private life."),
        error_messages={"required": _("Write why.")},
    )


class CloseLinkForm(forms.Form):
    """Why staff close the private link of a claim."""

    why = forms.CharField(
        label=_("Why close the private link"),
        max_length=200,
        error_messages={"required": _("Write why.")},
    )


class EndLeaseForm(forms.Form):
    """The last day of a lease."""

    ends = forms.DateField(
        label=_("Last day"),
        widget=DayInput(),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )
