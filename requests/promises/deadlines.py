"""Compute the date of a promise from urgency, calendar and pauses. Pure: no ORM, no clock.

Emergencies (U0 to U2) count every hour, the other urgencies count the unit's working time. The
clock is paused while the landlord waits for the tenant's answer or for access to the dwelling.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from requests.kit.choices import CALENDAR_URGENCIES, Urgency

FAR = 400  # days to search before a calendar counts as having no working time
MINUTE = timedelta(minutes=1)
AFTER_OPENING = timedelta(hours=1)  # what waited for the doors to open is dealt with by then
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Calendar:
    """A unit's working time: intervals by weekday (0 = Monday), local, and days off.

    A ``closes`` of midnight (00:00) means the end of the day.
    """

    zone: str
    hours: Mapping[int, Iterable[tuple[time, time]]]
    days_off: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Pause:
    """A pause of the clock from ``start`` to ``end`` (aware); ``end`` None: not over yet."""

    start: datetime
    end: datetime | None = None


def due(
    start: datetime,
    length: timedelta,
    calendar: Calendar | None,
    pauses: Iterable[Pause] = (),
) -> datetime | None:
    """Return the UTC instant at which ``length`` has passed since aware ``start``.

    ``calendar`` None counts every minute. Elapsed time is counted in UTC, so that a change to or
    from summer time loses or gains nothing. None when an open pause begins before that instant.
    Raises ValueError when the calendar has no working time in the next ``FAR`` days.
    """
    stops = _joined(pauses)
    endless = stops[-1] if stops and stops[-1].end is None else None
    until = endless.start.astimezone(UTC) if endless else None
    left = length
    for opens, closes in _without(_openings(start, calendar), stops):
        if until and opens >= until:
            return None
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    if until:
        return None
    raise ValueError("this calendar has no working time")


def elapsed(
    start: datetime, end: datetime, calendar: Calendar | None, pauses: Iterable[Pause] = ()
) -> timedelta:
    """Return the working time between two aware instants, without the pauses."""
    end = end.astimezone(UTC)
    total = timedelta()
    for opens, closes in _without(_openings(start, calendar), _joined(pauses)):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def add_time(start: datetime, length: timedelta, calendar: Calendar | None) -> datetime:
    """Return ``due`` without pauses, in UTC. Raises ValueError when the calendar never opens."""
    instant = due(start, length, calendar)
    assert instant is not None  # only a pause gives None
    return instant


def promised_length(urgency: str, hours: float) -> timedelta:
    """Return the length of a promise of ``hours``.

    A promise of "48 h" is 48 hours for an emergency, else two days of eight working hours.
    """
    length = timedelta(hours=float(hours))
    return length if urgency in CALENDAR_URGENCIES else length / 3


def promise(
    filed_at: datetime,
    urgency: str,
    hours: float,
    calendar: Calendar | None,
    pauses: Iterable[Pause] = (),
    *,
    on_call: bool = False,
) -> datetime | None:
    """Return the latest date of the news, in UTC; None while the clock is paused.

    It falls when somebody is there to keep it, as ``attended`` says. ``on_call``: somebody is there
    at every hour. ``calendar`` may be None for emergencies only: then every hour counts.
    """
    pauses = list(pauses)
    emergency = urgency in CALENDAR_URGENCIES
    length = promised_length(urgency, hours)
    end = due(filed_at, length, None if emergency else calendar, pauses)
    if end is None or calendar is None or not emergency or on_call:
        return end
    since = max([filed_at, *(p.end for p in pauses if p.end and p.end <= end)])
    kept = attended(end, since, calendar)
    # A danger to life never waits for the doors to open: whoever is on call takes it at night.
    return min(end, kept) if urgency == Urgency.U0 else kept


def attended(at: datetime, since: datetime, calendar: Calendar) -> datetime:
    """Return ``at`` or, when nobody is there then, the nearest moment when somebody is, in UTC.

    That is the last closing before it, when at least a quarter of the time from ``since`` is left
    until then; else an hour after the next opening. ``at`` itself when the calendar never opens.
    """
    at, since = at.astimezone(UTC), since.astimezone(UTC)
    closing = None
    for opens, closes in _openings(since, calendar):
        if opens <= at <= closes:
            return at
        if opens > at:
            if closing and closing - since >= (at - since) / 4:
                return closing
            return min(opens + AFTER_OPENING, closes)
        closing = closes
    return at


def full_minute(at: datetime) -> datetime:
    """Return ``at`` or the full minute after it: forms and texts know no seconds."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + MINUTE


