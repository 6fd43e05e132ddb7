"""Count figures per unit. Each figure is a filter on claims and opens the claims it counts.

The queries apply docs/principles.md, D4 to D6: no figure under ten leaves this module, none is by
member of staff, and a unit is compared only with its own past.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Coalesce, JSONObject, TruncMonth

from agencies.models import Unit
from portal.access import Role
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.figures.models import Annotation, FigureView
from requests.figures.period import MEMORY, MONTHS, Period, month_starts, usual_range
from requests.kit.choices import ENDED, OPEN, Channel
from requests.kit.disclosure import SMALL
from requests.promises.models import Promise

FIGURES = ("received", "open", "late", "broken", "closed", "reopened")
ANSWERS = ("asked", "answered", "fixed")
LOOKS = 5  # last looks of head office shown to the agency


class Median(Aggregate):
    """The median, computed by PostgreSQL."""

    template = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass
class Row:
    """The figures of one unit; None replaces a figure under ten.

    ``unit`` None: claims whose place is not known.
    """

    unit: Unit | None
    counts: dict[str, int | None]
    said_fixed: int | None = None  # per cent of those asked, with those who did not answer
    no_answer: int | None = None  # per cent of those asked
    median_days: float | None = None
    channels: list[tuple[str, int]] = field(default_factory=list)  # (channel, per cent)
    months: list[float | None] = field(default_factory=list)  # median days, twelve months
    usual: tuple[float, float] | None = None  # the unit's usual range, days
    notes: list[dict] = field(default_factory=list)  # id, figure, text, at
    looks: list[datetime] = field(default_factory=list)  # looks of head office, newest first

    @property
    def slower(self) -> bool:
        """Return whether the median exceeds the usual range by half its width and by a day."""
        if not self.usual or self.median_days is None:
            return False
        low, high = self.usual
        return self.median_days >= high + max(1, (high - low) / 2)


def disclose(number: int) -> int | None:
    return number if number >= SMALL else None


def conditions(period: Period, now: datetime) -> dict[str, Q]:
    """Return the condition of each figure on the claims of a unit."""

    def told(*names: str) -> Q:
        events = ClaimEvent.objects.system("figures").filter(
            name__in=names, at__gte=period.start, at__lt=period.end
        )
        return Q(pk__in=events.values("claim"))

    asked = told(Event.REPORT_DONE, Event.ANSWER)
    return {
        "received": Q(filed_at__gte=period.start, filed_at__lt=period.end),
        "open": Q(state__in=OPEN),
        "late": Q(state__in=OPEN, promise_at__lt=now),
        "broken": Q(pk__in=_broken(period, now).values("claim")),
        "closed": Q(state__in=ENDED, ended_at__gte=period.start, ended_at__lt=period.end),
        "reopened": told(Event.REOPEN, Event.SAY_NOT_FIXED, Event.SEND_BACK),
        "asked": asked,
        "answered": asked & told(Event.SAY_FIXED, Event.SAY_NOT_FIXED),
        "fixed": asked & told(Event.SAY_FIXED),
    }


def _broken(period: Period, now: datetime) -> QuerySet:
    """Return promises whose date passed unkept within the period, even if kept later."""
    return Promise.objects.not_kept(min(period.end, now)).filter(due_at__gte=period.start)


def claims_of(membership, family: str = "") -> QuerySet:
    """Return visible claims with the unit they count for; for managers, their own unit's only."""
    claims = Claim.objects.visible_to(membership).annotate(
        counts_for=Coalesce("residence__unit", "owner__unit")
    )
    if membership.role != Role.HEAD_OFFICE:
        claims = claims.filter(counts_for=membership.unit_id)
    if family:
        claims = claims.filter(category__family__code=family)
    return claims


def counted_claims(
    *, membership, figure: str, period: Period, now: datetime, family: str, unit, channel: str
) -> QuerySet | None:
    """Return the claims that one figure counts; None when they are under ten, for every reader.

    ``unit``: a Unit, "none" for claims whose place is not known, or None for all.
    """
    found = claims_of(membership, family).filter(conditions(period, now)[figure])
    if unit == "none":
        found = found.filter(counts_for__isnull=True)
    elif unit is not None:
        found = found.filter(counts_for=unit.pk)
    if channel:
        found = found.filter(channel=channel)
    few = found.order_by().values_list("pk", flat=True)[:SMALL]
    return found if len(few) >= SMALL else None


