"""Forms of the pages of a signed-in tenant."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LinkCodeForm(forms.Form):
    """Copy the code that was sent to the phone known for the home."""

    code = forms.CharField(
        label=_("Code in the text message"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "input--short",
            }
        ),
        error_messages={"required": _("Copy the six figures of the text message.")},
    )


class PersonCheckForm(forms.Form):
    """Ask for a check by the office, which links the account of a tenant who has no bill."""

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
