"""The hours at which a text message may be sent: not at night, Sundays or holidays. Pure."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FROM, UNTIL = time(20), time(8)
ALWAYS = frozenset({"U0", "U1"})


def next_allowed(
    at: datetime, urgency: str, holidays: Collection[date], zone: str = "Europe/Paris"
) -> datetime:
    """Return the first instant from aware ``at`` on when an SMS may be sent, in UTC.

    Emergencies (U0, U1) go at once, at any hour.
    """
    if urgency in ALWAYS:
        return at
    local = at.astimezone(ZoneInfo(zone))
    day = local.date()
    if local.time() >= FROM:
        day += timedelta(days=1)
    while day.weekday() == 6 or day in holidays:
        day += timedelta(days=1)
    if day == local.date() and local.time() >= UNTIL:
        return at
    return datetime.combine(day, UNTIL, ZoneInfo(zone)).astimezone(UTC)
