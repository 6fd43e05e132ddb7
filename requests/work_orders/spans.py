"""Named spans of a day for visits, in local hours."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Half days and shorter spans, local hours.
SPANS = {
    "8-10": (time(8), time(10), _("8 am to 10 am")),
    "10-12": (time(10), time(12), _("10 am to 12 noon")),
    "13-15": (time(13), time(15), _("1 pm to 3 pm")),
    "15-17": (time(15), time(17), _("3 pm to 5 pm")),
}


def span(day: date, name: str) -> tuple[datetime, datetime]:
    """Return the aware start and end of a named span on ``day``, local time."""
    starts, ends, _label = SPANS[name]
    return (
        timezone.make_aware(datetime.combine(day, starts)),
        timezone.make_aware(datetime.combine(day, ends)),
    )
