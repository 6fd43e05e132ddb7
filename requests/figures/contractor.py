"""The board of a company that works for us: its own orders, beside its own past, and no other's."""

from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Unit
from portal.dates import month_and_year, short_month
from requests.figures import charts, cube
from requests.figures.boards import (
    Board,
    Card,
    Cell,
    Head,
    Said,
    Table,
    count,
    days,
    join,
    of_n,
    percent,
    said_days,
)
from requests.figures.cube import Ask, Span, Sums
from requests.figures.fact_models import By, Grain
from requests.figures.measures import DEFINITIONS, Measure
from requests.figures.period import MEMORY, is_above, month_starts
from requests.figures.series import Months, months

M = Measure
ORDERS = (M.ORDERED, M.RETURNED)


def behind(measure: Measure, span: Span, unit: int | None = None) -> str:
    """Return the address of the company's orders behind a figure; ``unit`` 0: place not known."""
    asked = {"measure": measure, "since": span.first, "until": span.last}
    if unit is not None:
        asked["unit"] = unit
    return f"{reverse('company_orders')}?{urlencode(asked)}"


def _open(number: int, measure: Measure, span: Span, unit: int | None = None) -> str:
    return behind(measure, span, unit) if number else ""


def board(company: int, name: str, span: Span, unit: int | None = None) -> Board:
    """Return the board of one company for some days, of one agency or of all."""
    last = span.last
    starts = month_starts(last, MEMORY)
    own, units = (str(company),), None if unit is None else (unit,)
    found = cube.read([
        Ask("units", span, ORDERS, keep=("unit",), by=By.TRADE, one=own, units=units),
        Ask(
            "months",
            Span(starts[0], starts[-2]),
            ORDERS,
            keep=("start",),
            grain=Grain.MONTH,
            by=By.TRADE, one=own, units=units,
        ),
        Ask(
            "this_month",
            Span(starts[-1], last),
            ORDERS,
            keep=(),
            by=By.TRADE, one=own, units=units,
        ),
    ])  # fmt: skip
    together = months(found, last)
    whole = found["units"].all
    says = []
    if whole[M.ORDERED]:
        words = _("%(name)s: half of the orders done within %(median)s (%(n)s).")
        said = {"name": name, "median": said_days(_median(whole) or 0), "n": of_n(whole[M.ORDERED])}
        says.append(Said(words % said, strong=True))
        says += _returned(whole, span, unit)
    else:
        says.append(Said(_("No order was reported done in this period.")))
    by_unit = found["units"].by("unit")
    names = Unit.objects.in_bulk([key for key in by_unit if key])
    rows = [
        [
            Cell(str(names.get(key) or _("Place not known yet"))),
            count(sums[M.ORDERED], _open(sums[M.ORDERED], M.ORDERED, span, key)),
            days(_median(sums), _open(sums[M.ORDERED], M.ORDERED, span, key)),
            days(sums.quantile(0.9, M.ORDERED), _open(sums[M.ORDERED], M.ORDERED, span, key)),
            count(sums[M.RETURNED], _open(sums[M.RETURNED], M.RETURNED, span, key)),
            percent(
                sums[M.RETURNED] / sums[M.ORDERED] if sums[M.ORDERED] else None,
                _open(sums[M.RETURNED], M.RETURNED, span, key),
            ),
        ]
        for key, sums in sorted(by_unit.items(), key=lambda item: str(names.get(item[0], "")))
    ]
    heads = [Head(_("Agency"), number=False), Head(_("Orders done")), Head(_("Median"))]
    heads += [Head(_("9th decile")), Head(_("Came back")), Head(_("Share"))]
    where = Card(
        "where",
        _("Where do we work, and what comes back?"),
        join([str(DEFINITIONS[M.ORDERED]), str(DEFINITIONS[M.RETURNED])], " "),
        Table(_("Our orders by agency"), heads, rows),
        size=2,
        open_table=True,
        empty=_("No order was reported done in this period."),
    )
    return Board("company", _("How fast do we finish?"), says, [_speed(together, unit), where])


def _median(sums: Sums) -> int | None:
    return sums.quantile(0.5, M.ORDERED)


def _returned(whole: Sums, span: Span, unit: int | None) -> list[Said]:
    """Return how many orders came back, which the words open."""
    number = whole[M.RETURNED]
    if not number:
        return [Said(_("Nothing came back."))]
    words = ngettext("%(n)s came back.", "%(n)s came back.", number) % {"n": number}
    return [Said(words, behind(M.RETURNED, span, unit))]


def _of_month(start: date) -> Span:
    """Return the days of the month that begins on ``start``."""
    following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Span(start, following - timedelta(days=1))


def _speed(together: Months, unit: int | None) -> Card:
    line, usual = together.line(_median), together.usual(_median)
    starts, sums = together.starts[-len(line) :], together.sums[-len(line) :]
    points = [
        charts.Point(
            short_month(start),
            value,
            join([short_month(start), said_days(value or 0), of_n(one[M.ORDERED])]),
            _open(one[M.ORDERED], M.ORDERED, _of_month(start), unit),
        )
        for start, value, one in zip(starts, line, sums, strict=True)
    ]
    says = []
    if is_above(line[-1], usual):
        says.append(Said(_("Slower than usual this month."), strong=True))
    return Card(
        "speed",
        _("Are we as fast as usual?"),
        _("Median days from the order to “done”, by month; the band is your own last three years."),
        Table(
            _("Orders by month"),
            [Head(_("Month"), number=False), Head(_("Orders done")), Head(_("Median"))],
            [
                [
                    Cell(start.isoformat()[:7], month_and_year(start)),
                    count(one[M.ORDERED], point.href),
                    days(value),
                ]
                for start, one, value, point in zip(starts, sums, line, points, strict=True)
            ],
        ),
        says,
        charts.line(
            points,
            band=usual,
            words=said_days,
            band_name=_("usual range"),
            says=_("Median days per order, month by month"),
            zero=True,
        ),
    )
