"""What a person may change of a proposed inspection before it is sent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor


class InspectionForm(forms.Form):
    """Everything is filled in, but the contractor where no contract names one."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    contractor = forms.ModelChoiceField(
        label=_("Contractor"),
        queryset=Contractor.objects.filter(active=True),
        error_messages={"required": _("Choose the contractor.")},
    )
    description = forms.CharField(
        label=_("What is to be looked at"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what is to be looked at.")},
    )
