"""What is open now: what an agency must do, who waits for whom, which orders are late."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.dates import week_day
from requests.figures import cards, charts, live
from requests.figures.boards import Card, Cell, Head, Key, Said, Table, claims, count, days
from requests.figures.charts import Bar, Part
from requests.figures.forms import Choice
from requests.kit.choices import State
from requests.work_orders.models import WorkOrder

US = (State.RECEIVED, State.IN_REVIEW)
# Whom an open claim waits for: us, the tenant, a contractor, the tenant's word at the end.
WAITS = (
    ("us", US),
    ("tenant", (State.WAITING_TENANT,)),
    ("contractor", (State.PLANNED, State.IN_PROGRESS)),
    ("word", (State.DONE,)),
)


def today(open_now: live.Now, choice: Choice, now: datetime) -> tuple[Card, list[Said]]:
    """What must we do today? What is late, and what is promised for today."""
    today = timezone.localdate(now)
    late = open_now.late()
    due = open_now.total(lambda row: row.day == today and not row.late)
    fresh = open_now.states([State.RECEIVED])
    inbox = reverse("agency:inbox")
    rows = [
        (_("Past their promise"), late, cards.behind(choice, "late")),
        (_("Promised for today"), due, cards.behind(choice, "today")),
        (_("New, nobody took them yet"), fresh, cards.behind(choice, "new")),
    ]
    says = []
    if late:
        words = _("%(claims)s late") % {"claims": claims(late)}
        says.append(Said(f"{words}.", rows[0][2], strong=True))
    if due:
        words = _("%(claims)s promised for today") % {"claims": claims(due)}
        says.append(Said(f"{words}.", rows[1][2], strong=True))
    if not says:
        says.append(
            Said(_("Nothing is late, and nothing more is promised for today."), strong=True)
        )
    says.append(Said(_("Open the list"), f"{inbox}?view=todo", way=True))
    card = Card(
        "today",
        _("What must we do today?"),
        _("Open claims whose next news was promised by now, or for today. As of now."),
        Table(
            _("Open claims as of now"),
            [Head(_("Claims"), number=False), Head(_("How many"))],
            [[Cell(name), count(number, href if number else "")] for name, number, href in rows],
        ),
        open_table=True,
    )
    return card, says


def week(open_now: live.Now, choice: Choice, now: datetime) -> Card:
    """What falls late this week? Promises by their day."""
    today = timezone.localdate(now)
    by_day: Counter[int] = Counter()
    for row, n in open_now.rows.items():
        if row.day and not row.late and 0 <= (row.day - today).days < 7:
            by_day[(row.day - today).days] += n
    bars, rows = [], []
    most = max(by_day.values(), default=0)
    for ahead in range(7):
        day = today + timedelta(days=ahead)
        name = capfirst(week_day(day))
        number = by_day[ahead]
        href = cards.behind(choice, "due", day=day) if number else ""
        title = f"{name} · {claims(number)}"
        parts = [Part(number, "bar-yes", str(number), title, href)]
        parts.append(Part(max(most - number, 0), "bar-empty"))
        bars.append(Bar(name, parts if most else ()))
        rows.append([Cell(day.isoformat(), name), count(number, href)])
    total = by_day.total()
    words = _("%(claims)s promised within seven days.") % {"claims": claims(total)}
    return Card(
        "week",
        _("What falls late this week?"),
        _("Open claims by the day of their promised news, if nothing is done. As of now."),
        Table(
            _("Promised news by day"),
            [Head(_("Day"), number=False), Head(_("Claims"))],
            rows,
        ),
        [Said(words, strong=True)],
        charts.stacked(bars, says=_("Promised news of the next seven days")),
    )


def waits(open_now: live.Now, choice: Choice) -> Card:
    """Who waits for us, and for whom do we wait?"""
    names = {
        "us": _("tenants wait for us"),
        "tenant": _("we wait for the tenant"),
        "contractor": _("we wait for a visit or works"),
        "word": _("the tenant is asked if it is fixed"),
    }
    looks = {"us": "bar-yes", "tenant": "bar-mid", "contractor": "bar-pale", "word": "bar-none"}
    numbers = {key: open_now.states(states) for key, states in WAITS}
    whole = sum(numbers.values())
    parts = [
        Part(
            numbers[key],
            looks[key],
            str(numbers[key]),
            f"{names[key]} · {claims(numbers[key])}",
            cards.behind(choice, f"waits-{key}"),
        )
        for key in names
    ]
    says = []
    if whole:
        words = _("%(claims)s wait for us, of %(whole)s open.")
        said = {"claims": claims(numbers["us"]), "whole": whole}
        says.append(Said(words % said, strong=True))
    return Card(
        "waits",
        _("Who waits for us, and for whom do we wait?"),
        _("Open claims by who must act next. As of now."),
        Table(
            _("Open claims by who must act next"),
            [Head(_("Who"), number=False), Head(_("Claims"))],
            [
                [
                    Cell(capfirst(name)),
                    count(numbers[key], cards.behind(choice, f"waits-{key}")),
                ]
                for key, name in names.items()
            ],
        ),
        says,
        charts.stacked(
            [Bar("", parts)] if whole else [],
            says=_("Open claims by who must act"),
        ),
        keys=[Key(looks[key], name) for key, name in names.items()],
        empty=_("Nothing is open."),
    )


def late_orders(membership: Membership, choice: Choice, now: datetime) -> QuerySet:
    """Return the query for orders past the date they were expected by, by contractor."""
    waiting = (
        WorkOrder.objects.visible_to(membership)
        .late(now)
        .filter(claim__in=live.open_claims(membership, choice))
    )
    return (
        waiting.order_by()
        .values("contractor", name=F("contractor__name"), phone=F("contractor__phone"))
        .annotate(n=Count("pk"), oldest=Min("respond_by"))
        .order_by("name")
    )


def contractors(rows: list[dict], choice: Choice, now: datetime) -> Card:
    """Which contractor to call about? ``rows`` are those of ``late_orders``, asked together."""
    says = []
    if rows:
        most = max(rows, key=lambda row: row["n"])
        words = _("%(name)s: %(number)s orders past their date.")
        says.append(Said(words % {"name": most["name"], "number": most["n"]}, strong=True))
    return Card(
        "calls",
        _("Which contractor must we call?"),
        _("Orders that are sent, not done, and past the date they were expected by. As of now."),
        Table(
            _("Late orders by contractor, in alphabetical order"),
            [
                Head(_("Contractor"), number=False),
                Head(_("Phone"), number=False),
                Head(_("Late orders")),
                Head(_("Oldest, days")),
            ],
            [
                [
                    Cell(row["name"]),
                    Cell(row["phone"]),
                    count(row["n"], cards.behind(choice, "orders", company=row["contractor"])),
                    days((now - datetime.fromisoformat(row["oldest"])).days),
                ]
                for row in rows
            ],
        ),
        says,
        open_table=True,
        empty=_("No order is late."),
    )
