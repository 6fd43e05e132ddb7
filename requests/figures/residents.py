"""The board of tenants' representatives: their residences, and nothing below five households."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import CharField, Count, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Membership, Residence
from portal.dates import moment as said_moment
from portal.scope import system_scope
from requests.catalogue.models import Family
from requests.figures import charts, survey_card
from requests.figures.boards import Board, Card, Cell, Head, Said, Table, rate, said_percent
from requests.figures.cube import Span
from requests.figures.fact_models import Fact, StockCount
from requests.figures.measures import DEFINITIONS, Measure
from requests.kit import masks

M = Measure
SHOWN = (M.RECEIVED, M.FIXED, M.NOT_FIXED, M.SILENT, M.KEPT, M.BROKEN, M.BACK)
MOST_FAMILIES = 6
MOST_WORKS = 50
WORKS = ("pk", "title", "starts", "ends")
# Of a confidential claim nobody learns what it was about.
TOLD = {"claim__confidential": False, "claim__category__sensitive": False}
# One household: the home, else the person, else the report itself.
HOUSEHOLD = Coalesce(
    Cast("claim__dwelling", CharField()),
    Cast("claim__tenant", CharField()),
    Cast("claim", CharField()),
)


def residences(membership: Membership) -> QuerySet[Residence]:
    """Return the residences of a representative: of their sectors, else of the whole unit."""
    found = Residence.objects.filter(unit=membership.unit_id)
    sectors = list(membership.sectors.values_list("pk", flat=True))
    return found.filter(sector__in=sectors) if sectors else found


def large(places: Iterable[Residence]) -> list[Residence]:
    """Return the residences that have figures: those of five homes or more."""
    homes = dict(StockCount.objects.values_list("residence", "dwellings"))
    return [place for place in places if not masks.is_small_place(homes.get(place.pk, 0))]


@system_scope("households behind a sum are counted, never shown")
def board(
    membership: Membership,
    places: list[Residence],
    span: Span,
    families: Mapping[str, Family],
    now: datetime,
    *,
    family: str = "",
) -> Board:
    """Return the board of some residences and days, of one family or of all; see ``large``.

    The survey of the member's unit stands beside.
    """
    homes = dict(StockCount.objects.values_list("residence", "dwellings"))
    facts = Fact.objects.filter(
        residence__in=[place.pk for place in places],
        day__gte=span.first,
        day__lte=span.last,
        measure__in=SHOWN,
    )
    if family:
        facts = facts.filter(family=family)
        facts = facts.filter(**TOLD)
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    persons: dict[int, Counter[str]] = defaultdict(Counter)
    for place, measure, n, who in (
        facts.order_by()
        .values_list("residence", "measure")
        .annotate(total=Sum("n"), who=Count(HOUSEHOLD, distinct=True))
    ):
        counted[place][measure] = n
        persons[place][measure] = who
    whole: Counter[str] = Counter()
    for numbers in counted.values():
        whole.update(numbers)
    return Board(
        "residents",
        _("What happens in our residences?"),
        _says(whole, persons),
        [
            _places(places, homes, counted, persons),
            _kinds(places, facts.filter(measure=M.RECEIVED), families),
            _works(places, now),
            survey_card.survey(membership),
        ],
    )


def _says(whole: Counter[str], persons: Mapping[int, Counter[str]]) -> list[Said]:
    """Return the promises kept in all residences, when enough households stand behind."""
    due = whole[M.KEPT] + whole[M.BROKEN]
    behind = sum(one[M.KEPT] + one[M.BROKEN] for one in persons.values())
    if not due or behind < masks.PERSONS:
        return [Said(_("Too few households made a claim to say anything of them."))]
    words = _("Promises kept: %(share)s of %(number)s.")
    said = {"share": said_percent(whole[M.KEPT] / due), "number": due}
    return [Said(words % said, strong=True)]


def masked(number: int, persons: int, *, hide: bool = False) -> Cell:
    """Return a number of claims, or that fewer than five households stand behind it."""
    if hide or masks.is_hidden(persons):
        return Cell(_("fewer than 5 households"), _("< 5"))
    return Cell(number)


def _share(counted: Counter[str], persons: Counter[str], part: str, *rest: str) -> Cell:
    """Return a share of claims; nothing when fewer than five households stand behind it."""
    whole = counted[part] + sum(counted[name] for name in rest)
    who = max([persons[part], *(persons[name] for name in rest)])
    if not whole:
        return Cell(None)
    if masks.is_hidden(who):
        return Cell(_("fewer than 5 households"), _("< 5"))
    share = counted[part] / whole
    return Cell(round(100 * share, 1), said_percent(share))


def _places(
    places: list[Residence],
    homes: Mapping[int, int],
    counted: Mapping[int, Counter[str]],
    persons: Mapping[int, Counter[str]],
) -> Card:
    rows = []
    for place in places:
        mine, who = counted[place.pk], persons[place.pk]
        hidden = masks.is_hidden(who[M.RECEIVED])
        rows.append([
            Cell(place.name),
            Cell(homes[place.pk]),
            masked(mine[M.RECEIVED], who[M.RECEIVED]),
            Cell(_("fewer than 5 households"), _("< 5"))
            if hidden
            else rate(mine[M.RECEIVED], homes[place.pk]),
            _share(mine, who, M.KEPT, M.BROKEN),
            _share(mine, who, M.FIXED, M.NOT_FIXED, M.SILENT),
            masked(mine[M.BACK], who[M.BACK]),
        ])  # fmt: skip
    heads = [Head(_("Residence"), number=False), Head(_("Dwellings"))]
    heads += [Head(str(M.RECEIVED.label)), Head(_("per 100 dwellings"))]
    heads += [Head(_("Promises kept")), Head(_("“Fixed”")), Head(str(M.BACK.label))]
    return Card(
        "residences",
        _("Are promises kept, and is it fixed?"),
        f"{DEFINITIONS[M.KEPT]} {DEFINITIONS[M.FIXED]}",
        Table(_("Figures of each residence, in alphabetical order"), heads, rows),
        size=3,
        open_table=True,
        empty=_("No residence of yours has five dwellings or more."),
    )


def _kinds(
    places: list[Residence],
    facts: QuerySet[Fact],
    families: Mapping[str, Family],
) -> Card:
    """What breaks, and where? Families by residence, small groups hidden."""
    told = (
        facts.filter(**TOLD)
        .order_by()
        .values_list("residence", "family")
        .annotate(total=Sum("n"), who=Count(HOUSEHOLD, distinct=True))
    )
    cells: dict[int, Counter[str]] = defaultdict(Counter)
    persons: dict[int, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    for place, code, total, who in told:
        cells[place][code], persons[place][code] = total, who
        whole[code] += total
    codes = [code for code, _n in whole.most_common(MOST_FAMILIES)]
    most = max((cells[p.pk][code] for p in places for code in codes), default=0)
    rows = []
    worst: tuple[int, str, str] | None = None
    for place in places:
        line = {code: persons[place.pk][code] for code in codes}
        hidden = masks.hidden(line, total_shown=True)
        row = [Cell(place.name)]
        for code in codes:
            cell = masked(cells[place.pk][code], line[code], hide=code in hidden)
            if code not in hidden:
                number = cells[place.pk][code]
                if number > (worst[0] if worst else 0) and not masks.is_hidden(line[code]):
                    worst = (number, place.name, str(families.get(code, code)))
                look = f"heat--{charts.shade(cells[place.pk][code], most)}"
                cell = cell._replace(look=look)
            row.append(cell)
        rows.append(row)
    return Card(
        "kinds",
        _("What breaks, and where?"),
        _("Claims by residence and family. Confidential claims are left out."),
        Table(
            _("Claims by residence and family"),
            [
                Head(_("Residence"), number=False),
                *(Head(str(families[code]) if code in families else code) for code in codes),
            ],
            rows,
        ),
        _most(worst),
        size=3,
        open_table=True,
        empty=_("Nothing came in in this period."),
    )


def _most(worst: tuple[int, str, str] | None) -> list[Said]:
    """Return where a family of faults is reported most, in a sentence."""
    if worst is None:
        return []
    number, place, family = worst
    words = ngettext(
        "Most often: %(family)s at %(place)s, %(n)s claim.",
        "Most often: %(family)s at %(place)s, %(n)s claims.",
        number,
    )
    return [Said(words % {"family": family.lower(), "place": place, "n": number}, strong=True)]


def _works(places: list[Residence], now: datetime) -> Card:
    """What is planned, and when? Works of a whole residence or staircase, as announced."""
    ahead = (
        Residence.objects.filter(
            pk__in=[place.pk for place in places],
            planned_works__ends__gt=now,
            planned_works__cancelled_at__isnull=True,
            planned_works__dwellings__isnull=True,
        )
        .order_by("planned_works__starts", "name", "planned_works__pk")
        .values_list("name", *(f"planned_works__{field}" for field in WORKS))
    )
    rows = [
        [
            Cell(name),
            Cell(title, href=reverse("planned_public", args=[pk])),
            Cell(starts.isoformat(), said_moment(starts)),
            Cell(ends.isoformat(), said_moment(ends)),
        ]
        for name, pk, title, starts, ends in ahead[:MOST_WORKS]
    ]
    return Card(
        "works",
        _("What is planned?"),
        _("Announced works and visits that have not ended; those of single homes are left out."),
        Table(
            _("Planned works by residence"),
            [
                Head(_("Residence"), number=False),
                Head(_("Works"), number=False),
                Head(_("From"), number=False),
                Head(_("To"), number=False),
            ],
            rows,
        ),
        size=3,
        open_table=True,
        empty=_("Nothing is announced for now."),
    )
