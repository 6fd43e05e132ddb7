"""What our tools cost those who use them, and which contractors lag."""

from collections.abc import Iterable

from django.db.models import F, QuerySet
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from agencies.models import Contractor, Trade
from portal.dates import month_and_year, short_month
from portal.text import plain
from requests.figures import charts
from requests.figures.boards import (
    Card,
    Cell,
    Head,
    Said,
    Table,
    count,
    days,
    decimal,
    join,
    of_n,
    percent,
    said_days,
    said_percent,
)
from requests.figures.cards import FEW, behind, of_month
from requests.figures.charts import Dot, Point
from requests.figures.cube import Answer, Sums
from requests.figures.forms import Choice
from requests.figures.measures import DEFINITIONS, Measure
from requests.figures.period import is_above
from requests.figures.series import Months

M = Measure


def tools(months: Months, found: Sums, choice: Choice) -> Card:
    """What work do our tools cost? Steps of staff per settled claim."""

    def per_claim(sums: Sums) -> float | None:
        mean = sums.mean(M.STEPS)
        return None if mean is None else round(mean, 2)

    def corrected(sums: Sums) -> float | None:
        return sums[M.CORRECTED] / sums[M.STEPS] if sums[M.STEPS] else None

    line, usual = months.line(per_claim), months.usual(per_claim)
    starts, sums = months.starts[-len(line) :], months.sums[-len(line) :]
    points = [
        Point(
            short_month(start),
            value,
            join([month_and_year(start), decimal(value or 0), of_n(one[M.STEPS])]),
            behind(choice, M.STEPS, **of_month(choice, start)),
        )
        for start, value, one in zip(starts, line, sums, strict=True)
    ]
    says = []
    if (mean := per_claim(found)) is not None:
        words = _("%(steps)s steps of our staff per settled claim (%(n)s).")
        said = {"steps": decimal(mean), "n": of_n(found[M.STEPS])}
        says.append(Said(words % said, strong=True))
        share = said_percent(corrected(found) or 0)
        words = _("In %(share)s of the claims a person corrected the sorting.")
        says.append(Said(words % {"share": share}))
        if is_above(line[-1], usual, 0.2):
            says.append(Said(_("More than usual this month.")))
    return Card(
        "tools",
        _("What work do our tools cost?"),
        join([str(DEFINITIONS[M.STEPS]), str(DEFINITIONS[M.CORRECTED])], " "),
        Table(
            _("Steps of our staff per settled claim, by month"),
            [
                Head(_("Month"), number=False),
                Head(pgettext("claims", "Settled")),
                Head(_("Steps per claim")),
                Head(_("Claims with a correction")),
            ],
            [
                [
                    Cell(start.isoformat()[:7], month_and_year(start)),
                    count(one[M.STEPS], behind(choice, M.STEPS, **of_month(choice, start))),
                    Cell(value, "" if value is None else decimal(value)),
                    percent(
                        corrected(one),
                        behind(choice, M.CORRECTED, **of_month(choice, start)),
                    ),
                ]
                for start, one, value in zip(starts, sums, line, strict=True)
            ],
        ),
        says,
        charts.line(
            points,
            band=usual,
            before=months.year_before(per_claim) if choice.compare else [],
            band_name=_("usual range"),
            says=_("Steps per settled claim, month by month"),
            zero=True,
        ),
        empty=_("Nothing was settled in this period."),
    )


def contractors(
    found: Answer, holders: Iterable[dict], trades_of: Iterable[dict], choice: Choice
) -> Card:
    """Which contractors lag? One dot each, by trade; its area is the number of orders.

    ``holders`` and ``trades_of`` are the rows of ``names_asked``, asked together with others.
    """
    by_pair = {key: sums for key, sums in found.by("one", "two").items() if sums[M.ORDERED]}
    names = {str(row["pk"]): row["name"] for row in holders}
    trades = {row["code"]: row["name"] for row in trades_of}
    dots, rows = [], []
    for (one, two), sums in by_pair.items():
        name, trade = names.get(one, one), trades.get(two, _("Without a contract"))
        median, ninth = sums.quantile(0.5, M.ORDERED), sums.quantile(0.9, M.ORDERED)
        returned = sums[M.RETURNED]
        href = behind(choice, M.ORDERED, company=one, trade=two or "-")
        back = behind(choice, M.RETURNED, company=one, trade=two or "-")
        title = _("%(name)s, %(trade)s: half within %(median)s, %(n)s") % {
            "name": name,
            "trade": trade,
            "median": said_days(median or 0),
            "n": of_n(sums[M.ORDERED]),
        }
        dots.append(Dot(trade, median or 0, sums[M.ORDERED], name, title, href))
        rows.append([
            Cell(trade),
            Cell(name),
            count(sums[M.ORDERED], href),
            days(median, href),
            days(ninth, href),
            count(returned, back),
            percent(returned / sums[M.ORDERED], back),
        ])  # fmt: skip
    rows.sort(key=lambda row: (plain(str(row[0].value)), plain(str(row[1].value))))
    lag = [dot for dot in dots if dot.size >= FEW]
    says = []
    if lag:
        slow = max(lag, key=lambda dot: dot.value)
        words = _("%(name)s takes longest: half of its orders within %(median)s.")
        said = {"name": slow.name, "median": said_days(slow.value)}
        says.append(Said(words % said, slow.href, strong=True))
    heads = [Head(_("Trade"), number=False), Head(_("Contractor"), number=False)]
    heads += [Head(_("Orders done")), Head(_("Median")), Head(_("9th decile"))]
    heads += [Head(_("Came back")), Head(_("Share"))]
    return Card(
        "contractors",
        _("Which contractors lag?"),
        _("Days from the order to “done”, by trade; a larger dot is more orders."),
        Table(_("Orders by trade and contractor, in alphabetical order"), heads, rows),
        says,
        charts.dots(
            sorted({dot.row for dot in dots}, key=plain),
            dots,
            words=said_days,
            says=_("Median days of each contractor, by trade"),
        ),
        empty=_("No order was reported done in this period."),
    )


def names_asked(found: Answer) -> tuple[QuerySet, QuerySet]:
    """Return the queries for the names of the contractors of an answer, and of all trades."""
    english = (get_language() or "fr").startswith("en")
    keys = {int(row.one) for row in found.rows}
    return (
        Contractor.objects.filter(pk__in=keys).values("pk", "name"),
        Trade.objects.order_by().values("code", name=F("label_en" if english else "label_fr")),
    )