def overview(*, membership, now: datetime, period: Period, family: str = "") -> list[Row]:
    """Return one row per unit in alphabetical order; three queries for any number of claims."""
    claims = claims_of(membership, family)
    where = conditions(period, now)
    spent = ExpressionWrapper(F("ended_at") - F("filed_at"), output_field=DurationField())
    by_channel = {
        f"by_{channel}": Count("pk", filter=where["received"] & Q(channel=channel))
        for channel in Channel.values
    }
    found = {
        row.pop("counts_for"): row
        for row in claims.order_by()
        .values("counts_for")
        .annotate(
            **{f"n_{name}": Count("pk", filter=q) for name, q in where.items()},
            **by_channel,
            median=Median(spent, filter=where["closed"], output_field=DurationField()),
        )
    }
    monthly = _monthly(claims, spent, now)
    units: list[Unit | None] = [*sorted(_units(membership), key=_alphabetical)]
    if None in found:
        units.append(None)
    return [
        _row(unit, found.get(unit and unit.pk, {}), monthly.get(unit and unit.pk, {}), now)
        for unit in units
    ]


def _monthly(claims: QuerySet, spent, now: datetime) -> dict:
    """Return per unit and month of ending the median days, where ten claims or more ended."""
    starts = month_starts(now, MEMORY)
    months: dict = {}
    for unit, month, number, median in (
        claims.filter(state__in=ENDED, ended_at__gte=starts[0], ended_at__lte=now)
        .order_by()
        .annotate(month=TruncMonth("ended_at", output_field=DateTimeField()))
        .values("counts_for", "month")
        .annotate(number=Count("pk"), median=Median(spent, output_field=DurationField()))
        .values_list("counts_for", "month", "number", "median")
    ):
        if number >= SMALL:
            months.setdefault(unit, {})[month.year, month.month] = days(median)
    return months


def days(value: timedelta) -> float:
    return round(value.total_seconds() / 86400, 1)


def _units(membership) -> QuerySet:
    """Return the visible units with their annotations and, for a manager's unit, who looked."""
    in_force = Annotation.objects.filter(unit=OuterRef("pk"), withdrawn_at__isnull=True)
    units = Unit.objects.annotate(
        notes=ArraySubquery(
            in_force.order_by("at").values(
                json=JSONObject(id="pk", figure="figure", text="text", at="at")
            )
        )
    )
    if membership.role == Role.HEAD_OFFICE:
        return units
    looks = FigureView.objects.filter(membership__role=Role.HEAD_OFFICE).filter(
        Q(unit__isnull=True) | Q(unit=OuterRef("pk"))
    )
    return units.filter(pk=membership.unit_id).annotate(
        looks=ArraySubquery(looks.order_by("-at").values("at")[:LOOKS])
    )


def _alphabetical(unit: Unit) -> str:
    plain = unicodedata.normalize("NFKD", unit.name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _row(unit: Unit | None, found: dict, months: dict, now: datetime) -> Row:
    asked, answered = found.get("n_asked", 0), found.get("n_answered", 0)
    received, closed = found.get("n_received", 0), found.get("n_closed", 0)
    enough = answered >= SMALL
    line = [months.get((s.year, s.month)) for s in month_starts(now, MEMORY)]
    return Row(
        unit=unit,
        counts={name: disclose(found.get(f"n_{name}", 0)) for name in FIGURES},
        said_fixed=_share(found["n_fixed"], asked) if enough else None,
        no_answer=_share(asked - answered, asked) if enough and asked - answered >= SMALL else None,
        median_days=days(found["median"]) if closed >= SMALL else None,
        channels=sorted(
            (
                (channel, _share(found[f"by_{channel}"], received))
                for channel in Channel.values
                if found.get(f"by_{channel}", 0) >= SMALL
            ),
            key=lambda pair: -pair[1],
        ),
        months=line[-MONTHS:],
        usual=usual_range(line[:-1]),
        notes=[{**note, "at": datetime.fromisoformat(note["at"])} for note in unit.notes]
        if unit
        else [],
        looks=list(getattr(unit, "looks", [])),
    )


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole)


def sparkline(
    months: list[float | None],
    usual: tuple[float, float] | None = None,
    width: int = 96,
    height: int = 24,
) -> dict:
    """Return a line and the usual range in SVG coordinates; months under ten leave a gap."""
    known = [n for n in months if n is not None] + list(usual or ())
    floor, top = min(known, default=0), max(known, default=0)

    def level(value: float) -> int:
        if top == floor:
            return height // 2
        return round(height - 2 - (value - floor) * (height - 4) / (top - floor))

    pieces: list[list[str]] = [[]]
    last = None
    for place, number in enumerate(months):
        if number is None:
            pieces.append([])
            continue
        last = (round(2 + place * (width - 4) / (len(months) - 1)), level(number))
        pieces[-1].append(f"{last[0]},{last[1]}")
    band = None
    if usual and last:
        band = {"y": level(usual[1]), "height": max(2, level(usual[0]) - level(usual[1]))}
    return {"lines": [" ".join(p) for p in pieces if p], "last": last, "band": band}
