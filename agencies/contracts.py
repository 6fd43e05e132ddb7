"""Which maintenance contracts are in force at a place."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from agencies.models import Building, MaintenanceContract, Residence


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
