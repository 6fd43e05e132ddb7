"""Forms of the inbox: one per row of the transition table, the reply, and the call."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk
from portal.clock import now
from requests.catalogue.kinds import Kind
from requests.catalogue.models import Category
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation.forms import text_field
from requests.conversation.promised_date import nearest_kept, nobody_there, promised_field
from requests.kit.checked_text import LintedForm
from requests.kit.choices import RefusalReason, Urgency
from requests.kit.fields import FilesField
from requests.promises.store import is_on_call

if TYPE_CHECKING:
    pass

# The text of these goes to the tenant; the second set may also go without a text.
ANSWERS_WITH_FILES = frozenset({Event.ASK, Event.ANSWER, Event.REFUSE})
SENDS = frozenset({Event.ASK, Event.ANSWER, Event.REFUSE, Event.INFORM})
MAY_SEND = frozenset({Event.TAKE_CHARGE, Event.PLAN, Event.REPORT_DONE})
# Corrections that have a page of their own, with a search.
SEARCHED = frozenset({Event.RELOCATE, Event.IDENTIFY})
NO_FACTS = frozenset({"version", "sure", "attached"})
HOURS = [("1", _("1 hour")), ("2", _("2 hours")), ("4", _("half a day"))]


def grouped_categories() -> list:
    """Return every offered category under its family, for a plain select."""
    groups: dict[str, list] = {}
    for category in Category.objects.filter(active=True).select_related("family"):
        groups.setdefault(str(category.family), []).append((category.code, str(category)))
    return [("", "—"), *groups.items()]


class ActForm(LintedForm):
    """Ask for the facts that one transition needs; ``version`` tells whether the claim changed.

    ``among`` are the claims into which it may be merged, asked for only by that form.
    """

    linted = ("text", "reason")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        transition: str,
        claim: Claim | None = None,
        among: Iterable[Claim] = (),
        **kwargs: Any,
    ) -> None:
        kwargs["auto_id"] = f"{transition}_%s"
        super().__init__(*args, **kwargs)
        self.claim = claim
        self.among = {str(other.pk): other for other in among}
        self.transition = transition
        self.label = Event(transition).label
        build = getattr(self, f"_{transition}", None)
        if build:
            build(claim)
        elif transition in SENDS:
            self.fields["text"] = text_field(_("Text to the tenant"), _("Sent as it stands."))
        elif transition in MAY_SEND:
            self._optional_text()
        if transition in ANSWERS_WITH_FILES:
            self.fields["attached"] = FilesField(_("Files"))
        self.seal()

    def _optional_text(self) -> None:
        self.fields["text"] = text_field(
            _("Text to the tenant"), _("Sent as it stands."), required=False
        )

    def _take_charge(self, _claim: Claim | None) -> None:
        self._optional_text()
        self.fields["promise_at"] = promised_field(_("Next news before"), required=False)

    def _inform(self, _claim: Claim | None) -> None:
        self.fields["promise_at"] = promised_field(_("Next news before"))
        self.fields["text"] = text_field(_("Text to the tenant"), _("Sent as it stands."))

    def _plan(self, _claim: Claim | None) -> None:
        self.fields["visit_at"] = promised_field(_("Visit"))
        self.fields["hours"] = forms.ChoiceField(
            label=_("How long to be home"), choices=HOURS, required=False, initial="2"
        )
        self._optional_text()

    def _refuse(self, _claim: Claim | None) -> None:
        self.fields["reason"] = forms.ChoiceField(
            label=_("Reason"),
            choices=[("", "—"), *RefusalReason.choices],
            error_messages={"required": _("Choose the reason.")},
        )
        self.fields["text"] = text_field(
            _("Text to the tenant"),
            _("Say why. How to ask for a review is added for you."),
        )

    def _close_unanswered(self, claim: Claim | None) -> None:
        if claim and claim.category.kind == Kind.INSPECTION:
            self.label = _("File the report")
            self.fields["text"] = text_field(
                _("What follows from the report"), _("It stands in the history of the equipment.")
            )
            return
        self.fields["text"] = text_field(
            _("What was tried to reach the tenant"), _("The tenant can read it.")
        )

    def _reopen(self, _claim: Claim | None) -> None:
        self.fields["text"] = text_field(_("Why it is reopened"), _("The tenant can read it."))

    def _hand_over(self, _claim: Claim | None) -> None:
        self.fields["desk"] = forms.ModelChoiceField(
            label=_("Desk"),
            queryset=Desk.objects.select_related("unit"),
            error_messages={"required": _("Choose the desk.")},
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            help_text=_("Both desks see it."),
            max_length=300,
            error_messages={"required": _("Write the reason.")},
        )
        self.fields["due"] = promised_field(_("Next news before"))

    def _reclassify(self, claim: Claim) -> None:
        self.fields["category"] = forms.ChoiceField(
            label=_("Category"),
            choices=grouped_categories,
            initial=claim.category.code if claim else "",
            error_messages={"required": _("Choose the category.")},
        )
        self.fields["urgency"] = forms.ChoiceField(
            label=_("Urgency"),
            choices=[("", _("as the category says")), *Urgency.choices],
            required=False,
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            max_length=300,
            error_messages={"required": _("Write the reason.")},
        )

    def _merge(self, _claim: Claim | None) -> None:
        offered = [
            (pk, f"{other.spoken_reference} · {other.category}") for pk, other in self.among.items()
        ]
        self.fields["into"] = forms.ChoiceField(
            label=_("The request that goes on"),
            choices=[("", "—"), *offered],
            help_text=_("What the tenant sends to this one then arrives there."),
            error_messages={
                "required": _("Choose the request that goes on."),
                "invalid_choice": _("Choose the request that goes on."),
            },
        )

    def _ahead(self, name: str) -> datetime | None:
        value = self.cleaned_data[name]
        if value and value <= now():
            raise forms.ValidationError(_("Give a time that is still to come."))
        return value

    def clean_visit_at(self) -> datetime | None:
        return self._ahead("visit_at")

    def clean(self) -> dict[str, Any]:
        """Return the data; refuse a promise for an hour at which nobody is there to keep it."""
        data = super().clean() or {}
        desk = data.get("desk")
        for name in ("due", "promise_at"):
            at = data.get(name)
            if at is None or self.claim is None or is_on_call(desk):
                continue
            nearest = nearest_kept(self.claim, at)
            if nearest != at:
                self.add_error(name, nobody_there(nearest))
        return data

    def clean_due(self) -> datetime | None:
        return self._ahead("due")

    def clean_promise_at(self) -> datetime | None:
        return self._ahead("promise_at")

    def event_facts(self) -> dict:
        """Return the facts for ``advance``: JSON values, and moments for what the claim stores."""
        facts = {k: v for k, v in self.cleaned_data.items() if k not in NO_FACTS}
        if self.transition == Event.HAND_OVER:
            facts["desk"] = facts["desk"].pk
            facts["due"] = facts["due"].isoformat()
        if self.transition == Event.PLAN:
            hours = int(facts.pop("hours") or 2)
            facts["visit_until"] = facts["visit_at"] + timedelta(hours=hours)
        return {k: v for k, v in facts.items() if v not in (None, "")}


class SaveViewForm(forms.Form):
    """Ask for a name under which to save the list as shown."""

    name = forms.CharField(
        label=_("Name of the view"),
        max_length=40,
        error_messages={"required": _("Give the view a name.")},
    )
    shared = forms.BooleanField(label=_("Show it to my whole unit"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "view-%s"} | kwargs)
