"""Invented places: agencies stand around the middle of an invented town, residences about them."""

import math
from random import Random

from agencies.models import Building, Residence, Unit

MIDDLE = (47.03, 2.02)  # latitude and longitude, in the fields
METRES = 111_320.0
WITHOUT = 23  # every so many-th residence has no coordinates, as in real registers


def build() -> None:
    """Give each building its coordinates; the same for the same residences, whatever the seed."""
    units = list(Unit.objects.filter(residences__isnull=False).distinct().order_by("pk"))
    changed = []
    for number, unit in enumerate(units):
        angle = 2 * math.pi * number / max(len(units), 1)
        centre = (3200 * math.sin(angle), 3800 * math.cos(angle))
        for residence in Residence.objects.filter(unit=unit).order_by("pk"):
            chance = Random(residence.code)
            north = centre[0] + chance.gauss(0, 1100)
            east = centre[1] + chance.gauss(0, 1300)
            if residence.pk % WITHOUT == 0:
                continue
            for building in Building.objects.filter(residence=residence).order_by("pk"):
                building.latitude = MIDDLE[0] + (north + chance.uniform(-60, 60)) / METRES
                across = METRES * math.cos(math.radians(MIDDLE[0]))
                building.longitude = MIDDLE[1] + (east + chance.uniform(-60, 60)) / across
                changed.append(building)
    Building.objects.bulk_update(changed, ["latitude", "longitude"], batch_size=2000)
