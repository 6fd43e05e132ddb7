"""Models of the landlord's organisation and stock."""

from agencies.models.absences import Absence
from agencies.models.contracts import (
    Commitment,
    Contractor,
    MaintenanceContract,
    OnCallDuty,
    PriceItem,
    Trade,
    TsTzRange,
    new_secret,
)
from agencies.models.imports import ImportRun
from agencies.models.landlord import Landlord
from agencies.models.on_call import OnCallRung
from agencies.models.organisation import (
    Closure,
    Desk,
    Membership,
    OpeningHours,
    Sector,
    Unit,
)
from agencies.models.stock import Building, Dwelling, Equipment, Residence, Staircase, UnitName
from agencies.models.upkeep import Upkeep, UpkeepPeriod, UpkeepReminder, UpkeepVisit

__all__ = [
    "Absence",
    "Building",
    "Closure",
    "Commitment",
    "Contractor",
    "Desk",
    "Dwelling",
    "Equipment",
    "ImportRun",
    "Landlord",
    "MaintenanceContract",
    "Membership",
    "OnCallDuty",
    "OnCallRung",
    "OpeningHours",
    "PriceItem",
    "Residence",
    "Sector",
    "Staircase",
    "Trade",
    "TsTzRange",
    "Unit",
    "UnitName",
    "Upkeep",
    "UpkeepPeriod",
    "UpkeepReminder",
    "UpkeepVisit",
    "new_secret",
]
