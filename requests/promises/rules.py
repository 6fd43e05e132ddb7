"""What is promised for a claim, what keeps a promise, and how lateness climbs. Pure: no ORM.

No statute sets repair deadlines (docs/principles.md, C6): every length here is the landlord's own
promise, and a default that a row of the terms replaces.
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

# Hours as people say them: "48 h" is two working days outside the emergency classes.
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

# Whatever staff tell the tenant is news; the last two settle the matter.
_TOLD = {
    Event.TAKE_CHARGE,
    Event.ASK,
    Event.PLAN,
    Event.ANSWER,
    Event.REFUSE,
    Event.REPORT_DONE,
    Event.MESSAGE_OUT,
    Event.REOPEN,
}
_SETTLED = {Event.ANSWER, Event.REFUSE, Event.REPORT_DONE}
KEPT_BY: Mapping[str, frozenset[str]] = {
    ACKNOWLEDGEMENT: frozenset(_TOLD),
    TAKE_CHARGE: frozenset(_TOLD - {Event.MESSAGE_OUT}),
    FIRST_VISIT: frozenset({Event.START, *_SETTLED}),
    RESOLUTION: frozenset(_SETTLED),
    NEWS: frozenset(_TOLD),
    COMPLAINT_ACK: frozenset(_TOLD),
    COMPLAINT_REPLY: frozenset({Event.ANSWER, Event.REFUSE}),
    LEGAL: frozenset(_SETTLED),
}
# What ends the wait for access to a dwelling: a new visit, or nothing more to visit.
ACCESS_AGAIN = frozenset({Event.PLAN, Event.START, *_SETTLED})
PAUSED_IN = frozenset({State.WAITING_TENANT.value})


def default_hours(kind: str, urgency: str, ack_hours: float, resolve_days: float) -> float | None:
    """The landlord's usual length in hours; None when nothing of the kind is promised."""
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
    """One step of the climb. ``share`` of the length before due, or ``after`` it, in hours."""

    name: str
    told: str
    share: float | None = None
    after: float = 0.0


# Towards the tenant's date a colleague is told; at it the manager and the tenant; then head office.
LEVELS = (
    Level("before", "desk", share=0.2),
    Level("due", "agency_manager"),
    Level("after", "head_office", after=24),
)


def level_at(level: Level, start: datetime, due: datetime, urgency: str) -> datetime:
    """When a level is reached, in UTC: a fifth of the length before, at, or a day after.

    Emergencies climb to head office after an hour. The share is taken of elapsed time: it only
    warns, and never moves what was promised.
    """
    if level.share is not None:
        return due - (due - start) * level.share
    hours = level.after / 24 if urgency in CALENDAR_URGENCIES else level.after
    return due + timedelta(hours=hours)


def next_mail(now: datetime, *, urgent: bool) -> datetime:
    """When the colleagues' next gathered mail leaves, in the zone of ``now``.

    At the next full hour; within five minutes for emergencies.
    """
    step = 5 if urgent else 60
    floor = now.replace(minute=now.minute - now.minute % step, second=0, microsecond=0)
    return floor + timedelta(minutes=step)
