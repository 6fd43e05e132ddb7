"""What everybody may read: what we promised and kept, indicators, and open data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Unit
from portal.punctuation import percent
from portal.text import plain
from requests.catalogue.models import Family
from requests.figures import cube
from requests.figures.cube import Ask, Span, Sums
from requests.figures.fact_models import By, Fact, PublishedTable, StockCount
from requests.figures.measures import Measure
from requests.figures.period import LEAD, month_starts
from requests.figures.residents import HOUSEHOLD
from requests.kit import masks
from requests.kit.choices import CALENDAR_URGENCIES
from requests.promises.models import Kind, Promise
from requests.surveys import results as surveys

M = Measure
YEAR = timedelta(days=364)
MONTHS = 24  # of open data
DUE = (M.KEPT, M.BROKEN)
WORDS = (M.FIXED, M.NOT_FIXED, M.SILENT)


def span(now: datetime) -> Span:
    """Return the days that the public page speaks of: a year, up to what head office sees."""
    last = timezone.localdate(now) - LEAD
    return Span(last - YEAR, last)


def in_ten(share: float) -> str:
    """Return « 8 fois sur 10 »: nobody is told percentages (docs/principles.md, D11)."""
    times = round(10 * share)
    return ngettext("%(times)s time in 10", "%(times)s times in 10", times) % {"times": times}


@dataclass(frozen=True)
class Line:
    """One subject of the public page; None where fewer than five reports stand behind."""

    name: str
    promises: int
    kept: str | None
    asked: int
    fixed: str | None
    half: int | None
    nine: int | None


def _line(name: str, sums: Sums) -> Line:
    due = sum(sums[one] for one in DUE)
    asked = sum(sums[one] for one in WORDS)
    enough = sums[M.SETTLED] >= masks.PERSONS
    return Line(
        name,
        due,
        in_ten(sums[M.KEPT] / due) if due >= masks.PERSONS else None,
        asked,
        in_ten(sums[M.FIXED] / asked) if asked >= masks.PERSONS else None,
        sums.median if enough else None,
        sums.ninth if enough else None,
    )


def kept_promises(now: datetime, families: Mapping[str, Family]) -> tuple[Line, list[Line]]:
    """Return the landlord's line, and one for each subject with enough reports; one statement."""
    measures = [*DUE, *WORDS, M.SETTLED]
    found = cube.read([Ask("all", span(now), measures, by=By.FAMILY, keep=("one",))])["all"]
    lines = [
        _line(str(families[code]), sums)
        for code, sums in found.by("one").items()
        if code in families
    ]
    shown = [line for line in lines if line.promises >= masks.PERSONS]
    return _line("", found.all), sorted(shown, key=lambda line: plain(line.name))


@dataclass(frozen=True)
class Indicator:
    """One indicator that others publish too: its name there, its definition, the number and n."""

    code: str
    name: str
    definition: str
    value: float | None  # per 100, or per 1,000 where ``by_thousand``
    n: int
    by_thousand: bool = False
    hidden: bool = False  # one to four stand behind it

    @property
    def said(self) -> str:
        """Return « 81,5 % » or « 2,4 ‰ »; a dash without a value."""
        if self.value is None:
            return "—"
        number = number_format(self.value, decimal_pos=1)
        return _("%(number)s‰") % {"number": number} if self.by_thousand else percent(number)


# How complaints are counted: by a slice beside this one, joined in requests/wiring.py.
Counting = Callable[[datetime, datetime], Mapping[str, int]]
_counting: list[Counting] = []


def install(counting: Counting) -> None:
    """Set who counts complaints; replaces the one before."""
    _counting[:] = [counting]


