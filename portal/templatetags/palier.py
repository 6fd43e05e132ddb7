"""Times in words: "today, 10:30 am", "Thursday 27 November, 2 pm". In the reader's own zone."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

register = template.Library()


def _english() -> bool:
    return (get_language() or "fr").startswith("en")


def format_date(value: date, pattern: str) -> str:
    """Return ``value`` in Django's ``pattern``; in French the first of a month is « 1er »."""
    if value.day == 1 and not _english():
        pattern = pattern.replace("j", r"j\e\r", 1)
    return date_format(value, pattern)


@register.filter
def full_day(value: datetime | date | None) -> str:
    """Return the day for papers: « 27 novembre 2026 », whatever today is."""
    if value is None:
        return ""
    return format_date(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


@register.filter
def full_moment(value: datetime | None) -> str:
    """Return day and hour for papers: « 27 novembre 2026, 10 h 30 »."""
    return f"{full_day(value)}, {clock(value)}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """Return the hour alone: « 10 h 30 », « 14 h », "10:30 AM".

    Aware in, local out; None gives "". AM without full stops: a sentence may end there.
    """
    if value is None:
        return ""
    local = timezone.localtime(value)
    if _english():
        return date_format(local, "g\u00a0A" if local.minute == 0 else "g:i\u00a0A")
    return date_format(local, "G\u00a0\\h" if local.minute == 0 else "G\u00a0\\h\u00a0i")


@register.filter
def day(value: datetime | date | None) -> str:
    """Return the day in words: today, tomorrow, yesterday, or weekday and date; year if another."""
    if value is None:
        return ""
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    today = timezone.localdate()
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if (local - today).days in near:
        return near[(local - today).days]
    if abs(local - today) < timedelta(days=180):
        return format_date(local, "l j F")
    return format_date(local, "j F Y")


@register.filter
def moment(value: datetime | None) -> str:
    """Return day and hour: « jeudi 27 novembre, 10 h 30 »."""
    return f"{day(value)}, {clock(value)}" if value else ""


@register.filter
def short_day(value: datetime | date | None) -> str:
    """Return the day for narrow lists: « 27 nov. »; the year only when it is another one."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    same = local.year == timezone.localdate().year
    return format_date(local, "j b" if same else "j b Y")
