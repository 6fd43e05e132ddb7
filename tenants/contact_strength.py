"""Say what a contact point is worth, and who writes from it. Pure, no ORM.

The one place for both (docs/adr/0046-who-writes.md). The answer carries keys and reasons only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

PROOFS = frozenset({"code", "link"})


class Strength(IntEnum):
    """What a point is worth, weakest first."""

    DEAD = 0
    STATED = 1
    CONFIRMED = 2
    PROVED = 3


class Grade(StrEnum):
    """How sure it is who writes; only ``SURE`` makes somebody the author without a person."""

    SURE = "sure"
    PROBABLY = "probably"
    SHARED = "shared"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Holder:
    """Somebody who has the number or address, as the rows of today say it.

    ``homes`` are the keys of the dwellings where they live today, ``sure`` says whether
    confidential things may go there (docs/adr/0045-contacts-expire-lists-logged.md).
    """

    person: str
    strength: Strength
    homes: frozenset[str] = frozenset()
    sure: bool = True


@dataclass(frozen=True)
class Sender:
    """Who writes. ``person`` and ``home`` are set when there is one; ``people`` are all holders."""

    grade: Grade = Grade.UNKNOWN
    person: str | None = None
    home: str | None = None
    people: tuple[str, ...] = ()
    proved: bool = False

    @property
    def author(self) -> str | None:
        """Return who may become the author without a person looking."""
        return self.person if self.grade == Grade.SURE else None


def strength(*, verified: bool, proof: str, failing: bool) -> Strength:
    """Return what a point is worth, from its row."""
    if failing:
        return Strength.DEAD
    if verified or proof in PROOFS:
        return Strength.PROVED
    return Strength.CONFIRMED if proof else Strength.STATED


def who_writes(holders: Iterable[Holder], *, proven: bool = True) -> Sender:
    """Decide who writes from one number or address.

    ``proven``: the channel proved that it was sent from there; what somebody typed is not.
    """
    alive = [holder for holder in holders if holder.strength > Strength.DEAD]
    living = [holder for holder in alive if holder.homes]
    # Files keep the numbers of people who left; one that was proved still counts.
    counted = [h for h in alive if h.homes or h.strength > Strength.STATED] if living else alive
    people = {holder.person: holder for holder in counted}
    if not people:
        return Sender()
    keys = tuple(sorted(people))
    homes = frozenset.intersection(*(holder.homes for holder in people.values()))
    if len(people) > 1 and not homes:
        return Sender(Grade.SHARED, people=keys)
    home = next(iter(homes)) if len(homes) == 1 else None
    if len(people) > 1:
        return Sender(Grade.PROBABLY, home=home if proven else None, people=keys)
    holder = people[keys[0]]
    proved = holder.strength == Strength.PROVED
    sure = proven and holder.sure and holder.strength >= Strength.CONFIRMED
    grade = Grade.SURE if sure else Grade.PROBABLY
    return Sender(grade, holder.person, home if proven else None, keys, proved)
