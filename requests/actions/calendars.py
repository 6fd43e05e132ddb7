"""The working time of a unit, from its rows."""

from datetime import date

import holidays
from django.db.models import Q

from agencies.models import Closure, Unit
from agencies.units import hours_of
from requests import deadlines


def calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    """The unit's working time this year and next: its hours, else the landlord's usual ones;

    French public holidays and closures are taken off.
    """
    hours: dict[int, list] = {}
    for row in hours_of(unit):
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(holidays.country_holidays("FR", years=[around.year, around.year + 1]))
    closures = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True), last_day__gte=around)
    for closure in closures:
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))
