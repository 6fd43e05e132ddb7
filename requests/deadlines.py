"""From urgency and calendar to a promise. Pure: no ORM, no clock.

Emergency classes U0–U2 run in calendar time, the others in the unit's working time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from requests.choices import CALENDAR_URGENCIES

FAR = 400  # days looked ahead before a calendar is said to have no opening


@dataclass(frozen=True)
class Calendar:
    """A unit's working time: intervals by weekday (0 = Monday), local, and days off."""

    zone: str
    hours: Mapping[int, Iterable[tuple[time, time]]]
    days_off: frozenset[date] = field(default_factory=frozenset)


def add_working(start: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The UTC instant at which ``length`` of working time has passed since aware ``start``.

    Elapsed time is counted in UTC, so that a night of clock change loses or gains nothing.
    Raises ValueError when the calendar has no working time in the next ``FAR`` days.
    """
    zone = ZoneInfo(calendar.zone)
    now, left = start.astimezone(UTC), length
    day = start.astimezone(zone).date()
    for _ in range(FAR):
        if day not in calendar.days_off:
            for opens, closes in sorted(calendar.hours.get(day.weekday(), ())):
                first = max(datetime.combine(day, opens, zone).astimezone(UTC), now)
                last = datetime.combine(day, closes, zone).astimezone(UTC)
                if last <= first:
                    continue
                if first + left <= last:
                    return first + left
                left -= last - first
        day += timedelta(days=1)
    raise ValueError("this calendar has no working time")


def promise(filed_at: datetime, urgency: str, ack_hours: float, calendar: Calendar) -> datetime:
    """When the tenant has news at the latest, in UTC."""
    length = timedelta(hours=float(ack_hours))
    if urgency in CALENDAR_URGENCIES:
        return (filed_at + length).astimezone(UTC)
    # A promise of "48 h" is two days of eight working hours.
    return add_working(filed_at, length / 3, calendar)


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Whether the aware instant ``at`` falls inside the calendar's working time."""
    local = at.astimezone(ZoneInfo(calendar.zone))
    if local.date() in calendar.days_off:
        return False
    spans = calendar.hours.get(local.weekday(), ())
    return any(opens <= local.time() < closes for opens, closes in spans)


def free_slot(after: datetime, length: timedelta, calendar: Calendar) -> datetime | None:
    """The first full hour from ``after`` on which opens ``length`` of unbroken working time.

    Aware in, UTC out; None when the calendar has none in the next ``FAR`` days.
    """
    zone = ZoneInfo(calendar.zone)
    first_day = after.astimezone(zone).date()
    for ahead in range(FAR):
        day = first_day + timedelta(days=ahead)
        if day in calendar.days_off:
            continue
        for opens, closes in sorted(calendar.hours.get(day.weekday(), ())):
            start = max(datetime.combine(day, opens, zone).astimezone(UTC), after.astimezone(UTC))
            if start.minute or start.second or start.microsecond:
                start = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            if start + length <= datetime.combine(day, closes, zone).astimezone(UTC):
                return start
    return None
