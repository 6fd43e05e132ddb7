"""The working time of a unit, and the hours in which its tenants may get a text message."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.db.models import Q

from agencies.models import Closure, Unit
from agencies.units import hours_of
from requests.channels import quiet_hours
from requests.promises import deadlines

_read: ContextVar[dict | None] = ContextVar("calendars of one page", default=None)


@contextmanager
def calendars_read_once() -> Iterator[None]:
    """Read the calendar of each unit once within the block: what several parts of a page ask."""
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


@lru_cache(maxsize=32)
def public_holidays(year: int, region: str = "") -> frozenset[date]:
    """Return the French public holidays of ``year`` and the next; cached, since it is slow.

    ``region``: "6AE" for Alsace, "57" Moselle, "974" Réunion … (agencies.HolidayRegion).
    """
    found = holidays.country_holidays("FR", subdiv=region or None, years=[year, year + 1])
    return frozenset(found)


def holidays_around(unit: Unit | None, at: datetime) -> frozenset[date]:
    """Return the public holidays of the unit's region, this year and next; None: of all France."""
    zone, region = (unit.time_zone, unit.holiday_region) if unit else (settings.TIME_ZONE, "")
    return public_holidays(at.astimezone(ZoneInfo(zone)).year, region)


def may_ring(
    unit: Unit | None,
    urgency: str,
    at: datetime,
    own: tuple[int | None, int | None] = (None, None),
) -> datetime:
    """Return the first instant from aware ``at`` on when a tenant of ``unit`` may get a text.

    ``own``: between which hours the person wants them.
    """
    zone = unit.time_zone if unit else settings.TIME_ZONE
    return quiet_hours.next_allowed(at, urgency, holidays_around(unit, at), zone, own)


def calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    """Return the unit's working time in the year of ``around`` and the next.

    Its own hours, else the landlord's; the public holidays of its region and closures are days off.
    """
    kept = _read.get()
    if kept is None:
        return _calendar_of(unit, around)
    key = (unit.pk, around)
    if key not in kept:
        kept[key] = _calendar_of(unit, around)
    return kept[key]


def _calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    hours: dict[int, list[tuple[time, time]]] = {}
    for row in hours_of(unit):
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(public_holidays(around.year, unit.holiday_region))
    closures = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True), last_day__gte=around)
    for closure in closures:
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))
