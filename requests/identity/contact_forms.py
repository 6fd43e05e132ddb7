"""Forms by which a person, or staff for them, says how they are reached and who lives there."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.identity.forms import CodeForm
from requests.kit.fields import DayInput
from tenants.actions.contact_check import NEED_LASTS
from tenants.actions.household_changes import EARLIEST, LATEST
from tenants.models import Need

PROBLEMS = {
    "invalid": _("Write a phone number, like 06 39 98 00 01, or an e-mail address."),
    "known": _("It is in the list already."),
    "no_candidate": _("Not one of those who probably wrote it."),
    "given_up": _("It is no longer used. Add it again, to be proved anew."),
    "too_many": _("You cannot add more today. Remove one first, or call us."),
    "no_code": _("Ask for a code first."),
    "wrong_code": _("This code is wrong. Look at the last message that we sent."),
    "code_expired": _("This code is too old, or was typed wrong five times. Ask for a new one."),
    "past": _("Choose another day."),
    "too_short": _("Leave two hours at least, so that we can reach you."),
    "too_long": _("Choose a day within a year."),
    "no_home": _("We do not know which home is yours. Call us."),
    "waits": _("Several additions wait for an answer already. Call us."),
}


class PointForm(forms.Form):
    """One phone or e-mail."""

    title = _("Add a phone or an e-mail")
    value = forms.CharField(
        label=_("Phone or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the number or the address.")},
    )


class AddressForm(forms.Form):
    """Another address for letters."""

    title = _("Letters to another address")
    value = forms.CharField(
        label=_("Address for your letters"),
        max_length=254,
        help_text=_("Only if letters should not go to your home. One line for each part."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the address.")},
    )


class LanguageForm(forms.Form):
    """The language of messages and letters."""

    title = _("Language")
    language = forms.ChoiceField(
        label=_("We write to you in"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language.")},
    )


class HoursForm(forms.Form):
    """Between which hours texts may come."""

    title = _("Hours of text messages")
    since = forms.TypedChoiceField(
        label=_("Not before"),
        choices=[("", "—"), *((hour, f"{hour} h") for hour in range(EARLIEST, 19))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    until = forms.TypedChoiceField(
        label=_("Not after"),
        choices=[("", "—"), *((hour, f"{hour} h") for hour in range(10, LATEST + 1))],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Never at night nor on Sundays. Emergencies come at any hour."),
    )


class NeedForm(forms.Form):
    """A coded need and until when; never a reason."""

    title = _("Something to bear in mind")
    code = forms.ChoiceField(
        label=_("What should we bear in mind?"),
        choices=[("", "—"), *Need.Code.choices],
        error_messages={"required": _("Choose one.")},
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("A year when you leave it empty. Never write why."),
        widget=DayInput({"class": "input--short"}),
        error_messages={"invalid": _("Choose a day, like 31/12/2026.")},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["until"].widget.attrs |= {"min": today, "max": today + NEED_LASTS}


class OccupantForm(forms.Form):
    """Somebody who lives in the home."""

    title = _("Somebody else lives here")
    first_name = forms.CharField(
        label=_("First name"), max_length=80, error_messages={"required": _("Write it.")}
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, error_messages={"required": _("Write it.")}
    )
    since = forms.DateField(
        label=_("Lives here since"),
        widget=DayInput({"class": "input--short"}),
        error_messages={
            "required": _("Choose a day, like 31/12/2026."),
            "invalid": _("Choose a day, like 31/12/2026."),
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["since"].widget.attrs |= {
            "min": today - timedelta(days=365 * 40),
            "max": today,
        }


class PointCodeForm(CodeForm):
    """The six figures sent to a contact point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code in the message")


FORMS = {
    "point": PointForm,
    "address": AddressForm,
    "language": LanguageForm,
    "hours": HoursForm,
    "need": NeedForm,
    "occupant": OccupantForm,
}


def explain(form: forms.Form, problem: str) -> None:
    """Add the error of a refused change to the form's first field that people see."""
    names = [name for name in ("value", "code", "until", "since") if name in form.fields]
    if problem in ("past", "too_long") and "until" in form.fields:
        names = ["until"]
    form.add_error(names[0] if names else None, PROBLEMS[problem])
