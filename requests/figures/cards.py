"""The questions that several boards ask: each card from the answers of ``cube.read``."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.dates import month_and_year, short_month
from requests.catalogue.models import Family
from requests.figures import charts, series
from requests.figures.boards import (
    Card,
    Cell,
    Head,
    Key,
    Said,
    Table,
    count,
    days,
    inner,
    join,
    of_n,
    percent,
    said_days,
    said_percent,
)
from requests.figures.charts import Bar, Part, Point, Range
from requests.figures.cube import Answer, Ask, Sums, month_end
from requests.figures.fact_models import By
from requests.figures.forms import OWN, Choice
from requests.figures.measures import DEFINITIONS, WAITING, Measure
from requests.figures.period import is_below
from requests.figures.series import Months
from requests.kit.choices import Channel
from requests.kit.intervals import median_interval

M = Measure
WORDS = (M.FIXED, M.NOT_FIXED, M.SILENT)
MOST_FAMILIES = 8
FEW = 10  # fewer claims give a median that says little: no sentence is made of it


def behind(choice: Choice, measure: str, **more: object) -> str:
    """Return the address of the claims that a figure counts."""
    return f"{reverse('figures:claims')}?{choice.asking(measure=measure, **more)}"


def of_month(choice: Choice, start: date) -> dict[str, object]:
    """Return what narrows a choice to one month."""
    return {"days": OWN, "since": start, "until": min(month_end(start), choice.span.last)}


def kept_share(sums: Sums) -> float | None:
    """Return the share of promises kept, in per cent."""
    share = sums.share(M.KEPT, M.BROKEN)
    return None if share is None else 100 * share


def promises(months: Months, choice: Choice) -> Card:
    """Do we keep our promises? A line with its own usual band."""
    line, usual = months.line(kept_share), months.usual(kept_share)
    starts, sums = months.starts[-len(line) :], months.sums[-len(line) :]
    points = [
        Point(
            short_month(start),
            value,
            ""
            if value is None
            else join([
                month_and_year(start),
                said_percent(value / 100),
                of_n(one[M.KEPT] + one[M.BROKEN]),
            ]),
            behind(choice, M.BROKEN, **of_month(choice, start)),
        )
        for start, value, one in zip(starts, line, sums, strict=True)
    ]  # fmt: skip
    before = months.year_before(kept_share) if choice.compare else []
    says = []
    at = max((n for n, value in enumerate(line) if value is not None), default=None)
    value = None if at is None else line[at]
    if at is not None and value is not None:
        last = sums[at]
        says.append(
            Said(
                (
                    _("%(share)s in %(month)s (%(n)s):")
                    if usual
                    else _("%(share)s in %(month)s (%(n)s).")
                )
                % {
                    "share": said_percent(value / 100),
                    "month": short_month(starts[at]),
                    "n": of_n(last[M.KEPT] + last[M.BROKEN]),
                },
                strong=True,
            )
        )
        if usual:
            words = (
                _("below the usual range of %(low)s to %(high)s.")
                if is_below(value, usual)
                else _("the usual range is %(low)s to %(high)s.")
            )
            low, high = (said_percent(bound / 100) for bound in usual)
            says.append(Said(words % {"low": low, "high": high}))
    table = Table(
        _("Promises by the month of their date"),
        [
            Head(_("Month"), number=False),
            Head(str(M.KEPT.label)),
            Head(str(M.BROKEN.label)),
            Head(_("Share kept")),
            Head(_("A year before")),
        ],
        [
            [
                Cell(start.isoformat()[:7], month_and_year(start)),
                count(one[M.KEPT], behind(choice, M.KEPT, **of_month(choice, start))),
                count(one[M.BROKEN], behind(choice, M.BROKEN, **of_month(choice, start))),
                percent(
                    None if value is None else value / 100,
                    behind(choice, M.BROKEN, **of_month(choice, start)),
                ),
                percent(None if past is None else past / 100),
            ]
            for start, one, value, past in zip(
                starts, sums, line, months.year_before(kept_share), strict=True
            )
        ],
    )
    drawing = charts.line(
        points,
        band=usual,
        before=before,
        words=lambda value: said_percent(value / 100),
        band_name=_("usual range"),
        says=_("Share of promises kept, month by month"),
    )
    return Card(
        "promises",
        _("Do we keep our promises?"),
        _("Share of the promises kept by their date, by month. %(more)s")
        % {"more": DEFINITIONS[M.KEPT]},
        table,
        says,
        drawing,
        keys=[Key("before", _("a year before"))] if choice.compare else (),
    )


def fixed(found: Answer, column: str, choice: Choice) -> Card:
    """Is it fixed, say tenants? Shares by channel, silence included."""
    by_channel = found.by(column)
    shown = [
        (channel, by_channel[channel])
        for channel in Channel.values
        if sum(by_channel[channel][name] for name in WORDS)
    ]
    looks = {M.FIXED: "bar-yes", M.NOT_FIXED: "bar-no", M.SILENT: "bar-none"}
    bars, rows = [], []
    for channel, sums in shown:
        label = capfirst(str(Channel(channel).label))
        asked = sum(sums[name] for name in WORDS)
        parts = []
        for name in WORDS:
            share = said_percent(sums[name] / asked)
            title = join([label, str(name.label), share, of_n(sums[name])])
            href = behind(choice, name, channel=channel)
            parts.append(Part(sums[name], looks[name], share, title, href))
        bars.append(Bar(f"{label} ({asked})", parts))
        rows.append([
            Cell(label),
            count(asked),
            *(count(sums[name], behind(choice, name, channel=channel)) for name in WORDS),
            percent(sums[M.FIXED] / asked, behind(choice, M.FIXED, channel=channel)),
        ])  # fmt: skip
    whole = found.all
    asked = sum(whole[name] for name in WORDS)
    says = []
    if asked:
        said = {"share": said_percent(whole[M.FIXED] / asked), "n": of_n(asked)}
        says.append(Said(_("%(share)s say yes (%(n)s).") % said, strong=True))
        said = {"share": said_percent(whole[M.SILENT] / asked)}
        says.append(Said(_("%(share)s said nothing yet.") % said))
    heads = [Head(_("Channel"), number=False), Head(pgettext("claims", "Asked"))]
    heads += [Head(str(name.label)) for name in WORDS]
    return Card(
        "fixed",
        _("Is it fixed? What tenants say"),
        str(DEFINITIONS[M.FIXED]),
        Table(_("Answers of tenants, by channel"), [*heads, Head(_("Share of yes"))], rows),
        says,
        charts.stacked(bars, says=_("Answers by channel: yes, no, no answer yet")),
        keys=[
            Key("bar-yes", _("yes")),
            Key("bar-no", _("no")),
            Key("bar-none", _("no answer yet: a call is planned")),
        ],
        empty=_("Nobody was asked in this period."),
    )


def _waiting_row(name: str, sums: Sums, href: str) -> Range:
    median, ninth = sums.median or 0, sums.ninth or 0
    title = _("%(name)s: half within %(median)s, nine in ten within %(ninth)s (%(n)s)") % {
        "name": name,
        "median": said_days(median),
        "ninth": said_days(ninth),
        "n": of_n(sums[M.SETTLED]),
    }
    return Range(name, median, median, ninth, title, href)


def _waiting_table(caption: str, first: str, rows: Sequence[tuple[str, Sums, str]]) -> Table:
    heads = [
        Head(first, number=False),
        Head(pgettext("claims", "Settled")),
        Head(_("Median")),
        Head(_("9th decile")),
    ]
    return Table(
        caption,
        heads,
        [
            [
                Cell(name),
                count(sums[M.SETTLED], href),
                days(sums.median, href),
                days(sums.ninth, href),
            ]
            for name, sums, href in rows
        ],
    )


def waiting(found: Answer, families: Mapping[str, Family], choice: Choice) -> Card:
    """How long, and for whom? Median and ninth decile by family."""
    by_family = {code: sums for code, sums in found.by("one").items() if sums[M.SETTLED]}
    codes = sorted(by_family, key=lambda code: -by_family[code][M.SETTLED])
    rows = [
        (
            str(families[code]) if code in families else code,
            by_family[code],
            behind(choice, M.SETTLED, family=code),
        )
        for code in codes
    ]
    drawn = sorted(rows[:MOST_FAMILIES], key=lambda row: -(row[1].ninth or 0))
    whole = found.all
    says = []
    if whole[M.SETTLED]:
        said = {"median": said_days(whole.median or 0), "ninth": said_days(whole.ninth or 0)}
        words = _("Half within %(median)s, nine in ten within %(ninth)s.") % said
        says.append(Said(words, strong=True))
        enough = [row for row in drawn if row[1][M.SETTLED] >= FEW]
        if enough:
            longest = max(enough, key=lambda row: row[1].ninth or 0)
            says.append(Said(_("Longest: %(family)s.") % {"family": inner(longest[0])}))
    return Card(
        "waiting",
        _("How long do people wait, and for what?"),
        str(WAITING),
        _waiting_table(_("Days of waiting, by family"), _("Family"), rows),
        says,
        charts.ranges(
            [_waiting_row(*row) for row in drawn],
            words=said_days,
            says=_("Median and ninth decile of the days of waiting, by family"),
        ),
        keys=[Key("dot", _("median")), Key("reach", _("up to the ninth decile"))],
        empty=_("Nothing was settled in this period."),
    )


def channels(found: Answer, column: str, choice: Choice) -> Card:
    """The same delay by every channel? Median with its interval, and the volumes."""
    by_channel = found.by(column)
    rows = [
        (
            capfirst(str(Channel(channel).label)),
            by_channel[channel],
            behind(choice, M.SETTLED, channel=channel),
            channel,
        )
        for channel in Channel.values
        if by_channel[channel][M.SETTLED] or by_channel[channel][M.RECEIVED]
    ]
    received = sum(sums[M.RECEIVED] for _n, sums, _h, _c in rows)
    drawn, apart = [], []
    whole = found.all.median or 0
    for name, sums, href, _channel in rows:
        if sums.median is None:
            continue
        low, high = median_interval(sums.values[M.SETTLED])
        title = _("%(name)s: %(median)s, between %(low)s and %(high)s (%(n)s)") % {
            "name": name,
            "median": said_days(sums.median),
            "low": said_days(low),
            "high": said_days(high),
            "n": of_n(sums[M.SETTLED]),
        }
        drawn.append(Range(name, low, sums.median, high, title, href))
        if low > whole and sums[M.SETTLED] >= FEW:
            apart.append((name, sums.median, href))
    says = []
    for name, median, href in apart:
        words = _("%(name)s: %(median)s") % {"name": name, "median": said_days(median)}
        says.append(Said(words, href, strong=True))
    if drawn:
        everywhere = _("Yes, give or take chance: about %(median)s everywhere.")
        words = _("elsewhere about %(median)s.") if apart else everywhere
        says.append(Said(words % {"median": said_days(whole)}))
    heads = [
        Head(_("Channel"), number=False),
        Head(str(M.RECEIVED.label)),
        Head(_("Share")),
        Head(_("Median")),
        Head(_("Interval of the median")),
        Head(_("9th decile")),
    ]
    table = Table(
        _("Claims and delay by channel"),
        heads,
        [
            [
                Cell(name),
                count(sums[M.RECEIVED], behind(choice, M.RECEIVED, channel=channel)),
                percent(
                    sums[M.RECEIVED] / received if received else None,
                    behind(choice, M.RECEIVED, channel=channel),
                ),
                days(sums.median, href),
                Cell(interval(sums)),
                days(sums.ninth, href),
            ]
            for name, sums, href, channel in rows
        ],
    )
    return Card(
        "channels",
        _("The same delay by every channel?"),
        _(
            "Median days of waiting of settled claims, by the channel of filing; the rule is the "
            "interval of 95 per cent of the median."
        ),
        table,
        says,
        charts.ranges(
            drawn,
            words=said_days,
            says=_("Median days of waiting by channel, with intervals"),
        ),
        empty=_("Nothing was settled in this period."),
    )


def interval(sums: Sums) -> str | None:
    if sums.median is None:
        return None
    low, high = median_interval(sums.values[M.SETTLED])
    return _("%(low)s to %(high)s") % {"low": said_days(low), "high": said_days(high)}


def asks(choice: Choice) -> list[Ask]:
    """Return what the cards above ask for, beside the months of ``series``."""
    by_channel, column = choice.per_channel()
    span = choice.span
    listed = [M.RECEIVED, M.SETTLED, *WORDS]
    return [
        Ask("channel", span, listed, keep=(column,), **by_channel),
        Ask("family", span, [M.SETTLED], keep=("one",), **choice.per_family()),
        Ask(
            "group",
            span,
            [M.RECEIVED, M.SETTLED, M.PERSON, M.KEPT, M.BROKEN],
            by=By.GROUP,
            keep=("one", "two"),
            **choice.where(),
        ),
        Ask(
            "trade",
            span,
            [M.ORDERED, M.RETURNED],
            by=By.TRADE,
            keep=("one", "two"),
            **choice.where(),
        ),
        *series.asks(
            choice,
            [M.RECEIVED, M.SETTLED, M.KEPT, M.BROKEN, M.STEPS, M.CORRECTED, M.BACK],
        ),
    ]
