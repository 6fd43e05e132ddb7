"""The boards of head office: the customer direction's questions, and the stock direction's."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.models import Membership, Unit
from portal.database.together import ask_together
from portal.dates import month_and_year, short_month
from requests.catalogue.models import Family
from requests.figures import (
    cards,
    charts,
    cube,
    equity,
    live,
    neighbourhoods,
    places,
    series,
    survey_card,
    work,
)
from requests.figures.boards import (
    Board,
    Card,
    Cell,
    Head,
    Said,
    Table,
    claims,
    count,
    days,
    decimal,
    percent,
    rate,
    said_days,
    whole,
)
from requests.figures.cube import Answer, Ask, Sums
from requests.figures.fact_models import By
from requests.figures.forms import Choice
from requests.figures.measures import WAITING, Measure
from requests.figures.period import is_above, is_below
from requests.figures.series import Months
from requests.figures.units import Place

M = Measure
ALL = (M.RECEIVED, M.SETTLED, M.FIXED, M.NOT_FIXED, M.SILENT, M.KEPT, M.BROKEN)


def median(sums: Sums) -> float | None:
    """Return the median days of waiting."""
    return sums.median


def customers(
    membership: Membership,
    choice: Choice,
    now: datetime,
    units: Sequence[Place],
    families: Mapping[str, Family],
) -> Board:
    """Return the board of the customer direction."""
    asked = [
        Ask("units", choice.span, ALL, **choice.base()),
        Ask("before", choice.span.year_before(), ALL, **choice.base()),
        Ask("work", choice.span, [M.STEPS, M.CORRECTED], keep=(), **choice.base()),
        neighbourhoods.ask(choice),
        *cards.asks(choice),
    ]
    found = cube.read(asked)
    still_open, holders, trades = ask_together(
        live.asked(membership, choice, now), *work.names_asked(found["trade"])
    )
    open_now = live.of_rows(still_open)
    _by, column = choice.per_channel()
    last = choice.span.last
    together = series.months(found, last)
    table, says = _units(found, open_now, choice, units)
    return Board(
        "customers",
        _("Where must we help this week?"),
        says,
        [
            table,
            cards.promises(together, choice),
            cards.channels(found["channel"], column, choice),
            places.heat(choice, families),
            cards.fixed(found["channel"], column, choice),
            cards.waiting(found["family"], families, choice),
            work.contractors(found["trade"], holders, trades, choice),
            work.tools(together, found["work"].all, choice),
            equity.equity(found["group"], choice),
            neighbourhoods.neighbourhoods(found["areas"], choice),
            survey_card.survey(membership, choice.unit.code if choice.unit else None),
        ],
    )


def stock(
    membership: Membership,
    choice: Choice,
    now: datetime,
    units: Sequence[Place],
    families: Mapping[str, Family],
) -> Board:
    """Return the board of the stock direction: what breaks, where, how often, who mends it."""
    lines = [M.RECEIVED, M.BACK, M.SETTLED]
    found = cube.read([
        Ask("kinds", choice.span, lines, keep=("one",), **choice.per_family()),
        Ask("before", choice.span.year_before(), lines, keep=("one",), **choice.per_family()),
        Ask(
            "trade",
            choice.span,
            [M.ORDERED, M.RETURNED],
            by=By.TRADE,
            keep=("one", "two"),
            **choice.where(),
        ),
        *series.asks(choice, lines),
    ])  # fmt: skip
    holders, trades = ask_together(*work.names_asked(found["trade"]))
    heat = places.heat(choice, families)
    repeated = places.buildings(choice, families)
    return Board(
        "stock",
        _("What breaks, where, and what comes back?"),
        [*heat.says, *repeated.says],
        [
            heat,
            repeated,
            _kinds(found["kinds"], found["before"], families, choice, units),
            _volume(series.months(found, choice.span.last), choice, units),
            work.contractors(found["trade"], holders, trades, choice),
        ],
    )


def _kinds(
    found: Answer,
    before: Answer,
    families: Mapping[str, Family],
    choice: Choice,
    units: Sequence[Place],
) -> Card:
    """What breaks most, and what comes back? Families with rates and last year's number."""
    homes = sum(place.dwellings for place in units if choice.unit in (None, place.unit))
    by_family, past = found.by("one"), before.by("one")
    rows = []
    for code in sorted(by_family, key=lambda code: -by_family[code][M.RECEIVED]):
        sums = by_family[code]
        rows.append([
            Cell(str(families[code]) if code in families else code),
            count(sums[M.RECEIVED], cards.behind(choice, M.RECEIVED, family=code)),
            rate(sums[M.RECEIVED], homes),
            count(past[code][M.RECEIVED]),
            count(sums[M.BACK], cards.behind(choice, M.BACK, family=code)),
            percent(
                sums[M.BACK] / sums[M.SETTLED] if sums[M.SETTLED] else None,
                cards.behind(choice, M.BACK, family=code),
            ),
            days(sums.median, cards.behind(choice, M.SETTLED, family=code)),
        ])  # fmt: skip
    says = []
    if rows:
        said = {"family": rows[0][0].shown, "claims": claims(int(rows[0][1].value or 0))}
        says.append(Said(_("Most: %(family)s, %(claims)s.") % said, rows[0][1].href, strong=True))
    return Card(
        "kinds",
        _("What breaks most, and what comes back?"),
        _("Came in, beside the same days a year before; came back, beside what was settled."),
        Table(
            _("Claims by family"),
            [
                Head(_("Family"), number=False),
                Head(str(M.RECEIVED.label)),
                Head(_("per 100 dwellings")),
                Head(_("A year before")),
                Head(str(M.BACK.label)),
                Head(_("Share of settled")),
                Head(_("Median")),
            ],
            rows,
        ),
        says,
        size=2,
        open_table=True,
        empty=_("Nothing came in in this period."),
    )


