"""Forms of the signed-in tenant's space."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LinkForm(forms.Form):
    """The code of the rent bill and the name on it; nothing that a stranger could pick."""

    code = forms.CharField(
        label=_("Code on your rent bill"),
        max_length=20,
        help_text=_("At the top right of the bill. Spaces and dashes do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "input--short"}
        ),
        error_messages={"required": _("Copy the code that is on your rent bill.")},
    )
    last_name = forms.CharField(
        label=_("Last name on the bill"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Write the last name as it is on the bill.")},
    )


class PersonCheckForm(forms.Form):
    """Without the bill: somebody of the office links the account after a check."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Write your name, so that we know whom to ask for.")},
    )
    address = forms.CharField(
        label=_("Your address"),
        max_length=120,
        help_text=_("Number, street, building, door, town"),
        error_messages={"required": _("Write your address, so that we find you.")},
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
