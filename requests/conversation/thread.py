"""The conversation as people read it: who, through which channel, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.templatetags.palier import moment as moment_text
from requests.channels.failure_reasons import explain_failure
from requests.channels.models import Intake
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.claims.transitions import undo_until
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

State = Delivery.State


@dataclass(frozen=True)
class InternalMail:
    """A mail about the claim to somebody else than its tenant, shown to staff like a note."""

    pk: UUID
    at: datetime
    text: str
    channel: str
    outcomes: list[dict]
    direction: str = Message.Direction.NOTE
    author: None = None
    came: None = None
    has_html: bool = False

    def get_channel_display(self) -> str:
        return str(Channel(self.channel).label)


def thread(
    claim: Claim,
    events: list[ClaimEvent],
    now: datetime,
    *,
    notes: bool,
    entries: QuerySet | None = None,
) -> list[Message | InternalMail]:
    """Return every entry of the conversation, oldest first.

    ``entries``: those that the reader may see; None for all. ``notes`` adds the internal ones:
    notes, and mails to the contractor. An entry of ours has ``outcomes``, dicts of ``words``,
    ``bad`` and ``to`` (the recipient, for staff only); one of theirs has ``came``, its raw input,
    and ``has_html``.
    """
    entries = claim.messages.all() if entries is None else entries
    entries = entries.select_related("author", "intake").prefetch_related("attachments")
    if not notes:
        entries = entries.exclude(direction=Message.Direction.NOTE)
    # The raw mail may weigh megabytes; the page needs none of it.
    found = list(
        entries.defer("intake__raw", "intake__html", "intake__text").annotate(
            has_html=Exists(Intake.objects.of(message=OuterRef("pk")).exclude(html=""))
        )
    )
    told: dict[int | None, list[Delivery]] = {}
    internal: list[Delivery] = []
    for row in claim.deliveries.order_by("created_at"):
        if row.kind == Delivery.Kind.CLAIM_EVENT:
            told.setdefault(row.event_id, []).append(row)
        else:
            internal.append(row)
    events_of = {e.facts["message"]: e for e in events if e.facts.get("message")}
    for entry in found:
        entry.came = getattr(entry, "intake", None)
        entry.outcomes = []
        if entry.direction == Message.Direction.OUT:
            event = events_of.get(str(entry.pk))
            rows = told.get(event.pk, []) if event else []
            entry.outcomes = [outcome(row, now) for row in rows] or [
                _without_delivery(entry, event, now)
            ]
    if not notes or not internal:
        return found
    return sorted([*found, *(_internal(row, now) for row in internal)], key=lambda e: e.at)


def _internal(row: Delivery, now: datetime) -> InternalMail:
    text = f"{capfirst(row.get_kind_display())}: {row.subject}"
    return InternalMail(row.pk, row.created_at, text, row.channel, [outcome(row, now)])


def _without_delivery(entry: Message, event: ClaimEvent | None, now: datetime) -> dict:
    """Say where an entry without delivery is: said aloud, about to leave, or on the page."""
    if entry.channel == Channel.COUNTER:
        words = _("said at the counter")
    elif event is not None and now < undo_until(event):
        words = _("leaves in half a minute")
    else:
        words = _("on the page of the request")
    return {"words": words, "bad": False, "to": ""}


def outcome(row: Delivery, now: datetime) -> dict:
    """Return what became of one delivery, in words; ``bad`` when a person should look at it."""
    channel = row.get_channel_display()
    facts = {
        "channel": channel,
        "when": moment_text(row.delivered_at or row.sent_at or row.due_at),
        "why": explain_failure(row.channel, row.answer),
    }
    if row.channel == Channel.PHONE:
        words = _("to be said by phone")
    elif row.state == State.QUEUED and row.channel == Channel.LETTER:
        words = _("letter to be printed")
    elif row.state == State.QUEUED and row.due_at > now:
        words = _("%(channel)s leaves %(when)s") % facts
    elif row.state == State.QUEUED:
        words = _("%(channel)s about to leave") % facts
    elif row.state == State.SENT:
        words = _("%(channel)s sent %(when)s") % facts
    elif row.state == State.DELIVERED:
        words = _("%(channel)s arrived %(when)s") % facts
    elif row.state == State.RETRYING:
        words = _("%(channel)s did not leave: %(why)s. Next try %(when)s") % (
            facts | {"when": moment_text(row.due_at)}
        )
    elif row.state == State.DROPPED:
        words = _("%(channel)s not sent: it was not needed any more") % facts
    elif row.state == State.SUPPRESSED:
        words = _("%(channel)s held: too many messages in a short time") % facts
    else:
        words = _("%(channel)s did not arrive: %(why)s") % facts
    bad = row.state in (State.FAILED, State.RETRYING, State.SUPPRESSED)
    return {"words": words, "bad": bad, "to": row.recipient.replace("\n", ", ")}