def due_date(filed_at: datetime, urgency: str, hours: float, calendar: Calendar) -> datetime:
    """Return the end of ``hours`` without pauses, in UTC, at whatever hour it falls.

    For work that goes on day and night, such as a contractor's. Raises ValueError if the calendar
    never opens.
    """
    counted = None if urgency in CALENDAR_URGENCIES else calendar
    return add_time(filed_at, promised_length(urgency, hours), counted)


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Return whether the aware instant ``at`` falls inside the calendar's working time."""
    local = at.astimezone(ZoneInfo(calendar.zone))
    if local.date() in calendar.days_off:
        return False
    spans = calendar.hours.get(local.weekday(), ())
    return any(o <= local.time() and (local.time() < c or c == time()) for o, c in spans)


def free_slot(after: datetime, length: timedelta, calendar: Calendar) -> datetime | None:
    """Return the first full hour after ``after`` with ``length`` of unbroken working time.

    ``after`` is aware; the result is in UTC, or None when there is none in the next ``FAR`` days.
    """
    for opens, closes in _openings(after, calendar):
        start = opens.replace(minute=0, second=0, microsecond=0)
        start = start if start == opens else start + timedelta(hours=1)
        if start + length <= closes:
            return start
    return None


def _openings(start: datetime, calendar: Calendar | None) -> Iterator[Span]:
    """Yield the spans of working time from ``start`` on, in UTC, in order."""
    start = start.astimezone(UTC)
    if calendar is None:
        yield start, start + timedelta(days=36_500)
        return
    zone = ZoneInfo(calendar.zone)
    first = start.astimezone(zone).date()
    for number in range(FAR):
        day = first + timedelta(days=number)
        if day in calendar.days_off:
            continue
        spans = sorted(calendar.hours.get(day.weekday(), ()))
        for begins, ends, offset in _segments(day, zone) if spans else ():
            for opens, closes in spans:
                opened = datetime.combine(day, opens, UTC) - offset
                last = day if closes != time() else day + timedelta(days=1)
                closed = datetime.combine(last, closes, UTC) - offset
                span = max(opened, begins, start), min(closed, ends)
                if span[0] < span[1]:
                    yield span


def _segments(day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime, timedelta]]:
    """Return the local day as UTC spans with one offset each: two when summer time changes."""
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    before, after = _offset(begins, zone), _offset(ends - MINUTE, zone)
    if before == after:
        return [(begins, ends, before)]
    low, high = begins, ends
    while high - low > MINUTE:
        middle = low + (high - low) // 2 // MINUTE * MINUTE
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return [(begins, high, before), (high, ends, after)]


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    """Return the offset from UTC in ``zone`` at ``at``."""
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always answers for an aware datetime
    return offset


def _joined(pauses: Iterable[Pause]) -> list[Pause]:
    """Return the pauses in order, with overlapping ones merged."""
    joined: list[Pause] = []
    for pause in sorted(pauses, key=lambda p: p.start):
        last = joined[-1] if joined else None
        if last and (last.end is None or pause.start <= last.end):
            end = None if last.end is None or pause.end is None else max(last.end, pause.end)
            joined[-1] = Pause(last.start, end)
        else:
            joined.append(pause)
    return joined


def _without(spans: Iterator[Span], stops: list[Pause]) -> Iterator[Span]:
    """Yield the spans without the pauses ``stops``."""
    for opens, closes in spans:
        for stop in stops:
            if stop.start >= closes:
                break
            if stop.end is not None and stop.end <= opens:
                continue
            if stop.start > opens:
                yield opens, stop.start.astimezone(UTC)
            if stop.end is None or stop.end >= closes:
                opens = closes
                break
            opens = stop.end.astimezone(UTC)
        if opens < closes:
            yield opens, closes
