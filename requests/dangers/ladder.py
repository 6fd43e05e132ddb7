"""Who is rung next about a danger. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

ALWAYS, OPEN = "always", "open"
ROUNDS = 2  # how often the whole ladder is gone up before the portal says that nobody answers


@dataclass(frozen=True)
class Rung:
    """One step: who, by which number, and how long they have to answer."""

    name: str
    phone: str
    minutes: int
    hours: str = ALWAYS


def in_force(rungs: Sequence[Rung], *, unit_open: bool) -> list[Rung]:
    """Return the steps that count now, in their order; all of them when none is for this hour.

    Somebody is rung even where the ladder forgot the nights.
    """
    now = OPEN if unit_open else "closed"
    return [rung for rung in rungs if rung.hours in (ALWAYS, now)] or list(rungs)


def rung_of(rungs: Sequence[Rung], number: int) -> Rung | None:
    """Return the step to ring as the ``number``-th (from 0); None once the ladder is at its end."""
    if not rungs or number >= ROUNDS * len(rungs):
        return None
    return rungs[number % len(rungs)]


def wait_after(rung: Rung) -> timedelta:
    """Return how long the person has to take the claim in hand."""
    return timedelta(minutes=rung.minutes)
