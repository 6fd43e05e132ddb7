"""Pure: who is drawn. A share of the homes of each unit, at random, the units apart."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from random import Random, SystemRandom
from typing import TypeVar

# Nobody is asked again within a year of the last time.
PAUSE = timedelta(days=365)
Home = TypeVar("Home")


def size(homes: int, share: int, available: int) -> int:
    """Return how many of a unit's ``homes`` to draw: ``share`` per cent, rounded up.

    Never more than are ``available``: those who refused, or were asked within the year, are not.
    """
    return min(available, ceil(homes * share / 100))


def draw(
    available: Mapping[int, Sequence[Home]],
    homes: Mapping[int, int],
    share: int,
    rng: Random | None = None,
) -> dict[int, list[Home]]:
    """Return who is drawn, by unit. ``homes`` counts all occupied homes, ``available`` names some.

    A home that was left out is not replaced by giving others a larger chance in another unit.
    """
    chosen = rng or SystemRandom()
    return {
        unit: chosen.sample(list(rows), size(homes[unit], share, len(rows)))
        for unit, rows in available.items()
    }
