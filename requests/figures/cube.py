"""Read sums: whatever a board asks, in one statement.

A span is read from its whole months, the whole weeks of what is left, and single days.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    CharField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from requests.figures.fact_models import ALL_UNITS, COLUMNS, OVER_ALL, By, Fact, Grain, Rollup
from requests.figures.measures import Measure

NO_DAY = date(1, 1, 1)
WRITTEN = {Grain.DAY: "YYYY-MM-DD", Grain.WEEK: 'IYYY-"W"IW', Grain.MONTH: "YYYY-MM"}
READ = ("ask", "unit", "one", "two", "period", "measure", "values", "counts")


class Span(NamedTuple):
    """Local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many days."""
        return (self.last - self.first).days + 1

    def year_before(self) -> "Span":
        """Return the same days a year earlier; the 28th for a 29th of February."""
        return Span(*(_year_before(day) for day in self))


def _year_before(day: date) -> date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def month_end(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def period(day: date, grain: Grain) -> str:
    """Return the period of ``Rollup`` that holds a day."""
    if grain == Grain.WEEK:
        year, week, _weekday = day.isocalendar()
        return f"{year}-W{week:02}"
    return day.isoformat()[:7] if grain == Grain.MONTH else day.isoformat()


def start_of(name: str) -> date:
    """Return the first day of a period."""
    if "W" in name:
        return date.fromisoformat(f"{name}-1")
    return date.fromisoformat(name if len(name) > len("2026-09") else f"{name}-01")


def periods(span: Span) -> list[str]:
    """Return the fewest periods that make up a span: whole months, else weeks, else days."""
    found, day = [], span.first
    while day <= span.last:
        ends, grain = day, Grain.DAY
        if day.day == 1 and month_end(day) <= span.last:
            ends, grain = month_end(day), Grain.MONTH
        elif day.weekday() == 0 and _week_fits(day, span.last):
            ends, grain = day + timedelta(days=6), Grain.WEEK
        found.append(period(day, grain))
        day = ends + timedelta(days=1)
    return found


def _week_fits(monday: date, last: date) -> bool:
    """Return whether a week ends within a span, and before the next whole month of it begins."""
    sunday = monday + timedelta(days=6)
    if sunday > last:
        return False
    begins = month_end(monday) + timedelta(days=1)
    return sunday < begins or month_end(begins) > last


def _each(span: Span, grain: Grain) -> Iterator[str]:
    """Yield the periods of one grain in which the days of a span lie."""
    days = (span.first + timedelta(days=n) for n in range(span.days))
    yield from dict.fromkeys(period(day, grain) for day in days)


def _column(sql: str) -> Cast:
    """Return a column of ``COLUMNS`` as an expression."""
    return Cast(RawSQL(sql, ()) if sql else Value(""), CharField())  # noqa: S611 - ours


@dataclass(frozen=True)
class Ask:
    """One table of a board: sums within ``span``, by some columns.

    ``keep`` are those of unit, one, two and start that stay apart; the others are added up.
    ``start`` stays apart by ``grain``, which is then the only one read. ``values`` keeps the value
    of a measure apart; without, only how many there are. ``neighbourhood``: only there, counted
    from facts, since sums of other kinds do not know it.
    """

    name: str
    span: Span
    measures: Collection[Measure]
    by: By = By.UNIT
    keep: Sequence[str] = ("unit",)
    grain: Grain | None = None
    units: Collection[int] | None = None
    one: Collection[str] = ()
    two: Collection[str] = ()
    values: bool = True
    neighbourhood: str = ""

    @property
    def periods(self) -> list[str]:
        """Return the periods to read."""
        return list(_each(self.span, self.grain)) if self.grain else periods(self.span)

    def rows(self) -> QuerySet:
        """Return the query, with the same columns whatever is asked."""
        if self.neighbourhood:
            return self._facts()
        found = Rollup.objects.filter(
            by=self.by, period__in=self.periods, measure__in=list(self.measures)
        )
        if self.units is not None:
            found = found.filter(unit__in=list(self.units))
        elif self.by in OVER_ALL and "unit" not in self.keep:
            found = found.filter(unit=ALL_UNITS)
        else:
            found = found.filter(unit__gt=ALL_UNITS)
        found = self._of_keys(found).order_by()
        return found.annotate(ask=Value(self.name, CharField())).values_list(*READ)

    def _of_keys(self, found: QuerySet) -> QuerySet:
        for name in ("one", "two"):
            if wanted := getattr(self, name):
                found = found.filter(**{f"{name}__in": list(wanted)})
        return found

    def _facts(self) -> QuerySet:
        """Return the facts of the neighbourhood, in the columns of ``Rollup``."""
        first, last = self.span
        one, two = COLUMNS[self.by]
        if self.by == By.AREA and not any(self.two):
            two = ""  # of every family
        found = Fact.objects.filter(
            ~Q(contractor=0) if self.by == By.TRADE else Q(contractor=0),
            measure__in=list(self.measures),
            neighbourhood=self.neighbourhood,
            day__gte=first,
            day__lte=last,
        )
        if self.units is not None:
            found = found.filter(unit__in=list(self.units))
        day: Value | Func = Value(first.isoformat(), CharField())
        if self.grain:
            written = Value(WRITTEN[self.grain])
            day = Func(F("day"), written, function="to_char", output_field=CharField())
        found = found.annotate(
            ask=Value(self.name, CharField()),
            one=_column(one),
            two=_column(two),
            period=day,
        )
        keys = READ[:-2]
        return (
            self._of_keys(found)
            .order_by()
            .values(*keys)
            .annotate(
                values=ArrayAgg(Cast("value", BigIntegerField())),
                counts=ArrayAgg(Cast("n", IntegerField())),
            )
            .values_list(*READ)
        )

    def key(self, unit: int, one: str, two: str, name: str) -> tuple[int, str, str, date]:
        """Return what stays apart of the keys of a sum."""
        return (
            unit if "unit" in self.keep else 0,
            one if "one" in self.keep else "",
            two if "two" in self.keep else "",
            start_of(name) if "start" in self.keep else NO_DAY,
        )


@dataclass
class Sums:
    """How often each measure was counted, and by value."""

    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, measure: str, value: int, n: int) -> None:
        """Count ``n`` more."""
        self.counts[measure] += n
        self.values[measure][value] += n

    def __getitem__(self, measure: str) -> int:
        return self.counts[measure]

    def share(self, part: str, *rest: str) -> float | None:
        """Return the share of ``part`` among it and the ``rest``; None of nothing."""
        whole = self[part] + sum(self[name] for name in rest)
        return self[part] / whole if whole else None

    def quantile(self, share: float, measure: str = Measure.SETTLED) -> int | None:
        """Return the smallest value that at least this share does not exceed; None of nothing."""
        whole, so_far = self[measure], 0
        for value, n in sorted(self.values[measure].items()):
            so_far += n
            if n and so_far >= share * whole:
                return value
        return None

    def mean(self, measure: str) -> float | None:
        """Return the mean value; None of nothing."""
        if not self[measure]:
            return None
        return sum(value * n for value, n in self.values[measure].items()) / self[measure]

    @property
    def median(self) -> int | None:
        """Return the median days of waiting."""
        return self.quantile(0.5)

    @property
    def ninth(self) -> int | None:
        """Return the ninth decile of the days of waiting."""
        return self.quantile(0.9)


class Row(NamedTuple):
    """One row of an answer; a column that was added up is 0, "" or ``NO_DAY``."""

    unit: int
    one: str
    two: str
    start: date
    value: int
    measure: str
    n: int


@dataclass
class Answer:
    """The rows of one ``Ask``."""

    rows: list[Row] = field(default_factory=list)

    def by(self, *names: str) -> dict:
        """Return ``Sums`` by one column, or by several as a tuple."""
        found: dict = defaultdict(Sums)
        for row in self.rows:
            key = tuple(getattr(row, name) for name in names)
            found[key[0] if len(key) == 1 else key].add(row.measure, row.value, row.n)
        return found

    @property
    def all(self) -> Sums:
        """Return the sums of all rows."""
        found = Sums()
        for row in self.rows:
            found.add(row.measure, row.value, row.n)
        return found


def read(asks: Iterable[Ask]) -> dict[str, Answer]:
    """Return the answers by name; one statement."""
    named = {ask.name: ask for ask in asks}
    first, *others = [ask.rows() for ask in named.values()]
    totals: dict[str, Counter] = {name: Counter() for name in named}
    for name, *keys, measure, values, counts in first.union(*others, all=True) if others else first:
        ask, total = named[name], totals[name]
        key = ask.key(*keys)
        if not ask.values:
            total[*key, 0, measure] += sum(counts)
            continue
        for value, n in zip(values, counts, strict=True):
            total[*key, value, measure] += n
    return {
        name: Answer([Row._make((*key, n)) for key, n in total.items()])
        for name, total in totals.items()
    }
