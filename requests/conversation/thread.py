"""The conversation as people read it: all that left or came, once, with what became of it.

Messages, what the portal told by itself (acknowledgements, dates offered, reminders, letters),
calls, and what other slices add (requests/claims/entries.py). The same list for the tenant and for
staff, each with their part; oldest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.dates import moment as moment_text
from portal.phones import national_format
from portal.punctuation import with_colon
from requests.channels.failure_reasons import explain_failure
from requests.claims.entries import Entry, entries_of
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import undo_until
from requests.conversation import timeline
from requests.kit.choices import CallOutcome, Channel
from requests.notifications.events import TOLD
from requests.notifications.models import Delivery

State = Delivery.State
AnyEntry: TypeAlias = Any  # a Message with what thread() adds to it, or an Entry
# A message is its own entry: its event is not told a second time.
PLAIN = frozenset({Event.MESSAGE_IN, Event.MESSAGE_OUT})
# What staff read of an event: a step is named as it was done, not as its button says it.
TITLES = {
    Event.ROUTED: gettext_lazy("Acknowledgement of receipt"),
    Event.TAKE_CHARGE: gettext_lazy("Taken in charge"),
    Event.ASK: gettext_lazy("Asked of the tenant"),
    Event.ANSWER: gettext_lazy("Answered and finished"),
    Event.REFUSE: pgettext_lazy("news", "Refused"),
    Event.CLOSE_UNANSWERED: gettext_lazy("Closed without an answer"),
    Event.REOPEN: pgettext_lazy("news", "Reopened"),
    Event.HAND_OVER: gettext_lazy("Handed over"),
    Event.INFORM: gettext_lazy("New date given"),
    Event.MERGE: gettext_lazy("Merged with another request"),
    Event.PLAN: gettext_lazy("Visit planned"),
    Event.LATE: pgettext_lazy("news", "Late: a new date was given"),
}
NUMBERED = frozenset({Channel.SMS, Channel.PHONE})  # whose recipients are phone numbers
MOST, LAST = 14, 9  # a longer conversation shows its last entries, and the others on demand


@dataclass(frozen=True)
class Reader:
    """Whose sight of the conversation it is.

    ``staff`` see notes, names of recipients and the words that left. ``own``: the author of the
    claim, who alone is told of calls and of what concerns them as a person.
    """

    staff: bool = False
    own: bool = True


STAFF, AUTHOR, HOME = Reader(staff=True), Reader(), Reader(own=False)


def thread(
    claim: Claim,
    events: Sequence[ClaimEvent],
    now: datetime,
    *,
    reader: Reader,
    entries: QuerySet | None = None,
) -> list[AnyEntry]:
    """Return every entry that the reader may see, oldest first.

    ``events`` are all of the claim, with their actors; ``entries`` the messages that the reader may
    see, None for all. Each entry has ``kind``, ``outcomes`` (dicts of ``words``, ``bad`` and
    ``to``, the recipient, for staff only) and ``attached``; a message also ``title`` (the step that
    it belongs to), ``came`` (its raw input) and ``has_html``.
    """
    messages = _messages(claim, entries, reader)
    told: dict[int | None, list[Delivery]] = {}
    others: list[Delivery] = []
    for row in claim.deliveries.all():
        if row.kind == Delivery.Kind.CLAIM_EVENT:
            told.setdefault(row.event_id, []).append(row)
        else:
            others.append(row)
    wording = timeline.Wording(claim, events)
    events_of = _events_of(messages, events, claim)
    for entry in messages:
        event = events_of.get(str(entry.pk))
        if event and event.name not in PLAIN:
            entry.title = _title(event, wording, reader)
        if entry.direction == Message.Direction.OUT:
            rows = told.get(event.pk, []) if event else []
            entry.outcomes = [outcome(row, now) for row in rows] or [
                _without_delivery(entry.channel, event, now)
            ]
    taken = {event.pk for event in events_of.values()}
    found: list[AnyEntry] = [*messages]
    for event in events:
        if event.pk not in taken:
            found += _told(event, told.get(event.pk, []), wording, reader, now)
    if reader.staff:
        found += [_internal(row, now) for row in others]
    found += entries_of(claim, staff=reader.staff)
    return sorted(found, key=lambda entry: entry.at)


def fold(entries: list[AnyEntry]) -> tuple[list[AnyEntry], list[AnyEntry]]:
    """Return what is shown on demand of a long conversation, and what is always shown."""
    if len(entries) <= MOST:
        return [], entries
    return entries[:-LAST], entries[-LAST:]


def _messages(claim: Claim, entries: QuerySet | None, reader: Reader) -> list[Message]:
    found = list(claim.messages.all())
    if entries is not None:
        seen = set(entries.values_list("pk", flat=True))
        found = [entry for entry in found if entry.pk in seen]
    if not reader.staff:
        found = [entry for entry in found if entry.direction != Message.Direction.NOTE]
    for entry in found:
        entry.kind, entry.title = "message", ""
        entry.came = getattr(entry, "intake", None)
        entry.has_html = entry.came is not None and entry.came.has_html
        entry.outcomes = []
        entry.attached = list(entry.attachments.all())
    return found


def _events_of(
    messages: list[Message], events: Iterable[ClaimEvent], claim: Claim
) -> dict[str, ClaimEvent]:
    """Return the event of each message by its id; the words of a filing name none."""
    shown = {str(entry.pk) for entry in messages}
    found = {
        event.facts["message"]: event for event in events if event.facts.get("message") in shown
    }
    filed = next((event for event in events if event.name == Event.FILED), None)
    first = messages[0] if messages else None
    if filed and first and first.at == filed.at and first.text == claim.words:
        found[str(first.pk)] = filed
    return found


def _title(event: ClaimEvent, wording: timeline.Wording, reader: Reader) -> str:
    if not reader.staff:
        return wording.sentence(event)
    return "" if event.name == Event.FILED else str(TITLES.get(Event(event.name), event.label))


def _told(
    event: ClaimEvent,
    rows: list[Delivery],
    wording: timeline.Wording,
    reader: Reader,
    now: datetime,
) -> list[Entry]:
    """Return the entry of an event that no message stands for; none when it is not theirs."""
    if reader.staff:
        return _told_staff(event, rows, now)
    text = wording.sentence(event) if wording.may_tell(event, own=reader.own) else ""
    if not text:
        return []
    outcomes = [outcome(row, now) for row in rows] if reader.own else []
    return [Entry(f"e-{event.pk}", event.at, text, outcomes=outcomes)]


def _told_staff(event: ClaimEvent, rows: list[Delivery], now: datetime) -> list[Entry]:
    if event.name not in TOLD | {Event.CALLED} or event.name not in Event.values:
        return []
    text = str(TITLES.get(Event(event.name), event.label))
    outcomes = [outcome(row, now) for row in rows]
    if event.name == Event.CALLED:
        how = event.facts.get("outcome", "")
        text += f": {CallOutcome(how).label}" if how in CallOutcome.values else ""
    elif not rows:
        outcomes = [_without_delivery("", event, now)]
    who = event.actor.first_name if event.actor and event.role != "tenant" else ""
    return [
        Entry(
            f"e-{event.pk}",
            event.at,
            text,
            who=who,
            sent=list(dict.fromkeys(row.text for row in rows if row.text)),
            outcomes=outcomes,
        )
    ]


def _internal(row: Delivery, now: datetime) -> Entry:
    """Return a message about the claim to somebody else than its tenant."""
    text = with_colon(capfirst(row.get_kind_display()), row.subject)
    return Entry(
        f"d-{row.pk}",
        row.created_at,
        text,
        kind="internal",
        channel=str(row.get_channel_display()),
        outcomes=[outcome(row, now)],
    )


def _without_delivery(channel: str, event: ClaimEvent | None, now: datetime) -> dict[str, Any]:
    """Say where an entry without delivery is: said aloud, about to leave, or on the page."""
    if channel == Channel.COUNTER:
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
        words = _("leaves by %(channel)s %(when)s") % facts
    elif row.state == State.QUEUED:
        words = _("leaves by %(channel)s in a moment") % facts
    elif row.state == State.SENT:
        words = _("sent by %(channel)s %(when)s") % facts
    elif row.state == State.DELIVERED:
        words = _("arrived by %(channel)s %(when)s") % facts
    elif row.state == State.RETRYING:
        words = _("did not leave by %(channel)s: %(why)s. Next try %(when)s") % (
            facts | {"when": moment_text(row.due_at)}
        )
    elif row.state == State.DROPPED:
        words = _("not sent by %(channel)s: it was not needed any more") % facts
    elif row.state == State.SUPPRESSED:
        words = _("held by us (%(channel)s): too many messages in a short time") % facts
    else:
        words = _("did not arrive by %(channel)s: %(why)s") % facts
    bad = row.state in (State.FAILED, State.RETRYING, State.SUPPRESSED)
    to = row.recipient
    if row.channel in NUMBERED:
        to = national_format(to)
    return {"words": words, "bad": bad, "to": to.replace("\n", ", ")}
