"""Rules of promises: their lengths, the events that keep them, their escalation. Pure: no ORM.

No statute sets repair deadlines (docs/principles.md, C6): every length here is the landlord's own
promise, and a default that a ``PromiseTerm`` replaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from requests.claims.events import Event
from requests.kit.choices import CALENDAR_URGENCIES, State, Urgency

ACKNOWLEDGEMENT, TAKE_CHARGE = "acknowledgement", "take_charge"
FIRST_VISIT, RESOLUTION, NEWS = "first_visit", "resolution", "news"
COMPLAINT_ACK, COMPLAINT_REPLY, LEGAL = "complaint_ack", "complaint_reply", "legal_term"
KINDS = (
    ACKNOWLEDGEMENT,
    TAKE_CHARGE,
    FIRST_VISIT,
    RESOLUTION,
    NEWS,
    COMPLAINT_ACK,
    COMPLAINT_REPLY,
    LEGAL,
)

# Hours as people write them: "48 h" is two working days, except for emergencies.
TAKE_CHARGE_HOURS: Mapping[str, float] = {
    Urgency.U0: 0.5,
    Urgency.U1: 2,
    Urgency.U2: 8,
    Urgency.U3: 48,
    Urgency.U4: 72,
    Urgency.U5: 120,
    Urgency.A1: 48,
    Urgency.A2: 72,
    Urgency.A3: 120,
    Urgency.A4: 120,
}
FIRST_VISIT_HOURS: Mapping[str, float] = {
    Urgency.U0: 2,
    Urgency.U1: 6,
    Urgency.U2: 24,
    Urgency.U3: 120,
    Urgency.U4: 240,
    Urgency.U5: 480,
}

# Every message of staff to the tenant is news.
_NEWS_EVENTS = {
    Event.TAKE_CHARGE,
    Event.ASK,
    Event.PLAN,
    Event.ANSWER,
    Event.REFUSE,
    Event.REPORT_DONE,
    Event.MESSAGE_OUT,
    Event.REOPEN,
}
_RESOLVING_EVENTS = {Event.ANSWER, Event.REFUSE, Event.REPORT_DONE}
KEPT_BY: Mapping[str, frozenset[str]] = {
    ACKNOWLEDGEMENT: frozenset(_NEWS_EVENTS),
    TAKE_CHARGE: frozenset(_NEWS_EVENTS - {Event.MESSAGE_OUT}),
    FIRST_VISIT: frozenset({Event.START, *_RESOLVING_EVENTS}),
    RESOLUTION: frozenset(_RESOLVING_EVENTS),
    # A cancelled visit was the next news: the message that cancels it gives another date.
    NEWS: frozenset({*_NEWS_EVENTS, Event.UNPLAN}),
    COMPLAINT_ACK: frozenset(_NEWS_EVENTS),
    COMPLAINT_REPLY: frozenset({Event.ANSWER, Event.REFUSE}),
    LEGAL: frozenset(_RESOLVING_EVENTS),
}
# Events that end the wait for access to a dwelling: a new visit, or the end of the work.
ACCESS_AGAIN = frozenset({Event.PLAN, Event.START, *_RESOLVING_EVENTS})
PAUSED_IN = frozenset({State.WAITING_TENANT.value})


def default_hours(kind: str, urgency: str, ack_hours: float, resolve_days: float) -> float | None:
    """Return the landlord's default length in hours; None when this kind is not promised."""
    if kind == ACKNOWLEDGEMENT:
        return float(ack_hours)
    if kind == RESOLUTION:
        return float(resolve_days) * 24
    if kind == TAKE_CHARGE:
        return max(TAKE_CHARGE_HOURS[urgency], float(ack_hours))
    if kind == FIRST_VISIT:
        hours = FIRST_VISIT_HOURS.get(urgency)
        return None if hours is None else min(hours, float(resolve_days) * 24)
    return None


@dataclass(frozen=True)
class Level:
    """One level of escalation.

    It is reached a ``share`` of the length before the due date, or ``after`` hours after it.
    """

    name: str
    told: str
    share: float | None = None
    after: float = 0.0


# Before the tenant's date the desk is told, at the date the manager and the tenant, then head
# office.
LEVELS = (
    Level("before", "desk", share=0.2),
    Level("due", "agency_manager"),
    Level("after", "head_office", after=24),
)


def level_at(level: Level, start: datetime, due: datetime, urgency: str) -> datetime:
    """Return when a level is reached, in the zone of ``due``.

    The levels are a fifth of the length before the due date, the due date, and a day after it.
    Emergencies reach head office after an hour. The fifth is taken of elapsed time, not of working
    time: it only warns and never moves the promise.
    """
    if level.share is not None:
        return due - (due - start) * level.share
    hours = level.after / 24 if urgency in CALENDAR_URGENCIES else level.after
    return due + timedelta(hours=hours)


def next_mail(now: datetime, *, urgent: bool) -> datetime:
    """Return when the next mail to colleagues is sent, in the zone of ``now``.

    It is the next full hour, or the next multiple of five minutes for emergencies.
    """
    step = 5 if urgent else 60
    floor = now.replace(minute=now.minute - now.minute % step, second=0, microsecond=0)
    return floor + timedelta(minutes=step)
