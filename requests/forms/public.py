"""Forms of the filing pages: five short steps, each of which can be redisplayed as typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

AVAILABILITY = [
    ("weekday_am", _("weekday mornings")),
    ("weekday_pm", _("weekday afternoons")),
    ("call", _("call me to agree")),
]


class WhatForm(forms.Form):
    """Step 1: the fault, among those of the chosen picture."""

    category = forms.ChoiceField(
        label=_("What is the problem?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is closest to your problem.")},
    )

    def __init__(self, *args, categories, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [(c.code, c.plain_language or str(c)) for c in categories]


class WhereForm(forms.Form):
    """Step 2: the address in the tenant's own words; staff link the dwelling."""

    address = forms.CharField(
        label=_("Your address"),
        max_length=150,
        help_text=_("Number, street, building, door"),
        error_messages={"required": _("Write your address, so that we find you.")},
    )
    place = forms.CharField(
        label=_("Room or place"),
        max_length=45,
        required=False,
        help_text=_("For example: kitchen, hall, lift"),
    )


class WordsForm(forms.Form):
    """Step 3: words, optional."""

    words = forms.CharField(
        label=_("What happens?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ReachForm(forms.Form):
    """Step 4: how to reach the tenant; one way is enough."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    availability = forms.MultipleChoiceField(
        label=_("When can we come?"),
        choices=AVAILABILITY,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict:
        data = super().clean()
        if not data.get("phone") and not data.get("email") and not self.errors:
            raise forms.ValidationError(_("Give a phone number or an e-mail address."))
        return data


class MessageForm(forms.Form):
    """A tenant writes back."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your message first.")},
    )
