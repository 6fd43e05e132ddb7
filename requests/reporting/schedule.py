"""Pure: when a scheduled export is due, and when it counts as missed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

LATE = timedelta(hours=6)


class Rhythm(TextChoices):
    """How often a file is made."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every Monday")
    MONTHLY = "monthly", _("on the first of the month")


def latest(rhythm: str, hour: int, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the newest moment at which a file was due, not after ``now``."""
    day = now.astimezone(zone).date()
    for _step in range(32):
        due = datetime.combine(day, time(hour), zone)
        fits = (
            rhythm == Rhythm.DAILY
            or (rhythm == Rhythm.WEEKLY and day.weekday() == 0)
            or (rhythm == Rhythm.MONTHLY and day.day == 1)
        )
        if fits and due <= now:
            return due
        day -= timedelta(days=1)
    raise AssertionError("a month has a first day")


def is_missed(due: datetime, now: datetime) -> bool:
    """Return whether a file that is not made yet should have left long ago."""
    return now - due >= LATE
