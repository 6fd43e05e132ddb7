"""To whom a claim is given, and until when it is put aside."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from portal.clock import now
from portal.dates import moment, week_moment
from requests.claims.models import Claim
from requests.conversation.forms import text_field
from requests.conversation.promised_date import nearest_kept, promised_field, unkept
from requests.kit.checked_text import LintedForm
from requests.teamwork.attention_models import Snooze
from requests.teamwork.charges import colleagues
from requests.teamwork.snoozes import LONGEST

FORMAT = "%Y-%m-%dT%H:%M"
BEFORE_PROMISE = timedelta(hours=1)
MORNING = 9


def within_reach(until: datetime) -> datetime:
    """Return ``until``; raises ValidationError when it is past or too far."""
    if until <= now():
        raise forms.ValidationError(_("Give a time that is still to come."))
    if until > now() + LONGEST:
        raise forms.ValidationError(_("Choose a day within the next three months."))
    return until


class SnoozeForm(forms.Form):
    """Until when a claim is put aside, and why."""

    until = promised_field(_("Until"))
    why = forms.ChoiceField(
        label=_("Why"),
        choices=Snooze.Why.choices,
        initial=Snooze.Why.LATER,
        error_messages={"required": _("Say why.")},
    )

    def clean_until(self) -> datetime:
        return within_reach(self.cleaned_data["until"])


class GiveForm(forms.Form):
    """To whom a claim is given: one of the unit who is there today."""

    to = forms.ModelChoiceField(
        label=_("Colleague"),
        queryset=Membership.objects.none(),
        error_messages={
            "required": _("Choose a colleague."),
            "invalid_choice": _("Choose a colleague who is there today."),
        },
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues(membership, now())
        self.fields["to"].label_from_instance = name_of


def name_of(member: Membership) -> str:
    """Return a colleague as a list of choices shows them."""
    return member.user.get_full_name() or str(member.user)


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):{FORMAT}}"


def proposed_until(claim: Claim, at: datetime) -> str:
    """Return until when to put the claim aside, as its field shows it; "" when it cannot wait.

    Tomorrow morning, or an hour before the promise when that comes first.
    """
    tomorrow = timezone.localtime(at) + timedelta(days=1)
    until = tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if claim.promise_at and until >= claim.promise_at:
        until = claim.promise_at - BEFORE_PROMISE
    return _local(until) if until > at else ""


class AsideForm(SnoozeForm, LintedForm):
    """Until when and why; beyond the promise, the new date and the words that tell the tenant."""

    linted = ("text",)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        given = {"version": claim.version, "until": proposed_until(claim, now())}
        kwargs["initial"] = given | kwargs.get("initial", {})
        super().__init__(*args, **{"auto_id": "aside_%s"} | kwargs)
        self.claim = claim
        self.beyond = False
        self.fields["promise_at"] = promised_field(_("Next news before"), required=False)
        self.fields["text"] = text_field(
            _("Text to the tenant"), _("Sent as it stands."), required=False
        )
        self.seal()

    def clean(self) -> dict[str, Any]:
        """Return the data; beyond the promise, ask for a new date and for the words to say it."""
        data = super().clean()
        until, promised = data.get("until"), self.claim.promise_at
        if not until or not promised or until < promised:
            return data
        self.beyond = True
        new = data.get("promise_at")
        if new is None:
            said = _("The tenant expects news before %(date)s. Come back earlier, or tell them.")
            self.add_error("until", said % {"date": moment(promised)})
            self._propose(until)
        elif new <= until:
            self.add_error("promise_at", _("Promise news for after the day it comes back."))
        elif wrong := unkept(self.claim, new):
            self.add_error("promise_at", wrong)
        elif not data.get("text"):
            self.add_error("text", _("Write the text first."))
        return data

    def _propose(self, until: datetime) -> None:
        """Fill in the date after ``until``, and a sentence that says it, in the tenant's words."""
        hours = (nearest_kept(self.claim, until + timedelta(hours=h)) for h in (4, 24, 48, 72, 96))
        new = next((at for at in hours if at > until), None)
        if new is None:
            return
        with translation.override(self.claim.language):
            words = gettext("We will be back to you before %(date)s.") % {"date": week_moment(new)}
        given: Any = self.data.copy()
        given["promise_at"] = _local(new)
        given["text"] = given.get("text") or words
        self.data = given
