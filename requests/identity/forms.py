"""Forms of identity: merging two records, giving and recording mandates, acting as a proxy."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayInput
from tenants.actions.mandates import LONGEST
from tenants.models import Mandate

USUAL = timedelta(days=90)
# Code of tenants.actions.mandates.NotPossible -> the field and the message.
PROBLEMS = {
    "oneself": ("proxy_email", _("This is the tenant’s own address. Write the proxy’s.")),
    "past": ("ends", _("This day is past. Choose a later one.")),
    "too_long": ("ends", _("A mandate lasts one year at most. Choose an earlier day.")),
    "waits": (
        None,
        _("Your account was linked less than two days ago. Then you can name a proxy here."),
    ),
    "no_phone": (
        None,
        _(
            "We know no mobile number that is yours alone. Come to the office, or send us a"
            " signed letter."
        ),
    ),
    "too_many": (
        None,
        _("You can give three mandates a day, no more. Try again tomorrow, or call us."),
    ),
    "wrong_code": ("code", _("This is not the code that we sent. Read it again.")),
    "code_expired": ("code", _("This code no longer works. Give the mandate again.")),
    "done": (None, _("This mandate was confirmed or ended already.")),
}


def explain_refusal(form: forms.Form, code: str) -> None:
    """Add the error of a refused step to the field where it can be corrected."""
    field, text = PROBLEMS[code]
    form.add_error(field if field in form.fields else None, text)


class MergeForm(forms.Form):
    """The reason why two records are one person. ``seen`` is the digest that was read."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("How do you know that it is one person?"),
        max_length=200,
        help_text=_("For example: called her, she has two files since she moved."),
        error_messages={"required": _("Write how you know it: a colleague may have to undo it.")},
    )


class MandateForm(forms.Form):
    """A mandate: the proxy, the scope and the last day."""

    proxy_name = forms.CharField(
        label=_("Name of the proxy"),
        max_length=120,
        error_messages={"required": _("Write the proxy’s name.")},
    )
    proxy_email = forms.EmailField(
        label=_("E-mail of the proxy"),
        help_text=_("They sign in with this address."),
        error_messages={
            "required": _("Write the proxy’s e-mail."),
            "invalid": _("Write an e-mail address, like name@example.org."),
        },
    )
    scope = forms.ChoiceField(
        label=_("What they may see and write"),
        widget=forms.RadioSelect,
        choices=Mandate.Scope,
        initial=Mandate.Scope.ORDINARY,
        error_messages={"required": _("Say what the proxy may see.")},
    )
    ends = forms.DateField(
        label=_("Until (this day included)"),
        widget=DayInput({"class": "input--short"}),
        error_messages={
            "required": _("Choose the last day."),
            "invalid": _("Choose a day, like 31/12/2026."),
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["ends"].initial = today + USUAL
        self.fields["ends"].widget.attrs |= {"min": today, "max": today + LONGEST}

    def mandate_values(self) -> dict:
        """Return the values that ``tenants.actions.mandates`` takes."""
        return {name: self.cleaned_data[name] for name in MandateForm.base_fields}


class StaffMandateForm(MandateForm):
    """A mandate to which the tenant consented on paper or in person."""

    consent = forms.ChoiceField(
        label=_("How the tenant consented"),
        widget=forms.RadioSelect,
        choices=[c for c in Mandate.Consent.choices if c[0] != Mandate.Consent.SMS],
        error_messages={"required": _("Say how the tenant consented.")},
    )
    proof = forms.CharField(
        label=_("Reference of the proof"),
        max_length=120,
        help_text=_("Number of the letter, or of the form signed at the counter."),
        error_messages={"required": _("Write where the proof can be found.")},
    )


class CodeForm(forms.Form):
    """The six figures of the text message."""

    code = forms.CharField(
        label=_("Code received by text message"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "input--short",
            }
        ),
        error_messages={"required": _("Copy the six figures.")},
    )


class BillForm(forms.Form):
    """Two lines of the rent bill: offers nothing that a stranger could choose from."""

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


class ProxyFileForm(forms.Form):
    """A proxy's claim on one page: fault, home and words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ChoiceField(
        label=_("What is the problem?"),
        error_messages={"required": _("Choose what is closest to the problem.")},
    )
    home = forms.ChoiceField(
        label=_("Where?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the home.")},
    )
    words = forms.CharField(
        label=_("In a few words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write in a few words what happens.")},
    )

    def __init__(self, *args, categories, homes, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [
            ("", "—"),
            *((c.code, c.plain_language or str(c)) for c in categories),
        ]
        self.fields["home"].choices = [(str(home.pk), str(home)) for home in homes]
        if len(homes) == 1:
            self.fields["home"].initial = str(homes[0].pk)


class ProxyMessageForm(forms.Form):
    """A proxy's message to the office."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your message first.")},
    )
