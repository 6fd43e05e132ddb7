"""Which open claims look like one incident? Pure: reports in, proposals out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

REPORTS = 3
WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class Report:
    """One open claim that belongs to no incident yet; ``household`` tells neighbours apart."""

    claim: str
    family: str
    filed: datetime
    building: int
    staircase: int | None = None
    equipment: int | None = None
    household: str = ""


@dataclass(frozen=True)
class Cluster:
    """A proposed incident: the same fault at the same place, within two days."""

    family: str
    building: int
    staircase: int | None
    equipment: int | None
    claims: tuple[str, ...]


def _burst(reports: list[Report]) -> list[Report]:
    """The largest run of reports that lie within ``WITHIN``, by filing time."""
    best: list[Report] = []
    for first in range(len(reports)):
        run = [r for r in reports[first:] if r.filed - reports[first].filed <= WITHIN]
        if len(run) > len(best):
            best = run
    return best


def clusters(reports: Iterable[Report]) -> list[Cluster]:
    """At least three households, same family, same equipment (else same building), in 48 h.

    Two reports of one household count once. The staircase is named when all reports share it.
    """
    groups: dict[tuple, list[Report]] = defaultdict(list)
    for report in sorted(reports, key=lambda r: (r.filed, r.claim)):
        groups[report.family, report.building, report.equipment].append(report)
    found = []
    for (family, building, equipment), rows in sorted(groups.items(), key=str):
        run = _burst(rows)
        if len({r.household or r.claim for r in run}) < REPORTS:
            continue
        stairs = {r.staircase for r in run}
        found.append(
            Cluster(
                family,
                building,
                stairs.pop() if len(stairs) == 1 else None,
                equipment,
                tuple(r.claim for r in run),
            )
        )
    return found
