"""Days and months of figures, and the usual range that a unit is compared with. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from statistics import quantiles

MONTHS = 12  # months drawn
MEMORY = 36  # months from which the usual range is computed
ENOUGH = 6  # fewest months that make a usual range
# Whole days after which head office sees what an agency saw at once (docs/principles.md, D7).
LEAD = timedelta(days=3)


def month_starts(last: date, count: int = MONTHS) -> list[date]:
    """Return the first days of the last ``count`` months, that of ``last`` at the end."""
    first = last.year * 12 + last.month - count
    return [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(count)]


def week_starts(last: date, count: int) -> list[date]:
    """Return the Mondays of the last ``count`` weeks, that of ``last`` at the end."""
    monday = last - timedelta(days=last.weekday())
    return [monday - timedelta(weeks=count - 1 - n) for n in range(count)]


def usual_range(values: Iterable[float | None]) -> tuple[float, float] | None:
    """Return the first and third quartile of a unit's past values; None when too few."""
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH:
        return None
    low, _middle, high = quantiles(known, n=4, method="inclusive")
    return low, high


def is_above(value: float | None, usual: tuple[float, float] | None, least: float = 1) -> bool:
    """Return whether a value exceeds the usual range by half its width and by ``least``."""
    if value is None or usual is None:
        return False
    low, high = usual
    return value >= high + max(least, (high - low) / 2)


def is_below(value: float | None, usual: tuple[float, float] | None, least: float = 1) -> bool:
    """Return whether a value stays under the usual range by half its width and by ``least``."""
    if value is None or usual is None:
        return False
    low, high = usual
    return value <= low - max(least, (high - low) / 2)