def _volume(months: Months, choice: Choice, units: Sequence[Place]) -> Card:
    """Is it more than usual? Claims per 100 dwellings, month by month."""
    homes = sum(place.dwellings for place in units if choice.unit in (None, place.unit))

    def per_hundred(sums: Sums) -> float | None:
        return round(100 * sums[M.RECEIVED] / homes, 2) if homes else None

    line, usual = months.line(per_hundred), months.usual(per_hundred)
    if months.is_under_way(choice.span.last):
        line[-1] = None  # a part of a month is no low month
    starts, sums = months.starts[-len(line) :], months.sums[-len(line) :]
    points = [
        charts.Point(
            short_month(start),
            value,
            f"{month_and_year(start)} · {claims(one[M.RECEIVED])}",
            cards.behind(choice, M.RECEIVED, **cards.of_month(choice, start)),
        )
        for start, value, one in zip(starts, line, sums, strict=True)
    ]
    says = []
    if usual and (value := line[-2]) is not None:
        words = (
            _("More than usual in %(month)s: %(rate)s, usually %(low)s to %(high)s.")
            if is_above(value, usual, 0.1)
            else _("Less than usual in %(month)s: %(rate)s, usually %(low)s to %(high)s.")
            if is_below(value, usual, 0.1)
            else _("As usual in %(month)s: %(rate)s, usually %(low)s to %(high)s.")
        )
        low, high = (decimal(bound) for bound in usual)
        said = {"month": short_month(starts[-2]), "rate": decimal(value), "low": low, "high": high}
        says.append(Said(words % said, strong=True))
    return Card(
        "volume",
        _("Is it more than usual?"),
        _(
            "Claims per 100 dwellings and month, with the usual range of three years. The month "
            "under way is in the numbers alone."
        ),
        Table(
            _("Claims by month"),
            [Head(_("Month"), number=False), Head(str(M.RECEIVED.label)), Head(_("per 100"))],
            [
                [
                    Cell(start.isoformat()[:7], month_and_year(start)),
                    count(one[M.RECEIVED], point.href),
                    rate(one[M.RECEIVED], homes),
                ]
                for start, one, point in zip(starts, sums, points, strict=True)
            ],
        ),
        says,
        charts.line(
            points,
            band=usual,
            before=months.year_before(per_hundred) if choice.compare else [],
            band_name=_("usual range"),
            says=_("Claims per 100 dwellings, month by month"),
            zero=True,
        ),
    )


def _late_href(unit: Unit | None, choice: Choice) -> str:
    return cards.behind(choice, "late", unit=unit.code if unit else "")


