"""The period of figures, and the usual range that a unit is compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import quantiles

from django.utils import timezone

MONTHS = 12  # months drawn
MEMORY = 36  # months from which the usual range is computed
ENOUGH = 6  # fewest months that make a usual range


@dataclass(frozen=True)
class Period:
    """The time from ``start`` up to, and without, ``end``; aware instants."""

    start: datetime
    end: datetime

    @classmethod
    def last(cls, days: int, now: datetime) -> "Period":
        return cls(now - timedelta(days=days), now)

    @classmethod
    def between(cls, first: date, last: date) -> "Period":
        """Return whole local days (Europe/Paris), both included."""
        zone = timezone.get_current_timezone()
        return cls(
            datetime.combine(first, time.min, tzinfo=zone),
            datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
        )


def month_starts(now: datetime, count: int = MONTHS) -> list[datetime]:
    """Return the first instants of the last ``count`` local months, the current one last."""
    today = timezone.localdate(now)
    first = today.year * 12 + today.month - count
    zone = timezone.get_current_timezone()
    return [datetime((first + n) // 12, (first + n) % 12 + 1, 1, tzinfo=zone) for n in range(count)]


def usual_range(values: Iterable[float | None]) -> tuple[float, float] | None:
    """Return the first and third quartile of a unit's past values; None when too few."""
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH:
        return None
    low, _middle, high = quantiles(known, n=4, method="inclusive")
    return low, high
