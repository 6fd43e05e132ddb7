"""Forms of the inbox: one per row of the transition table, and the reply."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk
from portal.clock import now
from requests.choices import Channel, RefusalReason
from requests.models import Message

# What each transition is called on its button, and what opens its form.
LABELS = {
    "take_charge": _("Take charge"),
    "ask": _("Ask the tenant"),
    "tenant_answered": _("The tenant has answered"),
    "plan": _("Plan a visit"),
    "start": _("Work has begun"),
    "report_done": _("Work is finished"),
    "answer": _("Answer and finish"),
    "refuse": _("Refuse"),
    "close_unanswered": _("Close without an answer"),
    "reopen": _("Reopen"),
    "hand_over": _("Hand over"),
}
SENDS = frozenset({"ask", "answer", "refuse"})


def _text(label, hint="") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the text first.")},
    )


def _moment(label) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Give a day and a time."),
            "invalid": _("Give a day and a time."),
        },
    )


class ActForm(forms.Form):
    """The facts one transition needs; ``version`` tells whether the claim moved meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, transition: str, **kwargs) -> None:
        super().__init__(*args, auto_id=f"{transition}_%s", **kwargs)
        self.transition = transition
        self.label = LABELS[transition]
        if transition in SENDS:
            if transition == "refuse":
                self.fields["reason"] = forms.ChoiceField(
                    label=_("Reason"),
                    choices=[("", "—"), *RefusalReason.choices],
                    error_messages={"required": _("Choose the reason.")},
                )
            self.fields["text"] = _text(_("Text to the tenant"), _("Sent as it stands."))
        elif transition == "plan":
            self.fields["visit_at"] = _moment(_("Visit"))
        elif transition == "close_unanswered":
            self.fields["text"] = _text(
                _("What was tried to reach the tenant"), _("The tenant can read it.")
            )
        elif transition == "reopen":
            self.fields["text"] = _text(_("Why it is reopened"), _("The tenant can read it."))
        elif transition == "hand_over":
            self.fields["desk"] = forms.ModelChoiceField(
                label=_("Desk"),
                queryset=Desk.objects.select_related("unit"),
                error_messages={"required": _("Choose the desk.")},
            )
            self.fields["reason"] = forms.CharField(
                label=_("Reason"),
                max_length=300,
                error_messages={"required": _("Write the reason.")},
            )
            self.fields["due"] = _moment(_("Next news before"))

    def _ahead(self, name: str) -> datetime:
        value = self.cleaned_data[name]
        if value <= now():
            raise forms.ValidationError(_("Give a time that is still to come."))
        return value

    def clean_visit_at(self) -> datetime:
        return self._ahead("visit_at")

    def clean_due(self) -> datetime:
        return self._ahead("due")

    def facts(self) -> dict:
        """What ``advance`` takes: JSON values, but for ``visit_at``."""
        facts = {k: v for k, v in self.cleaned_data.items() if k != "version"}
        if self.transition == "hand_over":
            facts["desk"] = facts["desk"].pk
            facts["due"] = facts["due"].isoformat()
        return facts


class MessageForm(forms.Form):
    """A reply to the tenant, or a note that never leaves."""

    kind = forms.ChoiceField(
        label=_("For whom"),
        widget=forms.RadioSelect,
        choices=[
            (Message.Direction.OUT, _("To the tenant")),
            (Message.Direction.NOTE, _("Internal note, the tenant does not see it")),
        ],
        error_messages={"required": _("Say who it is for.")},
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=[])
    text = _text(_("Message"))

    def __init__(self, *args, claim, **kwargs) -> None:
        kwargs.setdefault(
            "initial",
            {"kind": Message.Direction.OUT, "channel": reply_channel(claim)},
        )
        super().__init__(*args, auto_id="message_%s", **kwargs)
        offered = [Channel.WEB, Channel.PHONE, Channel.COUNTER, Channel.LETTER]
        if claim.contact_email:
            offered.insert(0, Channel.EMAIL)
        self.fields["channel"].choices = [(c.value, c.label) for c in offered]


def reply_channel(claim) -> str:
    """E-mail when the tenant gave one; else the page of the claim."""
    return Channel.EMAIL if claim.contact_email else Channel.WEB
