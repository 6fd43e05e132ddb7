"""Choose the claim that a person gets when they ask for the next one. Pure: no ORM, no clock.

By promise first: what is due soonest helps a tenant most. On the same day, what the person knows
(families) and follows (sectors) comes first. Nobody is ranked: the rule looks only at how many
claims a person has, so that nobody gets more than a fair share, and never at how fast they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from requests.kit.choices import CALENDAR_URGENCIES, Urgency

OFF, FIRST, ONLY = "off", "first", "only"
SLACK = 3  # claims above an equal part, so that a small rest is not left lying


@dataclass(frozen=True)
class WaitingClaim:
    """One unassigned claim. ``promised``: local day, ``promise_at``: its instant."""

    key: object
    urgency: str
    family: str
    sector: int | None
    filed_at: datetime
    promise_at: datetime | None = None
    promised: date | None = None

    @property
    def urgent(self) -> bool:
        return self.urgency in CALENDAR_URGENCIES


@dataclass(frozen=True)
class Person:
    """Who asks. ``away``: local days off to come; ``in_hand``: claims they have now."""

    families: frozenset[str] = frozenset()
    sectors: frozenset[int] = frozenset()
    away: frozenset[date] = frozenset()
    in_hand: int = 0


@dataclass(frozen=True)
class Terms:
    """How the desk shares.

    ``present``: people there today; ``held``: claims assigned to them all.
    """

    skills: str = FIRST
    sectors: str = FIRST
    most_in_hand: int = 15
    present: int = 1
    held: int = 0

    def share(self, waiting: int) -> int:
        """Return the most one person gets: an equal part plus ``SLACK``, or the desk's cap."""
        fair = -(-(waiting + self.held) // max(1, self.present)) + SLACK
        return min(self.most_in_hand, fair)


def next_one(person: Person, waiting: Iterable[WaitingClaim], terms: Terms) -> WaitingClaim | None:
    """Return the claim to give, or None when nothing fits or the person has their fair share.

    Emergencies (U0–U2) go to the first who asks, whatever they know or have in hand. What
    is promised for a day on which the person is away is left to the others.
    """
    rows = list(waiting)
    urgent = [row for row in rows if row.urgent]
    if urgent:
        return min(urgent, key=lambda row: _key(person, row, terms))
    if person.in_hand >= terms.share(len(rows)):
        return None
    fits = [row for row in rows if _fits(person, row, terms)]
    return min(fits, key=lambda row: _key(person, row, terms), default=None)


def _knows(person: Person, row: WaitingClaim) -> bool:
    return not person.families or row.family in person.families


def _follows(person: Person, row: WaitingClaim) -> bool:
    return not person.sectors or row.sector is None or row.sector in person.sectors


def _fits(person: Person, row: WaitingClaim, terms: Terms) -> bool:
    if row.promised in person.away:
        return False
    if terms.skills == ONLY and not _knows(person, row):
        return False
    return terms.sectors != ONLY or _follows(person, row)


def _key(person: Person, row: WaitingClaim, terms: Terms) -> tuple:
    """Sort emergencies by instant; the others by day, then by what fits, then by instant."""
    day = (row.promised is None, row.promised or date.max)
    fit = (
        terms.skills != OFF and not _knows(person, row),
        terms.sectors != OFF and not _follows(person, row),
    )
    instant = (row.promise_at is None, row.promise_at or row.filed_at, row.filed_at, str(row.key))
    if row.urgent:  # a danger to life before the other emergencies
        return (row.urgency != Urgency.U0, *instant)
    return (*day, *fit, *instant)
