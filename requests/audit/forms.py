"""Forms of the log of who read what, and of an emergency opening."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayInput


class SearchForm(forms.Form):
    """Whose record, which colleague, from when to when; all may be left out."""

    person = forms.CharField(
        label=_("Person or reference"), max_length=80, required=False, strip=True
    )
    colleague = forms.CharField(
        label=_("Colleague or company"), max_length=80, required=False, strip=True
    )
    since = forms.DateField(
        label=_("From"),
        widget=DayInput(),
        required=False,
        error_messages={"invalid": _("Choose a day.")},
    )
    until = forms.DateField(
        label=_("To"),
        widget=DayInput(),
        required=False,
        error_messages={"invalid": _("Choose a day.")},
    )


class ListSearchForm(SearchForm):
    """Which colleague, from when to when."""

    person = None  # type: ignore[assignment]  # a list names nobody


class EmergencyForm(forms.Form):
    """Which request, and why it cannot wait for those who may read it."""

    reference = forms.CharField(
        label=_("Reference of the request"),
        max_length=10,
        error_messages={"required": _("Write the reference.")},
    )
    reason = forms.CharField(
        label=_("Why it cannot wait"),
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=15,
        max_length=500,
        help_text=_("The data-protection officer and the managers read it. Nothing about health."),
        error_messages={
            "required": _("Write why."),
            "min_length": _("Write a sentence that others understand."),
        },
    )
