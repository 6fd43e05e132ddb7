"""What may be done with several claims at once, and what each of these asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk, Membership
from portal.clock import now
from requests.claims.events import Event
from requests.conversation.forms import text_field
from requests.conversation.promised_date import promised_field
from requests.inbox.attention_forms import GiveForm, SnoozeForm, within_reach
from requests.kit.checked_text import LintedForm
from requests.labels.forms import bulk_fields

ASSIGN, SNOOZE, LABEL, GROUP = "assign", "snooze", "label", "group"
TITLES = {
    Event.TAKE_CHARGE.value: _("Take in charge"),
    ASSIGN: _("Give to a colleague"),
    Event.HAND_OVER.value: _("Hand over to another desk"),
    Event.ASK.value: _("Ask a question or a photo"),
    Event.ANSWER.value: _("Answer with one text, and finish"),
    SNOOZE: _("Put aside until a date"),
    LABEL: _("Put a label on, or take it off"),
    GROUP: _("Group under one incident"),
}
# Folded under « Other » in the bar, each with its key while some are ticked: the one of the same
# step on an open claim, where that has one.
OTHER_KEYS = {
    Event.HAND_OVER.value: "H",
    Event.ASK.value: "R",
    Event.ANSWER.value: "F",
    SNOOZE: "S",
    LABEL: "L",
    GROUP: "D",
}
OTHERS = [(what, TITLES[what], key) for what, key in OTHER_KEYS.items()]
# These are done at once; the others ask for something first.
AT_ONCE = frozenset({Event.TAKE_CHARGE.value, GROUP})


class BulkForm(LintedForm):
    """What one of ``TITLES`` asks for; each claim is then held to its own rules."""

    linted = ("text", "reason")

    def __init__(self, *args: Any, what: str, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "bulk_%s"} | kwargs)
        self.what = what
        self.title = TITLES[what]
        self.left = 0
        if what == ASSIGN:
            self.fields |= GiveForm(membership=membership).fields
        elif what == SNOOZE:
            self.fields |= SnoozeForm().fields
        elif what == LABEL:
            self.fields |= bulk_fields()
        elif what == Event.HAND_OVER:
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
            self.fields["due"] = promised_field(_("Next news before"))
        elif what in {Event.ASK, Event.ANSWER}:
            self.fields["text"] = text_field(_("Text to the tenant"), _("Sent as it stands."))
            if what == Event.ASK:
                self.fields["text"].initial = _(
                    "Could you send us a photo of what is wrong? Without one, call us."
                )
        self.seal()

    def clean_due(self) -> Any:
        if self.cleaned_data["due"] <= now():
            raise forms.ValidationError(_("Give a time that is still to come."))
        return self.cleaned_data["due"]

    def clean_until(self) -> Any:
        return within_reach(self.cleaned_data["until"])
