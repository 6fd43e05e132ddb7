"""The hours at which a text message may be sent: not at night, Sundays or holidays. Pure."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FROM, UNTIL = time(20), time(8)
ALWAYS = frozenset({"U0", "U1"})


def next_allowed(
    at: datetime,
    urgency: str,
    holidays: Collection[date],
    zone: str = "Europe/Paris",
    own: tuple[int | None, int | None] = (None, None),
) -> datetime:
    """Return the first instant from aware ``at`` on when an SMS may be sent, in UTC.

    Emergencies (U0, U1) go at once, at any hour. ``own`` are the hours from and until which the
    person wants texts; they only narrow those of everybody.
    """
    if urgency in ALWAYS:
        return at
    local = at.astimezone(ZoneInfo(zone))
    day = local.date()
    begins = max(UNTIL, time(own[0])) if own[0] is not None else UNTIL
    ends = min(FROM, time(own[1])) if own[1] is not None else FROM
    if local.time() >= ends:
        day += timedelta(days=1)
    while day.weekday() == 6 or day in holidays:
        day += timedelta(days=1)
    if day == local.date() and local.time() >= begins:
        return at
    return datetime.combine(day, begins, ZoneInfo(zone)).astimezone(UTC)
