"""Which maintenance contracts are in force at a place."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.access import EVERYWHERE
from agencies.models import Building, MaintenanceContract, Membership, Residence


def in_force(
    residence: Residence, building: Building | None, moment: datetime, kind: str = ""
) -> list[MaintenanceContract]:
    """Return the contracts of the place on the day of ``moment``, with their contractor.

    A contract that names no place covers the whole stock; of a residence, also those of one of its
    buildings. ``kind``: only those that name this kind of equipment.
    """
    today = timezone.localdate(moment)
    everywhere = Q(units__isnull=True, residences__isnull=True, buildings__isnull=True)
    here = Q(units=residence.unit_id) | Q(residences=residence)
    here |= Q(buildings=building) if building else Q(buildings__residence=residence)
    rows = MaintenanceContract.objects.filter(
        everywhere | here, starts__lte=today, ends__gte=today, contractor__active=True
    )
    if kind:
        rows = rows.filter(equipment_kinds__contains=[kind])
    return list(rows.select_related("contractor", "trade").distinct().order_by("name")[:30])


def of_unit(membership: Membership, moment: datetime) -> QuerySet[MaintenanceContract]:
    """Return the contracts in force on the stock of the member's unit, by contractor and name.

    Those that name no place are everybody's; head office reads all.
    """
    today = timezone.localdate(moment)
    rows = MaintenanceContract.objects.filter(starts__lte=today, ends__gte=today)
    if membership.role not in EVERYWHERE:
        unit = membership.unit_id
        ours = Q(units=unit) | Q(residences__unit=unit) | Q(buildings__residence__unit=unit)
        everywhere = Q(units__isnull=True, residences__isnull=True, buildings__isnull=True)
        rows = rows.filter(ours | everywhere)
    shown = rows.select_related("contractor", "trade").order_by("contractor__name", "name", "pk")
    return shown.prefetch_related("units", "residences", "buildings", "commitments").distinct()
