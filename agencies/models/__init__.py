"""Models of the landlord's organisation and stock."""

from agencies.models.imports import ImportRun
from agencies.models.organisation import (
    Closure,
    Desk,
    Landlord,
    Membership,
    OpeningHours,
    Sector,
    Unit,
)
from agencies.models.stock import Building, Dwelling, Equipment, Residence, Staircase

__all__ = [
    "Building",
    "Closure",
    "Desk",
    "Dwelling",
    "Equipment",
    "ImportRun",
    "Landlord",
    "Membership",
    "OpeningHours",
    "Residence",
    "Sector",
    "Staircase",
    "Unit",
]