def indicators(now: datetime) -> list[Indicator]:
    """Return the indicators that the data allow; the promises were counted by ``publish``."""
    days = span(now)
    counted = published("indicators") or {}
    whole = cube.read([Ask("all", days, WORDS, keep=(), values=False)])["all"].all
    asked = sum(whole[one] for one in WORDS)

    def share(kind: str) -> tuple[float | None, int]:
        kept, due = counted.get(kind, (0, 0))
        return (round(100 * kept / due, 1) if due else None), due

    urgent, urgent_n = share("urgent")
    other, other_n = share("other")
    first, first_n = share("first")
    return [
        Indicator(
            "RP02 (2)",
            _("Emergency repairs completed within the target"),
            _("UK tenant satisfaction measures: of the dates promised for emergencies (U0 to U2)."),
            urgent,
            urgent_n,
        ),
        Indicator(
            "RP02 (1)",
            _("Non-emergency repairs completed within the target"),
            _("UK tenant satisfaction measures: of the dates promised for all other faults."),
            other,
            other_n,
        ),
        Indicator(
            "Quali’Hlm",
            _("First answer within the promised time"),
            _("Commitment on the handling of claims: of the dates promised for a first answer."),
            first,
            first_n,
        ),
        Indicator(
            "Quali’Hlm",
            _("Repair confirmed by the tenant"),
            _("Of the tenants asked whether it is fixed, silence counted as no."),
            round(100 * whole[M.FIXED] / asked, 1) if asked else None,
            asked,
        ),
        *_complaints(published("complaints") or {}),
        *_satisfaction(),
    ]


def _complaints(counted: Mapping[str, int]) -> list[Indicator]:
    """Return how many complaints there were and were answered in time; few ones hidden."""
    homes = counted.get("homes", 0)
    found = []
    for number, name in ((1, _("first stage")), (2, _("second stage"))):
        asked, due, in_time = (
            counted.get(f"stage{number}_{key}", 0) for key in ("asked", "due", "in_time")
        )
        few, few_due = masks.is_hidden(asked), masks.is_hidden(due)
        found += [
            Indicator(
                f"CH01 ({number})",
                _("Complaints of the %(stage)s") % {"stage": name},
                _("UK tenant satisfaction measures: complaints received per 1,000 homes."),
                round(1000 * asked / homes, 1) if homes and not few else None,
                asked,
                by_thousand=True,
                hidden=few,
            ),
            Indicator(
                f"CH02 ({number})",
                _("Complaints of the %(stage)s answered in time") % {"stage": name},
                _(
                    "UK tenant satisfaction measures: of the answers that fell due. Ours is the "
                    "date that we promise, not the days of the British code."
                ),
                round(100 * in_time / due, 1) if due and not few_due else None,
                due,
                hidden=few_due,
            ),
        ]
    return found


def _satisfaction() -> list[Indicator]:
    """Return the overall satisfaction of the last survey; nothing before one has closed."""
    waves = surveys.closed(1)
    found = surveys.read(waves[0]) if waves else []
    if not found or found[0].satisfied is None:
        return []
    return [
        Indicator(
            "TP01",
            _("Overall satisfaction"),
            _(
                "UK tenant satisfaction measures: satisfied tenants of a random sample. We ask "
                "from 0 to 10 and count 7 and more; the British measure asks in five words."
            ),
            round(100 * found[0].satisfied[0], 1),
            sum(found[0].cell),
        )
    ]


def _count_complaints(days: Span) -> dict[str, int]:
    start, end = _bounds(days)
    homes = StockCount.objects.aggregate(total=Sum("dwellings"))["total"] or 0
    counted = _counting[0](start, end) if _counting else {}
    return {**counted, "homes": homes}


def _bounds(days: Span) -> tuple[datetime, datetime]:
    """Return the moments at which the days of a span begin and have ended."""
    zone = timezone.get_current_timezone()
    start = datetime.combine(days.first, datetime.min.time(), tzinfo=zone)
    return start, datetime.combine(days.last + timedelta(days=1), datetime.min.time(), tzinfo=zone)


def _kept_by_kind(days: Span, now: datetime) -> dict[str, tuple[int, int]]:
    start, end = _bounds(days)
    due = Promise.objects.filter(due_at__gte=start, due_at__lt=end)
    broken = due.not_kept(end)
    settled, first = Q(kind=Kind.RESOLUTION), Q(kind=Kind.ACKNOWLEDGEMENT)
    urgent = Q(urgency__in=CALENDAR_URGENCIES)
    repair = Q(urgency__startswith="U")
    kinds = {
        "urgent": settled & urgent,
        "other": settled & repair & ~urgent,
        "first": first,
    }
    kept = due.filter(kept_at__lte=F("due_at")).aggregate(
        **{name: Count("pk", filter=condition) for name, condition in kinds.items()}
    )
    missed = broken.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in kinds.items()}
    )
    return {name: (kept[name], kept[name] + missed[name]) for name in kinds}


