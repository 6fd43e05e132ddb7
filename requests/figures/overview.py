"""Head office's figures per unit. Each is a filter on claims, so that it opens exactly them.

No figure under ten is shown, and none is by member of staff (design.md, fairness).
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
)
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from agencies.models import Unit
from portal.access import Role
from requests.choices import ENDED, OPEN
from requests.models import Claim, ClaimEvent

SMALL = 10
MONTHS = 12
FIGURES = ("received", "open", "late", "closed", "reopened", "fixed")


class Median(Aggregate):
    """The middle value, computed by PostgreSQL."""

    template = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass
class Row:
    """One unit; None stands for a figure under ten. ``unit`` None: the place is not known."""

    unit: Unit | None
    counts: dict[str, int | None]
    said_fixed: int | None = None  # per cent of the tenants' answers
    median_days: float | None = None
    months: list[int | None] = field(default_factory=list)


def shown(number: int) -> int | None:
    return number if number >= SMALL else None


def conditions(start: datetime, now: datetime) -> dict[str, Q]:
    """What each figure counts, over the claims of a unit."""

    def told(*names: str) -> Q:
        events = ClaimEvent.objects.filter(name__in=names, at__gte=start, at__lte=now)
        return Q(pk__in=events.values("claim"))

    return {
        "received": Q(filed_at__gte=start, filed_at__lte=now),
        "open": Q(state__in=OPEN),
        "late": Q(state__in=OPEN, promise_at__lt=now),
        "closed": Q(state__in=ENDED, ended_at__gte=start, ended_at__lte=now),
        "reopened": told("reopen", "say_not_fixed", "send_back"),
        "fixed": told("say_fixed"),
        "answered": told("say_fixed", "say_not_fixed"),
    }


def claims_of(membership, family: str = "") -> QuerySet:
    """Visible claims with the unit they count for; a manager's stop at their own unit."""
    claims = Claim.objects.visible_to(membership).annotate(
        counts_for=Coalesce("residence__unit", "owner__unit")
    )
    if membership.role != Role.HEAD_OFFICE:
        claims = claims.filter(counts_for=membership.unit_id)
    if family:
        claims = claims.filter(category__family__code=family)
    return claims


def month_starts(now: datetime) -> list[datetime]:
    """The first instants of the last twelve local months, the current one last."""
    today = timezone.localdate(now)
    first = today.year * 12 + today.month - MONTHS
    zone = timezone.get_current_timezone()
    return [
        datetime((first + n) // 12, (first + n) % 12 + 1, 1, tzinfo=zone) for n in range(MONTHS)
    ]


def overview(*, membership, now: datetime, days: int, family: str = "") -> list[Row]:
    """One row per unit in alphabetical order; three queries whatever the stock."""
    claims = claims_of(membership, family)
    where = conditions(now - timedelta(days=days), now)
    spent = ExpressionWrapper(F("ended_at") - F("filed_at"), output_field=DurationField())
    figures = {
        row.pop("counts_for"): row
        for row in claims.order_by()
        .values("counts_for")
        .annotate(
            **{f"n_{name}": Count("pk", filter=q) for name, q in where.items()},
            median=Median(spent, filter=where["closed"], output_field=DurationField()),
        )
    }
    starts = month_starts(now)
    monthly: dict[tuple, int] = {}
    for unit, month, number in (
        claims.filter(filed_at__gte=starts[0], filed_at__lte=now)
        .order_by()
        .annotate(month=TruncMonth("filed_at", output_field=DateTimeField()))
        .values("counts_for", "month")
        .annotate(number=Count("pk"))
        .values_list("counts_for", "month", "number")
    ):
        monthly[unit, (month.year, month.month)] = number
    units: list[Unit | None] = sorted(_units(membership), key=_alphabetical)
    if None in figures:
        units.append(None)
    return [
        _row(
            unit,
            figures.get(unit and unit.pk, {}),
            [monthly.get((unit and unit.pk, (s.year, s.month)), 0) for s in starts],
        )
        for unit in units
    ]


def _units(membership) -> QuerySet:
    units = Unit.objects.all()
    return units if membership.role == Role.HEAD_OFFICE else units.filter(pk=membership.unit_id)


def _alphabetical(unit: Unit) -> str:
    plain = unicodedata.normalize("NFKD", unit.name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _row(unit: Unit | None, found: dict, months: list[int]) -> Row:
    answered = found.get("n_answered", 0)
    median = found.get("median")
    closed = found.get("n_closed", 0)
    return Row(
        unit=unit,
        counts={name: shown(found.get(f"n_{name}", 0)) for name in FIGURES if name != "fixed"},
        said_fixed=_share(found.get("n_fixed", 0), answered),
        median_days=round(median.total_seconds() / 86400, 1)
        if median is not None and closed >= SMALL
        else None,
        months=[shown(number) for number in months],
    )


def _share(part: int, whole: int) -> int | None:
    """Per cent of ten answers or more."""
    return round(100 * part / whole) if whole >= SMALL else None


def sparkline(months: list[int | None], width: int = 96, height: int = 24) -> dict:
    """Pieces of a line in SVG coordinates; months under ten leave a gap."""
    top = max((n for n in months if n is not None), default=0)
    pieces: list[list[str]] = [[]]
    last = None
    for place, number in enumerate(months):
        if number is None:
            pieces.append([])
            continue
        last = (
            round(2 + place * (width - 4) / (len(months) - 1)),
            round(height - 2 - number * (height - 4) / top),
        )
        pieces[-1].append(f"{last[0]},{last[1]}")
    return {"lines": [" ".join(p) for p in pieces if p], "last": last}
