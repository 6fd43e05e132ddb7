"""Every date and hour that people read, in words: "today, 10:30 AM", « 1er déc., 23 h 12 ».

The only module that formats them (tests/portal/test_times.py): one way to write them per language.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext

# Django's own short names are cut after three letters: « jui » is June and July.
MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)


def _english() -> bool:
    return (get_language() or "fr").startswith("en")


def _local(value: datetime | date) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def _formatted(value: date, pattern: str) -> str:
    """Return ``value`` in Django's ``pattern``; in French the first of a month is « 1er »."""
    if value.day == 1 and not _english():
        pattern = pattern.replace("j", r"j\e\r", 1)
    return date_format(value, pattern)


def full_day(value: datetime | date | None) -> str:
    """Return the day for papers: « 27 novembre 2026 », whatever today is."""
    if value is None:
        return ""
    return _formatted(_local(value), "j F Y")


def full_moment(value: datetime | None) -> str:
    """Return day and hour for papers: « 27 novembre 2026, 10 h 30 »."""
    return f"{full_day(value)}, {clock(value)}" if value else ""


def clock(value: datetime | time | None) -> str:
    """Return the hour alone: « 10 h 30 », « 14 h », "10:30 AM".

    An aware moment becomes local, an hour of the day stays; None gives "". AM without full stops:
    a sentence may end there.
    """
    if value is None:
        return ""
    local = timezone.localtime(value).time() if isinstance(value, datetime) else value
    if _english():
        return time_format(local, "g\u00a0A" if local.minute == 0 else "g:i\u00a0A")
    return time_format(local, "G\u00a0\\h" if local.minute == 0 else "G\u00a0\\h\u00a0i")


def hours(span: Any) -> str:
    """Return « 8 h 30 – 12 h 30 » for whatever opens and closes, or starts and ends."""
    first = span.opens if hasattr(span, "opens") else span.starts
    last = span.closes if hasattr(span, "closes") else span.ends
    return f"{clock(first)} – {clock(last)}"


def day(value: datetime | date | None) -> str:
    """Return the day in words: today, tomorrow, yesterday, or weekday and date; year if another."""
    if value is None:
        return ""
    local, today = _local(value), timezone.localdate()
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if (local - today).days in near:
        return near[(local - today).days]
    if abs(local - today) < timedelta(days=180):
        return _formatted(local, "l j F")
    return _formatted(local, "j F Y")


def moment(value: datetime | None) -> str:
    """Return day and hour: « jeudi 27 novembre, 10 h 30 »."""
    return f"{day(value)}, {clock(value)}" if value else ""


def week_day(value: datetime | date | None) -> str:
    """Return « jeudi 27 novembre »: a message may be read days later, so never « tomorrow »."""
    return _formatted(_local(value), "l j F") if value else ""


def week_moment(value: datetime | None) -> str:
    """Return « jeudi 27 novembre, 10 h 30 », for messages."""
    return f"{week_day(value)}, {clock(value)}" if value else ""


def period(span: Any) -> str:
    """Return « mardi 8 décembre, de 8 h à 16 h », or both days, of what starts and ends."""
    said = {"start": week_moment(span.starts), "end": week_moment(span.ends)}
    if _local(span.starts) != _local(span.ends):
        return gettext("from %(start)s to %(end)s") % said
    said = {"day": week_day(span.starts), "start": clock(span.starts), "end": clock(span.ends)}
    return gettext("%(day)s, from %(start)s to %(end)s") % said


def short_day(value: datetime | date | None) -> str:
    """Return the day for narrow lists: « 1er déc. », "27 Nov"; the year only of another one."""
    if value is None:
        return ""
    local = _local(value)
    year = "" if local.year == timezone.localdate().year else f" {local.year}"
    if _english():
        return date_format(local, "j M") + year
    number = "1er" if local.day == 1 else local.day
    return f"{number} {MONTHS[local.month - 1]}{year}"


def short_month(value: date) -> str:
    """Return the month for axes: « nov. », "Nov"."""
    return date_format(value, "M") if _english() else MONTHS[value.month - 1]


def month_and_year(value: date) -> str:
    """Return the month for tables: « nov. 2026 », "Nov 2026"."""
    return f"{short_month(value)} {value.year}"
