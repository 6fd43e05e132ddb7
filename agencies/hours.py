"""Opening hours and caretakers in words, for the "Talk to someone" block."""

from datetime import date

from django.db.models import Q
from django.utils.dates import WEEKDAYS_ABBR

from agencies.models import Membership, Residence, Unit
from agencies.units import hours_of
from portal.access import Role
from portal.dates import hours as span_text


def hours_text(unit: Unit) -> list[str]:
    """Return « lun.–ven. : 8 h 30 – 12 h 30, 13 h 30 – 17 h 30 »: equal days share a line."""
    days: dict[int, str] = {}
    for row in hours_of(unit):
        span = span_text(row)
        days[row.weekday] = f"{days[row.weekday]}, {span}" if row.weekday in days else span
    groups: list[tuple[int, int, str]] = []
    for weekday in sorted(days):
        if groups and groups[-1][1] == weekday - 1 and groups[-1][2] == days[weekday]:
            groups[-1] = (groups[-1][0], weekday, days[weekday])
        else:
            groups.append((weekday, weekday, days[weekday]))
    return [
        f"{WEEKDAYS_ABBR[first]}{f'–{WEEKDAYS_ABBR[last]}' if last > first else ''} {spans}"
        for first, last, spans in groups
    ]


def caretakers_of(residence: Residence, today: date) -> list[Membership]:
    """Return the caretakers in force on ``today`` for the residence's sector.

    Those without sector serve all. Only their first name and ``presence`` are meant for tenants.
    """
    return list(
        Membership.objects.filter(unit=residence.unit_id, role=Role.CARETAKER, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .filter(Q(sectors__isnull=True) | Q(sectors=residence.sector_id))
        .select_related("user")
        .distinct()
        .order_by("pk")
    )
