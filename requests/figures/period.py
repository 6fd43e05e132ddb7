"""The stretch of time that figures speak of, and the habit it is compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import quantiles

from django.utils import timezone

MONTHS = 12  # drawn
MEMORY = 36  # looked back at, for the habit
ENOUGH = 6  # months without which there is no habit


@dataclass(frozen=True)
class Period:
    """From ``start`` up to ``end``, aware instants; ``end`` is left out."""

    start: datetime
    end: datetime

    @classmethod
    def last(cls, days: int, now: datetime) -> "Period":
        return cls(now - timedelta(days=days), now)

    @classmethod
    def between(cls, first: date, last: date) -> "Period":
        """Whole local days (Europe/Paris), both included."""
        zone = timezone.get_current_timezone()
        return cls(
            datetime.combine(first, time.min, tzinfo=zone),
            datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
        )


def month_starts(now: datetime, count: int = MONTHS) -> list[datetime]:
    """The first instants of the last ``count`` local months, the current one last."""
    today = timezone.localdate(now)
    first = today.year * 12 + today.month - count
    zone = timezone.get_current_timezone()
    return [datetime((first + n) // 12, (first + n) % 12 + 1, 1, tzinfo=zone) for n in range(count)]


def habit(values: Iterable[float | None]) -> tuple[float, float] | None:
    """The first and third quartile of one's own past; None when the past is too short."""
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH:
        return None
    low, _middle, high = quantiles(known, n=4, method="inclusive")
    return low, high
