"""Desks and hours of a new unit, so that a claim can be routed to it from its first minute."""

from __future__ import annotations

from datetime import time

from django.utils.translation import gettext as _

from agencies.models import Desk, OpeningHours, Unit

AGENCY_DESKS = (Desk.Kind.CLIENTELE, Desk.Kind.TECHNICAL, Desk.Kind.CARETAKERS)
HEAD_DESKS = tuple(kind for kind in Desk.Kind if kind not in AGENCY_DESKS)
WORKING_DAYS = range(5)  # Monday to Friday
WORKING_SPANS = ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30)))


def starting_desks(unit: Unit) -> list[Desk]:
    """Return the unsaved desks that a new unit of this kind needs."""
    kinds = HEAD_DESKS if unit.kind == Unit.Kind.HEAD_OFFICE else AGENCY_DESKS
    return [Desk(unit=unit, kind=kind, name=str(kind.label)) for kind in kinds]


def starting_hours(unit: Unit | None) -> list[OpeningHours]:
    """Return the unsaved usual week of ``unit``, or of the landlord without it. Local time."""
    return [
        OpeningHours(unit=unit, weekday=day, opens=opens, closes=closes)
        for day in WORKING_DAYS
        for opens, closes in WORKING_SPANS
    ]


def new_head_office() -> Unit:
    """Return the unsaved head office of a landlord that has none yet."""
    return Unit(kind=Unit.Kind.HEAD_OFFICE, code="siege", name=_("Head office"))


def hours_of(unit: Unit) -> list[OpeningHours]:
    """Return the unit's week; else the landlord's usual one.

    Else Monday to Friday, never nothing.
    """
    own = list(unit.hours.all())
    usual = own or list(OpeningHours.objects.filter(unit__isnull=True))
    return usual or starting_hours(None)
