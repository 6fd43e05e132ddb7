"""Does the same thing break again? Pure: facts in, earlier ones out.

The same fault is the same family on the same equipment; without equipment, in the same dwelling;
without dwelling, on the same staircase.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = 60


@dataclass(frozen=True)
class Repair:
    """One fault: ``done`` is when it was last reported repaired, None while it is open."""

    claim: str
    family: str
    filed: datetime
    done: datetime | None = None
    equipment: int | None = None
    dwelling: int | None = None
    staircase: int | None = None


def asset(repair: Repair) -> tuple | None:
    """What broke, as a comparable key; None when nobody knows."""
    for name in ("equipment", "dwelling", "staircase"):
        value = getattr(repair, name)
        if value is not None:
            return name, value
    return None


def earlier(fault: Repair, past: Iterable[Repair], days: int = DAYS) -> list[Repair]:
    """Repairs of the same thing done at most ``days`` before ``fault`` was filed, latest first."""
    key = asset(fault)
    if key is None:
        return []
    found = [
        other
        for other in past
        if other.claim != fault.claim
        and other.family == fault.family
        and asset(other) == key
        and other.done is not None
        and timedelta(0) <= fault.filed - other.done <= timedelta(days=days)
    ]
    return sorted(found, key=lambda repair: repair.done, reverse=True)
