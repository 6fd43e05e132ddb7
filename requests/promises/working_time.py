"""The working time of a unit, and the hours in which its tenants may get a text message."""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.db.models import Q

from agencies.models import Closure, Unit
from agencies.units import hours_of
from portal.memory import is_reading_once, once
from requests.channels import quiet_hours
from requests.promises import deadlines


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
    return once(("calendar", unit.pk, around), lambda: _calendar_of(unit, around))


def closures_key(unit: Unit) -> tuple:
    """Return the key of ``portal.memory`` for the closures of a unit and of the landlord."""
    return ("closures", unit.pk)


def _closures_of(unit: Unit, around: date) -> list[Closure]:
    """Return the closures of the unit and of the landlord that end on ``around`` or later."""
    rows = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True))
    if not is_reading_once():
        return list(rows.filter(last_day__gte=around))
    # A page asks from several days on: all of them at once.
    every = once(closures_key(unit), lambda: list(rows))
    return [row for row in every if row.last_day >= around]


def _calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    hours: dict[int, list[tuple[time, time]]] = {}
    for row in hours_of(unit):
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(public_holidays(around.year, unit.holiday_region))
    for closure in _closures_of(unit, around):
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))
