"""Count faults by residence, building, street door and equipment, beside what their size expects.

Faults are requests with an urgency (U0 to U5) that were not refused, withdrawn or merged.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from agencies.access import EVERYWHERE
from agencies.models import Building, Dwelling, Equipment, Residence, Staircase
from portal import dates
from requests.catalogue.models import Family
from requests.claims.models import Claim
from requests.equipment.log import claims_by_equipment
from requests.stock_insight import control
from requests.stock_insight.histories import NO_FAULT
from requests.stock_insight.risk import one_fault_each

YEAR = timedelta(days=365)
REPEATS = 3  # in a year, from which a place is said to repeat
MONTHS = 24
LEVELS = {"building": Building, "staircase": Staircase}
DWELLINGS = {
    "residence": "staircase__building__residence",
    "building": "staircase__building",
    "staircase": "staircase",
}


@dataclass(frozen=True)
class Repeat:
    """One family of faults that came back at one place within a year."""

    place: Any
    kind: str  # building, staircase, equipment
    residence: Residence
    family: Family | None
    count: int
    expected: float
    verdict: str
    last: datetime

    @property
    def what(self) -> str:
        """Return what failed: the family of faults, or the kind of equipment."""
        return str(self.family) if self.family else str(self.place.get_kind_display())


@dataclass(frozen=True)
class Spot:
    """One residence of the funnel: faults in a year, dwellings, and what its size expects."""

    residence: Residence
    count: int
    dwellings: int
    expected: float
    verdict: str

    @property
    def rate(self) -> float:
        return control.PER * self.count / self.dwellings


def faults(membership, *, since: datetime, family: str = "") -> QuerySet[Claim]:
    """Return the faults that the member sees, filed since then."""
    rows = Claim.objects.visible_to(membership).filter(
        filed_at__gte=since, category__urgency__startswith="U"
    )
    rows = rows.exclude(state__in=NO_FAULT)
    if membership.role not in EVERYWHERE:
        rows = rows.filter(residence__unit=membership.unit_id)
    return rows.filter(category__family__code=family) if family else rows


def homes(membership, level: str) -> dict[int, int]:
    """Return how many dwellings each residence, building or street door of the member has."""
    rows = Dwelling.objects.order_by()
    if membership.role not in EVERYWHERE:
        rows = rows.filter(staircase__building__residence__unit=membership.unit_id)
    path = DWELLINGS[level]
    return dict(rows.values_list(path).annotate(number=Count("pk")).values_list(path, "number"))


def repeats(membership, level: str, *, now: datetime, family: str = "") -> list[Repeat]:
    """Return what came back within a year at one level, the furthest from chance first."""
    found = (
        _of_equipment(membership, now)
        if level == "equipment"
        else _of_places(membership, level, now, family)
    )
    order = {"change": 0, "watch": 1, "noise": 2}
    return sorted(found, key=lambda row: (order[row.verdict], -row.count / max(row.expected, 0.1)))


def _of_places(membership, level: str, now: datetime, family: str) -> list[Repeat]:
    counted = (
        faults(membership, since=now - YEAR, family=family)
        .filter(**{f"{level}__isnull": False})
        .order_by()
        .values(level, "category__family")
        .annotate(number=Count("pk"), last=Max("filed_at"))
    )
    size = homes(membership, level)
    total = sum(size.values())
    by_family: dict[int, list[dict]] = defaultdict(list)
    for row in counted:
        if size.get(row[level]):
            by_family[row["category__family"]].append(row)
    kept = []
    for rows in by_family.values():
        rate = sum(row["number"] for row in rows) / total
        told = {row[level]: row["number"] for row in rows}
        spread = control.overdispersion([(told.get(pk, 0), rate * n) for pk, n in size.items()])
        for row in rows:
            if row["number"] >= REPEATS:
                expected = rate * size[row[level]]
                kept.append((row, expected, control.verdict(row["number"], expected, spread)))
    families = Family.objects.in_bulk([row["category__family"] for row, *_rest in kept])
    path = "building__residence__unit" if level == "staircase" else "residence__unit"
    places = LEVELS[level].objects.select_related(path).in_bulk([row[level] for row, *_r in kept])
    return [
        Repeat(
            place=(place := places[row[level]]),
            kind=level,
            residence=place.building.residence if level == "staircase" else place.residence,
            family=families[row["category__family"]],
            count=row["number"],
            expected=expected,
            verdict=verdict,
            last=row["last"],
        )
        for row, expected, verdict in kept
    ]


def own_equipment(membership) -> QuerySet[Equipment]:
    """Return the equipment of the member's stock."""
    rows = Equipment.objects.select_related("building__residence__unit", "staircase")
    if membership.role in EVERYWHERE:
        return rows
    return rows.filter(building__residence__unit=membership.unit_id)