def _units(
    found: Mapping[str, Answer], open_now: live.Now, choice: Choice, units: Sequence[Place]
) -> tuple[Card, list[Said]]:
    """How long do people wait, and where? One line per unit, in alphabetical order."""
    by_unit, before = found["units"].by("unit"), found["before"].by("unit")
    rows: list[list[Cell]] = []
    marked: set[int] = set()
    says: list[Said] = []
    for place in units:
        if choice.unit not in (None, place.unit) or (place.is_office and _idle(place, by_unit)):
            continue
        sums = by_unit[place.unit.pk]
        months = series.months(found, choice.span.last, place.unit.pk)
        line, usual = months.line(median), months.usual(median)
        enough = sums[M.SETTLED] >= cards.FEW
        slow = enough and is_above(sums.median, usual)
        kept = months.usual(cards.kept_share)
        enough = sums[M.KEPT] + sums[M.BROKEN] >= cards.FEW
        broken = enough and is_below(cards.kept_share(sums), kept)
        late = open_now.late(place.unit.pk)
        if slow or broken:
            marked.add(len(rows))
            says += _trouble(place, sums, usual if slow else None, kept, late, choice)
        own = {"unit": place.unit.code}
        rows.append([
            Cell(
                place.unit.name,
                href=f"{reverse('figures:agency')}?{choice.asking(**own)}",
                title=place.note,
            ),
            Cell(
                None,
                drawing=charts.spark(line, usual, _spark_words(place.unit, line, usual)),
            ),
            days(sums.median, cards.behind(choice, M.SETTLED, **own))._replace(look="strong"),
            *([days(before[place.unit.pk].median)] if choice.compare else []),
            days(sums.ninth, cards.behind(choice, M.SETTLED, **own)),
            percent(
                sums.share(M.FIXED, M.NOT_FIXED, M.SILENT), cards.behind(choice, M.FIXED, **own)
            ),
            percent(sums.share(M.KEPT, M.BROKEN), cards.behind(choice, M.BROKEN, **own)),
            count(late, _late_href(place.unit, choice) if late else ""),
            count(sums[M.RECEIVED], cards.behind(choice, M.RECEIVED, **own)),
            rate(sums[M.RECEIVED], place.dwellings),
            Cell(place.dwellings, whole(place.dwellings)),
            Cell(place.note, look="note"),
        ])  # fmt: skip
    if nowhere := by_unit.get(0):
        rows.append([
            Cell(_("Place not known yet")),
            *[Cell(None)] * (len(rows[0]) - 5 if rows else 0),
            count(nowhere[M.RECEIVED]),
            Cell(None),
            Cell(None),
            Cell(""),
        ])  # fmt: skip
    says.append(
        Said(_("Elsewhere, nothing unusual.") if says else _("No agency is slower than usual."))
    )
    heads = [
        Head(_("Agency"), number=False),
        Head(_("Trend"), number=False),
        Head(_("Median")),
        *([Head(_("A year before"))] if choice.compare else []),
        Head(_("9th decile")),
        Head(_("“Fixed”")),
        Head(_("Promises kept")),
        Head(_("Late now")),
        Head(str(M.RECEIVED.label)),
        Head(_("per 100 dwellings")),
        Head(_("Dwellings")),
        Head(_("What the agency says"), number=False),
    ]
    card = Card(
        "units",
        _("How long do people wait, and where?"),
        _("%(waiting)s The line: twelve months, before the agency’s own usual range. Alphabetical.")
        % {"waiting": WAITING},
        Table(_("Figures of each agency"), heads, rows, frozenset(marked)),
        size=3,
        open_table=True,
    )
    return card, says


def _idle(place: Place, by_unit: Mapping[int, Sums]) -> bool:
    return place.unit.pk not in by_unit


def _trouble(
    place: Place,
    sums: Sums,
    slow: tuple[float, float] | None,
    kept: tuple[float, float] | None,
    late: int,
    choice: Choice,
) -> list[Said]:
    """Return the sentence about a unit that is slower than itself, with its late claims."""
    says = [Said(_("%(name)s:") % {"name": place.unit.name}, strong=True)]
    if slow:
        words = _("%(days)s of waiting, usually %(low)s to %(high)s.")
        low, high = (said_days(round(bound)) for bound in slow)
        said = {"days": said_days(sums.median or 0), "low": low, "high": high}
        says.append(Said(words % said))
    else:
        share = cards.kept_share(sums)
        words = _("%(share)s of the promises kept, usually %(low)s to %(high)s.")
        low, high = (cards.said_percent(bound / 100) for bound in kept or (0, 0))
        said = {"share": cards.said_percent((share or 0) / 100), "low": low, "high": high}
        says.append(Said(words % said))
    if place.note:
        says.append(Said(_("The agency says:")))
        says.append(Said(f"{place.note.rstrip('.')}.", house=True))
    if late:
        words = _("See its %(claims)s past the promise") % {"claims": claims(late)}
        says.append(Said(words, _late_href(place.unit, choice)))
    return says


def _spark_words(
    unit: Unit, line: Sequence[float | None], usual: tuple[float, float] | None
) -> str:
    values = ", ".join("—" if value is None else f"{value:.0f}" for value in line)
    words = _("Median days per month, 12 months: %(values)s") % {"values": values}
    if usual:
        low, high = (f"{bound:.0f}" for bound in usual)
        words += ". " + _("Usually %(low)s to %(high)s") % {"low": low, "high": high}
    return words
