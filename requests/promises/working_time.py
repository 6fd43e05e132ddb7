"""The working time of a unit, from its rows, and when a phone of its tenants may ring."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.db.models import Q

from agencies.models import Closure, Unit
from agencies.units import hours_of
from requests.channels import quiet_hours
from requests.promises import deadlines


@lru_cache(maxsize=32)
def public_holidays(year: int, region: str = "") -> frozenset[date]:
    """French public holidays of ``year`` and the next; kept, since computing them is slow.

    ``region``: "6AE" for Alsace, "57" Moselle, "974" Réunion … (agencies.HolidayRegion).
    """
    found = holidays.country_holidays("FR", subdiv=region or None, years=[year, year + 1])
    return frozenset(found)


def holidays_around(unit: Unit | None, at: datetime) -> frozenset[date]:
    """The public holidays where ``unit`` stands, this year and next; ``None`` is all of France."""
    zone, region = (unit.time_zone, unit.holiday_region) if unit else (settings.TIME_ZONE, "")
    return public_holidays(at.astimezone(ZoneInfo(zone)).year, region)


def may_ring(unit: Unit | None, urgency: str, at: datetime) -> datetime:
    """The first instant from aware ``at`` on when a text message may ring at a home of ``unit``."""
    zone = unit.time_zone if unit else settings.TIME_ZONE
    return quiet_hours.next_allowed(at, urgency, holidays_around(unit, at), zone)


def calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    """The unit's working time this year and next: its hours, else the landlord's usual ones;

    the public holidays of where it stands, and closures, are taken off.
    """
    hours: dict[int, list] = {}
    for row in hours_of(unit):
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(public_holidays(around.year, unit.holiday_region))
    closures = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True), last_day__gte=around)
    for closure in closures:
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))
