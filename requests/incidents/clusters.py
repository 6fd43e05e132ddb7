"""Find open claims that look like one incident. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

REPORTS = 3
WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class Report:
    """One open claim that is under no incident. ``household`` tells the reporting homes apart."""

    claim: str
    family: str
    filed: datetime
    building: int
    staircase: int | None = None
    equipment: int | None = None
    household: str = ""


@dataclass(frozen=True)
class Cluster:
    """A proposed incident: reports of one fault at one place within 48 hours."""

    family: str
    building: int
    staircase: int | None
    equipment: int | None
    claims: tuple[str, ...]


def _burst(reports: list[Report]) -> list[Report]:
    """Return the largest run of reports that were filed within ``WITHIN`` of each other."""
    best: list[Report] = []
    for first in range(len(reports)):
        run = [r for r in reports[first:] if r.filed - reports[first].filed <= WITHIN]
        if len(run) > len(best):
            best = run
    return best


def clusters(reports: Iterable[Report]) -> list[Cluster]:
    """Return the groups of reports from three households or more, filed within 48 hours.

    The reports of a group have the same family and the same equipment, or the same building when no
    equipment is known. Two reports of one household count once. The staircase is set when all
    reports share it.
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
