"""Named spans of a day for visits, in local hours."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.functional import lazy

from portal.dates import clock


def _said(starts: time, ends: time) -> str:
    return f"{clock(starts)} – {clock(ends)}"


# Half days and shorter spans, local hours: start, end, and what people read.
SPANS = {
    f"{first}-{last}": (time(first), time(last), lazy(_said, str)(time(first), time(last)))
    for first, last in ((8, 10), (10, 12), (13, 15), (15, 17))
}


def span(day: date, name: str) -> tuple[datetime, datetime]:
    """Return the aware start and end of a named span on ``day``, local time."""
    starts, ends, _label = SPANS[name]
    return (
        timezone.make_aware(datetime.combine(day, starts)),
        timezone.make_aware(datetime.combine(day, ends)),
    )
