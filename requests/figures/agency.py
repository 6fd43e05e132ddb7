"""The board of an agency: its own eight questions, then what head office will see of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.database.together import ask_together
from portal.dates import full_day, short_day
from requests.catalogue.models import Family
from requests.figures import cards, charts, cube, live, places, queue, series, survey_card, work
from requests.figures.boards import (
    Board,
    Card,
    Cell,
    Head,
    Key,
    Said,
    Table,
    claims,
    count,
    rate,
    said_percent,
)
from requests.figures.charts import Bar, Part, Point
from requests.figures.cube import Answer, Ask, Span
from requests.figures.fact_models import Grain
from requests.figures.forms import Choice
from requests.figures.measures import DEFINITIONS, Measure
from requests.figures.period import is_above, is_below, usual_range, week_starts
from requests.figures.units import Place
from requests.routing.figures import what_rules_did
from requests.routing.models import Rule
from requests.routing.rule_actions import active_rules

M = Measure
WEEKS, HABIT_WEEKS = 26, 52


def board(
    membership: Membership,
    choice: Choice,
    now: datetime,
    place: Place | None,
    families: Mapping[str, Family],
) -> Board:
    """Return the board of one unit or, without ``place``, of all together."""
    last = choice.span.last
    weeks = week_starts(last, HABIT_WEEKS)
    base = choice.base()
    found = cube.read([
        Ask(
            "weeks",
            Span(weeks[0], weeks[-1] - timedelta(days=1)),
            [M.RECEIVED],
            keep=("start",),
            grain=Grain.WEEK,
            values=False,
            **base,
        ),
        Ask("this_week", Span(weeks[-1], last), [M.RECEIVED], keep=(), values=False, **base),
        Ask("rules", choice.span, [M.ACCEPTED, M.CHANGED], keep=(), values=False, **base),
        Ask(
            "kinds",
            choice.span,
            [M.BACK, M.SETTLED],
            keep=("one",),
            values=False,
            **choice.per_family(),
        ),
        Ask("work", choice.span, [M.STEPS, M.CORRECTED], keep=(), **base),
        *cards.asks(choice),
    ])  # fmt: skip
    still_open, late_orders, rules = ask_together(
        live.asked(membership, choice, now),
        queue.late_orders(membership, choice, now),
        active_rules(place.unit if place else None, proposing=True).select_related(None),
    )
    open_now = live.of_rows(still_open)
    together = series.months(found, last)
    _by, column = choice.per_channel()
    today, says = queue.today(open_now, choice, now)
    return Board(
        "agency",
        _("What must we do today?"),
        says,
        [
            today,
            queue.week(open_now, choice, now),
            queue.waits(open_now, choice),
            places.buildings(choice, families),
            _rules(found["rules"], rules),
            queue.contractors(late_orders, choice, now),
            _back(found["kinds"], families, choice),
            _load(found, choice, place),
            cards.promises(together, choice),
            cards.fixed(found["channel"], column, choice),
            cards.waiting(found["family"], families, choice),
            cards.channels(found["channel"], column, choice),
            work.tools(together, found["work"].all, choice),
            survey_card.survey(membership, place.unit.code if place else None),
        ],
    )


def _rules(found: Answer, rules: list[Rule]) -> Card:
    """Which rules help? Proposals accepted and changed."""
    did = what_rules_did(str(rule.pk) for rule in rules)
    rows = []
    for rule in rules:
        told = did.get(str(rule.pk))
        if told and (row := told.accepted):
            rows.append([
                Cell(rule.name, href=reverse("rules:rule", args=[rule.pk])),
                count(row["accepted"] or 0),
                count(row["changed"] or 0),
            ])  # fmt: skip
    whole = found.all
    says = []
    if (share := whole.share(M.ACCEPTED, M.CHANGED)) is not None:
        words = _("%(share)s of the proposals were accepted as they stood.")
        says.append(Said(words % {"share": said_percent(share)}, strong=True))
    parts = [
        Part(whole[M.ACCEPTED], "bar-yes", str(whole[M.ACCEPTED]), str(M.ACCEPTED.label)),
        Part(whole[M.CHANGED], "bar-none", str(whole[M.CHANGED]), str(M.CHANGED.label)),
    ]
    decided = whole[M.ACCEPTED] + whole[M.CHANGED]
    rows.append([
        Cell(_("All proposals of the period")),
        count(whole[M.ACCEPTED]),
        count(whole[M.CHANGED]),
    ])  # fmt: skip
    return Card(
        "rules",
        _("Which rules help?"),
        str(DEFINITIONS[M.ACCEPTED]) + " " + _("Rules: since they exist."),
        Table(
            _("Decisions on proposals"),
            [
                Head(_("Rule"), number=False),
                Head(str(M.ACCEPTED.label)),
                Head(str(M.CHANGED.label)),
            ],
            rows,
        ),
        says,
        charts.stacked(
            [Bar("", parts)] if decided else [],
            says=_("Proposals accepted and changed"),
        ),
        keys=[Key("bar-yes", str(M.ACCEPTED.label)), Key("bar-none", str(M.CHANGED.label))],
        empty=_("Nobody decided on a proposal in this period."),
    )


def _back(found: Answer, families: Mapping[str, Family], choice: Choice) -> Card:
    """What comes back? Reopenings by family, beside what was settled."""
    by_family = {code: sums for code, sums in found.by("one").items() if sums[M.BACK]}
    rows = []
    for code in sorted(by_family, key=lambda code: -by_family[code][M.BACK]):
        sums = by_family[code]
        rows.append([
            Cell(str(families[code]) if code in families else code),
            count(sums[M.BACK], cards.behind(choice, M.BACK, family=code)),
            count(sums[M.SETTLED], cards.behind(choice, M.SETTLED, family=code)),
        ])  # fmt: skip
    whole = found.all
    says = []
    if whole[M.BACK]:
        words = _("%(number)s times, for %(settled)s settled claims.")
        said = {"number": whole[M.BACK], "settled": whole[M.SETTLED]}
        says.append(Said(words % said, cards.behind(choice, M.BACK), strong=True))
    return Card(
        "back",
        _("What comes back?"),
        str(DEFINITIONS[M.BACK]),
        Table(
            _("Claims that came back, by family"),
            [
                Head(_("Family"), number=False),
                Head(str(M.BACK.label)),
                Head(str(M.SETTLED.label)),
            ],
            rows,
        ),
        says,
        open_table=True,
        empty=_("Nothing came back in this period."),
    )


def _load(found: Mapping[str, Answer], choice: Choice, place: Place | None) -> Card:
    """Was our load unusual? Claims by week, with the usual range of the year."""
    last = choice.span.last
    weeks = week_starts(last, HABIT_WEEKS)
    number = Counter(
        {start: sums[M.RECEIVED] for start, sums in found["weeks"].by("start").items()}
    )
    number[weeks[-1]] = found["this_week"].all[M.RECEIVED]
    counted = any(number.values())
    values: list[float | None] = [number[week] if counted else None for week in weeks]
    usual = usual_range(values[:-1]) if counted else None
    if last < weeks[-1] + timedelta(days=6):
        values[-1] = None  # a part of a week is no low week
    drawn = weeks[-WEEKS:]
    points = [
        Point(
            short_day(week),
            value,
            _("week of %(day)s: %(claims)s")
            % {"day": short_day(week), "claims": claims(number[week])},
            cards.behind(choice, M.RECEIVED, **_of_week(week, last)),
        )
        for week, value in zip(drawn, values[-WEEKS:], strict=True)
    ]
    whole_week = weeks[-2]
    says = []
    if usual:
        value = number[whole_week]
        words = (
            _("More than usual last week: %(n)s, usually %(low)s to %(high)s.")
            if is_above(value, usual)
            else _("Less than usual last week: %(n)s, usually %(low)s to %(high)s.")
            if is_below(value, usual)
            else _("As usual last week: %(n)s, usually %(low)s to %(high)s.")
        )
        said = {"n": value, "low": round(usual[0]), "high": round(usual[1])}
        says.append(Said(words % said, strong=True))
    homes = place.dwellings if place else 0
    return Card(
        "load",
        _("Was our load unusual?"),
        _(
            "Claims that came in, by week; the usual range is that of the year. The week "
            "under way is in the numbers alone."
        ),
        Table(
            _("Claims by week"),
            [
                Head(_("Week of"), number=False),
                Head(str(M.RECEIVED.label)),
                Head(_("per 100 dwellings")),
            ],
            [
                [
                    Cell(week.isoformat(), full_day(week)),
                    count(number[week], cards.behind(choice, M.RECEIVED, **_of_week(week, last))),
                    rate(number[week], homes),
                ]
                for week in drawn
            ],
        ),
        says,
        charts.line(
            points,
            band=usual,
            band_name=_("usual range"),
            says=_("Claims that came in, week by week"),
            zero=True,
        ),
        empty=_("Nothing came in in this period."),
    )


def _of_week(week, last) -> dict[str, object]:
    return {"days": "own", "since": week, "until": min(week + timedelta(days=6), last)}