# Open data: table → its columns, with type and description. The dictionary is made from this.
TABLES: dict[str, list[tuple[str, str, str]]] = {
    "claims": [
        ("month", "yearmonth", "Month, local"),
        ("agency", "string", "Name of the agency"),
        ("family", "string", "Code of the family of subjects"),
        ("label", "string", "French label of the family"),
        ("received", "integer", "Claims that came in; empty: one to four households"),
        ("settled", "integer", "Claims settled; empty: one to four households"),
    ],
    "promises": [
        ("month", "yearmonth", "Month of the promised date, local"),
        ("agency", "string", "Name of the agency"),
        ("kept", "integer", "Promises kept by their date; empty: one to four households"),
        ("broken", "integer", "Promises not kept by their date; empty: one to four households"),
    ],
}


def published(name: str) -> Any:
    """Return what was published last under a name; None before the first time."""
    row = PublishedTable.objects.filter(pk=name).first()
    return row.rows if row else None


def open_rows(table: str) -> list[list[object]]:
    """Return the rows of a table of open data, small groups left out."""
    return published(table) or []


def publish(now: datetime, *, again: bool = False) -> bool:
    """Count the public tables anew, once for each day that is shown; return whether it did."""
    days = span(now)
    if not again and PublishedTable.objects.filter(upto=days.last).exists():
        return False
    tables = {
        "claims": list(_claims(days.last)),
        "promises": list(_promises(days.last)),
        "indicators": _kept_by_kind(days, now),
        "complaints": _count_complaints(days),
    }
    for name, rows in tables.items():
        PublishedTable.objects.update_or_create(
            name=name, defaults={"rows": rows, "upto": days.last}
        )
    return True


def _months(last: date) -> tuple[date, date]:
    """Return the first and the last day of the whole months of open data."""
    starts = month_starts(last, MONTHS + 1)
    return starts[0], starts[-1] - timedelta(days=1)


def _counted(measures: tuple[str, ...], last: date, *columns: str) -> dict:
    """Return per month, unit, other columns and measure: how many, and of how many households."""
    first, end = _months(last)
    rows = (
        Fact.objects.filter(measure__in=measures, day__gte=first, day__lte=end, unit__gt=0)
        .order_by()
        .annotate(month=TruncMonth("day"))
        .values_list("month", "unit", *columns, "measure")
        .annotate(total=Sum("n"), who=Count(HOUSEHOLD, distinct=True))
    )
    found: dict = {}
    for month, unit, *rest in rows:
        *others, measure, total, who = rest
        found.setdefault((month, unit, *others), {})[measure] = (total, who)
    return found


def _open(numbers: Mapping[str, tuple[int, int]], *measures: str) -> list[object]:
    """Return the cells of one line, small groups empty."""
    line = {name: numbers.get(name, (0, 0)) for name in measures}
    hidden = masks.hidden({name: who for name, (_n, who) in line.items()}, total_shown=False)
    return ["" if name in hidden else n for name, (n, _who) in line.items()]


def _claims(last: date) -> Iterator[list[object]]:
    units = dict(Unit.objects.values_list("pk", "name"))
    labels = dict(Family.objects.values_list("code", "label_fr"))
    found = _counted((M.RECEIVED, M.SETTLED), last, "family")
    for (month, unit, family), numbers in sorted(found.items(), key=lambda item: item[0]):
        cells = _open(numbers, M.RECEIVED, M.SETTLED)
        yield [month.isoformat()[:7], units.get(unit, ""), family, labels.get(family, ""), *cells]


def _promises(last: date) -> Iterator[list[object]]:
    units = dict(Unit.objects.values_list("pk", "name"))
    for (month, unit), numbers in sorted(_counted(DUE, last).items(), key=lambda item: item[0]):
        yield [month.isoformat()[:7], units.get(unit, ""), *_open(numbers, *DUE)]


def package(landlord: str, site: str) -> dict:
    """Return the description of the open data (Frictionless Data Package 1)."""
    return {
        "profile": "tabular-data-package",
        "name": "palier-figures",
        "title": f"{landlord} : demandes et promesses",
        "description": (
            "Aggregates of tenants' claims: no person, no member of staff. A cell of one to four "
            "households is empty."
        ),
        "licenses": [
            {
                "name": "etalab-2.0",
                "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
            }
        ],
        "sources": [{"title": landlord, "path": site}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ","},
                "schema": {
                    "fields": [
                        {"name": column, "type": kind, "description": text}
                        for column, kind, text in columns
                    ],
                    "missingValues": [""],
                },
            }
            for name, columns in TABLES.items()
        ],
    }
