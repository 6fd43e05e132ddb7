"""Find repeated faults of the same thing. Pure.

A fault is the same when its category is of the same family and it is on the same equipment; without
equipment, in the same dwelling; without dwelling, on the same staircase.
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


def repaired_asset(repair: Repair) -> tuple[str, int] | None:
    """Return what broke, as a comparable key; None when it is not known."""
    for name in ("equipment", "dwelling", "staircase"):
        value = getattr(repair, name)
        if value is not None:
            return name, value
    return None


def earlier_repairs(fault: Repair, past: Iterable[Repair], days: int = DAYS) -> list[Repair]:
    """Return the repairs of the same thing in the ``days`` before the fault, latest first."""
    key = repaired_asset(fault)
    if key is None:
        return []
    found = [
        (other.done, other)
        for other in past
        if other.claim != fault.claim
        and other.family == fault.family
        and repaired_asset(other) == key
        and other.done is not None
        and timedelta(0) <= fault.filed - other.done <= timedelta(days=days)
    ]
    return [repair for _done, repair in sorted(found, key=lambda row: row[0], reverse=True)]