def _of_equipment(membership, now: datetime) -> list[Repeat]:
    """Return the equipment with three faults or more, beside the mean of its kind."""
    machines = list(own_equipment(membership))
    by_equipment = claims_by_equipment(faults(membership, since=now - YEAR), machines)
    counts = {
        pk: len(one_fault_each([claim.filed_at for claim in rows]))
        for pk, rows in by_equipment.items()
    }
    by_kind: dict[str, list[Equipment]] = defaultdict(list)
    for row in machines:
        by_kind[row.kind].append(row)
    found = []
    for rows in by_kind.values():
        expected = sum(counts.get(row.pk, 0) for row in rows) / len(rows)
        spread = control.overdispersion([(counts.get(row.pk, 0), expected) for row in rows])
        found += [
            Repeat(
                place=row,
                kind="equipment",
                residence=row.building.residence,
                family=None,
                count=counts[row.pk],
                expected=expected,
                verdict=control.verdict(counts[row.pk], expected, spread),
                last=by_equipment[row.pk][-1].filed_at,
            )
            for row in rows
            if counts.get(row.pk, 0) >= REPEATS
        ]
    return found


def funnel(membership, *, now: datetime, family: str = "") -> tuple[list[Spot], float, float]:
    """Return the residences, the rate of all per dwelling, and the overdispersion φ."""
    size = homes(membership, "residence")
    counts = dict(
        faults(membership, since=now - YEAR, family=family)
        .filter(residence__isnull=False)
        .order_by()
        .values_list("residence")
        .annotate(number=Count("pk"))
        .values_list("residence", "number")
    )
    total = sum(size.values())
    rate = sum(counts.get(pk, 0) for pk in size) / total if total else 0.0
    spread = control.overdispersion([(counts.get(pk, 0), rate * n) for pk, n in size.items()])
    residences = Residence.objects.select_related("unit").in_bulk(list(size))
    spots = [
        Spot(
            residences[pk],
            counts.get(pk, 0),
            number,
            rate * number,
            control.verdict(counts.get(pk, 0), rate * number, spread),
        )
        for pk, number in size.items()
    ]
    return sorted(spots, key=lambda spot: spot.residence.name), rate, spread


def months(membership, *, now: datetime, family: str = "") -> control.Chart:
    """Return the u chart of the last 24 whole months of the member's stock."""
    first = timezone.localdate(now).replace(day=1)
    starts = [first]
    for _step in range(MONTHS):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    starts = starts[:0:-1]
    begin = timezone.make_aware(datetime.combine(starts[0], datetime.min.time()))
    counts = {
        timezone.localdate(month): number
        for month, number in faults(membership, since=begin, family=family)
        .order_by()
        .annotate(month=TruncMonth("filed_at"))
        .values_list("month")
        .annotate(number=Count("pk"))
        .values_list("month", "number")
    }
    total = sum(homes(membership, "residence").values())
    # A landlord that began within the two years: its first months were not counted.
    begun = [start for start in starts if any(day <= start for day in counts)]
    named: Iterable = [
        (dates.month_and_year(start), counts.get(start, 0), total) for start in begun
    ]
    return control.u_chart(list(named)) if total else control.Chart(0.0, ())
