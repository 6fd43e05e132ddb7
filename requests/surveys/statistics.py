"""Pure: means and shares of marks from 0 to 10, with intervals of 95 %, over units of any size.

A cell is how often each mark was given: eleven numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from requests.kit.intervals import Z, share_interval

Cell = Sequence[int]
MARKS = 11
SATISFIED = 7  # and more


@dataclass(frozen=True)
class Mean:
    """A mean of marks, its interval, and how many answered. ``variance`` is that of the mean."""

    value: float
    variance: float
    n: int

    @property
    def low(self) -> float:
        """Return the lower end of the interval, not below 0."""
        return max(0.0, self.value - Z * sqrt(self.variance))

    @property
    def high(self) -> float:
        """Return the upper end of the interval, not above 10."""
        return min(10.0, self.value + Z * sqrt(self.variance))


def empty() -> list[int]:
    """Return a cell in which nobody answered."""
    return [0] * MARKS


def add(cells: Iterable[Cell]) -> list[int]:
    """Return the cells put together."""
    return [sum(numbers) for numbers in zip(empty(), *cells, strict=True)]


def mean(cell: Cell, homes: int = 0) -> Mean | None:
    """Return the mean of a cell; None when nobody answered.

    ``homes``: how many there are to ask, 0 when not known. Whoever asks half of them knows half of
    the truth for sure: the variance is smaller by that share.
    """
    n = sum(cell)
    if not n:
        return None
    value = sum(mark * times for mark, times in enumerate(cell)) / n
    # Of a single answer, or of answers all alike, chance is not known: at least that of one step.
    squares = sum(times * (mark - value) ** 2 for mark, times in enumerate(cell))
    spread = max(squares / (n - 1) if n > 1 else 0.0, 1 / 12)
    left = 1 - n / homes if homes > n else (1.0 if not homes else 0.0)
    return Mean(value, spread / n * left, n)


def weighted(cells: Mapping[str, Cell], homes: Mapping[str, int]) -> Mean | None:
    """Return the mean of all homes: each unit counts by its homes, not by who answered there.

    Units where nobody answered are left out; the page says so. None when nobody answered.
    """
    found = {unit: mean(cell, homes.get(unit, 0)) for unit, cell in cells.items()}
    known = {unit: one for unit, one in found.items() if one is not None}
    whole = sum(homes.get(unit, 0) for unit in known)
    n = sum(one.n for one in known.values())
    if not known:
        return None
    if not whole:
        return mean(add(cells.values()))
    parts = [(homes.get(unit, 0) / whole, one) for unit, one in known.items()]
    return Mean(
        sum(part * one.value for part, one in parts),
        sum(part * part * one.variance for part, one in parts),
        n,
    )


def differ(one: Mean, other: Mean) -> bool:
    """Return whether two waves differ by more than chance lets them."""
    return abs(one.value - other.value) > Z * sqrt(one.variance + other.variance)


def satisfied(cell: Cell) -> tuple[float, float, float] | None:
    """Return the share of marks from 7 up with its interval; None when nobody answered."""
    n, part = sum(cell), sum(cell[SATISFIED:])
    bounds = share_interval(part, n)
    return (part / n, *bounds) if bounds else None
