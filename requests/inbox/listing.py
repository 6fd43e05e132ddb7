"""The left pane: views with their numbers, filters, search, and one page of rows by promise.

The number of SQL statements does not depend on the number of rows: numbers of the chips, numbers of
the groups, the rows, the choices of the filters; a search adds one, or two for near spellings.
"""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agencies import absences
from agencies.http_types import StaffRequest
from agencies.models import Desk, Sector
from portal.access import Role
from portal.clock import now
from portal.dates import day
from requests.catalogue.models import Family
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.claims.search import find
from requests.dangers.lists import danger_condition, is_danger, order_of_dangers
from requests.identity import senders
from requests.inbox.models import SavedView
from requests.inbox.view_conditions import (
    OF_THE_UNIT,
    conditions,
    conditions_of_member,
    in_our_hands,
    unread_mentions,
)
from requests.kit.choices import (
    CALENDAR_URGENCIES,
    ENDED,
    OPEN,
    STAFF_STATES,
    Channel,
    State,
    Urgency,
)
from requests.teamwork.assignment_models import Charge

PER_PAGE = 50
PERSONAL = frozenset({"mine", "passed", "mentions"})
NEAR_DAYS = 7
LABELS = {
    "todo": _("To do"),
    "mine": _("Mine"),
    "passed": _("Escalated to me"),
    "awaited": _("Reply needed"),
    "waiting": _("Waiting on others"),
    "closing": _("To close out"),
    "mentions": _("Mentions"),
    "ended": _("Ended"),
    "all": _("All"),
}
COUNTED = ("todo", "mine", "passed", "awaited", "waiting", "closing")
GROUPS = {
    "danger": _("Danger"),
    "none": _("No promise yet"),
    "late": _("Late"),
    "later": _("Later"),
    "ended": _("Ended"),
}
FILTERS = {
    "desk": _("Desk"),
    "family": _("Family"),
    "urgency": _("Urgency"),
    "channel": _("Channel"),
    "sector": _("Sector"),
    "state": _("State"),
}


def with_holders(claims: QuerySet, moment: datetime) -> QuerySet:
    """Add ``held_by_name`` and ``held_by_away`` to ``claims``: who has each in hand today."""
    held = Charge.objects.filter(claim=OuterRef("pk"), ends_at__isnull=True)
    away = absences.absences_on(timezone.localdate(moment)).filter(
        membership__charges__claim=OuterRef("pk"), membership__charges__ends_at__isnull=True
    )
    return claims.annotate(
        held_by_name=Subquery(held.values("membership__user__first_name")[:1]),
        held_by_away=Exists(away),
    )


def last_direction() -> Subquery:
    """Return who wrote last in the conversation: "in" means that the tenant waits.

    Leaves out notes, and what the portal understood by itself, such as the number of an offered
    date.
    """
    said = (
        Message.objects.of(claim=OuterRef("pk")).filter(understood=False).exclude(direction="note")
    )
    return Subquery(said.order_by("-at").values("direction")[:1], output_field=CharField())


def group_of(claim: Claim, moment: datetime) -> str:
    """Return the heading of a claim: a name of ``GROUPS``, or an ISO date in the next days."""
    if claim.state in ENDED:
        return "ended"
    if is_danger(claim):
        return "danger"
    return _group(claim.promise_at, moment)


def _group(promise_at: datetime | None, moment: datetime) -> str:
    if promise_at is None:
        return "none"
    if promise_at < moment:
        return "late"
    return _of_day(timezone.localdate(promise_at), moment)


def _of_day(date: date, moment: datetime) -> str:
    near = (date - timezone.localdate(moment)).days < NEAR_DAYS
    return date.isoformat() if near else "later"


def heading(group: str) -> str:
    """Return the words of a heading: « Aujourd'hui », « lundi 1er décembre », « En retard »."""
    if group in GROUPS:
        return str(GROUPS[group])
    return capfirst(day(datetime.fromisoformat(group).date()))


class Listing:
    """What one address of the inbox shows; ``context()`` returns all that its template needs."""

    def __init__(self, request: StaffRequest) -> None:
        self.request = request
        self.moment = now()
        self.words = request.GET.get("q", "").replace("\0", "").strip()[:200]
        self.filters = self._filters()
        chosen = request.GET.get("view", "")
        self.view = chosen if chosen in LABELS else "all" if self.words else "todo"

    def _filters(self) -> dict[str, str]:
        """Return the filters of the address.

        Unknown values are dropped: a link from elsewhere still opens.
        """
        given = {n: self.request.GET.get(n, "").replace("\0", "")[:18] for n in FILTERS}
        known = {
            "urgency": set(Urgency.values),
            "channel": set(Channel.values),
            "state": set(State.values),
        }
        return {
            name: value
            for name, value in given.items()
            if value
            and (name not in known or value in known[name])
            and (name not in {"desk", "sector"} or (value.isascii() and value.isdecimal()))
        }

    @cached_property
    def _found(self) -> tuple[QuerySet, bool]:
        columns = {
            "desk": "owner",
            "family": "category__family__code",
            "sector": "residence__sector",
        }
        claims = Claim.objects.visible_to(self.request.membership).filter(
            **{columns.get(name, name): value for name, value in self.filters.items()}
        )
        return find(claims, self.words) if self.words else (claims, False)

    @property
    def claims(self) -> QuerySet:
        """Return the visible claims that the filters and the words leave, in any view."""
        return self._found[0]

    def rows(self) -> QuerySet:
        """Return the view's claims: dangers first, then the other open ones, by promise."""
        claims = self.claims
        if self.view == "awaited":
            claims = claims.annotate(last_word=last_direction())
        return (
            claims.filter(self._conditions()[self.view])
            .annotate(over=order_of_dangers())
            .order_by("over", F("promise_at").asc(nulls_first=True), "filed_at", "pk")
        )

    def _conditions(self) -> dict[str, Q]:
        member = self.request.membership
        ours = in_our_hands(member)
        found = conditions(self.moment, self.request.user)
        found |= {name: found[name] & ours for name in OF_THE_UNIT}
        return found | conditions_of_member(member, self.moment)

    def _numbers(self) -> dict:
        """Return the number of each counted chip, and the next promise when nothing is to do."""
        where = self._conditions()
        return (
            self.claims.filter(state__in=OPEN)
            .annotate(last_word=last_direction())
            .aggregate(
                **{name: Count("pk", filter=where[name]) for name in COUNTED},
                next_promise=Min("promise_at", filter=Q(promise_at__gt=self.moment)),
            )
        )

    def _group_numbers(self) -> dict[str, int]:
        """Return how many claims of the whole view each heading has, on any page."""
        kind = Case(
            When(danger_condition(), then=Value("danger")),
            When(state__in=ENDED, then=Value("ended")),
            When(promise_at__isnull=True, then=Value("none")),
            When(promise_at__lt=self.moment, then=Value("late")),
            When(promise_at__gte=self.moment + timedelta(days=NEAR_DAYS + 1), then=Value("later")),
            default=Cast(TruncDate("promise_at"), CharField()),
            output_field=CharField(),
        )
        numbers: dict[str, int] = {}
        counted = self.rows().order_by().values(kind=kind).annotate(number=Count("pk"))
        for group, number in counted.values_list("kind", "number"):
            if group not in GROUPS:
                group = _of_day(datetime.fromisoformat(group).date(), self.moment)
            numbers[group] = numbers.get(group, 0) + number
        return numbers

    def options(self) -> dict[str, list]:
        """Return the choices of each filter, the saved views and the dangers, with one query."""
        member = self.request.membership
        desks, sectors = Desk.objects.order_by(), Sector.objects.order_by()
        wide = member.role in {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}
        if not wide:
            desks = desks.filter(unit=member.unit_id)
            sectors = sectors.filter(unit=member.unit_id)
        views = SavedView.objects.order_by().filter(
            Q(membership=member) | Q(shared=True, membership__unit=member.unit_id)
        )

        def shaped(
            rows: QuerySet,
            kind: str,
            key: Combinable,
            label: Combinable,
            mine: Combinable | None = None,
        ) -> QuerySet:
            return rows.annotate(
                o_kind=Value(kind, CharField()),
                o_key=Cast(key, CharField()),
                o_label=Cast(label, CharField()),
                o_unit=mine if mine is not None else Value("", CharField()),
            ).values_list("o_kind", "o_key", "o_label", "o_unit")

        english = str(Channel.COUNTER.label) == "counter"
        family = "label_en" if english else "label_fr"
        unit = F("unit__name") if wide else None
        named = unread_mentions(self.request.user)
        # Inputs that nobody has read and that may be a danger: shown above any list.
        tray = Intake.objects.visible_to(self.request.membership).order_by()
        dangers = tray.filter(state=Intake.State.FAILED, urgent=True)
        kinds = ("desk", "family", "sector", "view", "named", "danger")
        found: dict[str, list] = {kind: [] for kind in kinds}
        rows = shaped(desks, "desk", F("pk"), F("name"), unit).union(
            shaped(sectors, "sector", F("pk"), F("name"), unit),
            shaped(Family.objects.order_by(), "family", F("code"), F(family)),
            shaped(views, "view", F("query"), F("name"), Cast("pk", CharField())),
            shaped(named, "named", F("claim"), Value("")),
            shaped(dangers, "danger", F("pk"), Value("")),
            all=True,
        )
        for kind, key, label, more in sorted(rows, key=lambda row: (row[2].casefold(), row[3])):
            shown = f"{label} · {more}" if more and kind != "view" else label
            found[kind].append((key, shown) if kind != "view" else (key, shown, more))
        return {
            **found,
            "urgency": [(u.value, f"{u.value} · {u.label}") for u in Urgency],
            "channel": Channel.choices,
            "state": STAFF_STATES,
        }

    @cached_property
    def _page(self) -> Page:
        """Return up to ``PER_PAGE`` rows; the total is the sum of the groups, not another query."""
        rows = self.rows().select_related(
            "category__family", "tenant", "residence", "staircase", "dwelling", "owner__unit"
        )
        rows = with_holders(rows, self.moment)
        paginator = Paginator(rows.defer("search", "words"), PER_PAGE)
        paginator.count = sum(self._numbers_of_groups.values())
        return paginator.get_page(self.request.GET.get("page"))

    @cached_property
    def _numbers_of_groups(self) -> dict[str, int]:
        return self._group_numbers()

    def order(self) -> list[UUID]:
        """Return the keys of the rows shown, in order."""
        return [claim.pk for claim in self._page.object_list]

    def context(self) -> dict:
        page = self._page
        claims = list(page.object_list)
        groups: dict[str, list] = {}
        likely = senders.likely_names(claims, self.request.membership, self.moment)
        for claim in claims:
            claim.likely = likely.get(claim.pk, "")
            claim.urgent = claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED
            claim.group = group_of(claim, self.moment)
            claim.in_danger = claim.group == "danger"
            claim.near = claim.promise_at and (
                claim.group not in GROUPS
                or timezone.localdate(claim.promise_at) == timezone.localdate(self.moment)
            )
            groups.setdefault(claim.group, []).append(claim)
        numbers = self._numbers()
        kept = {"view": self.view, **self.filters, **({"q": self.words} if self.words else {})}
        options = self.options()
        # One claim may hold several notes that name the same person.
        numbers["mentions"] = len({claim for claim, _label in options.pop("named")})
        return {
            "groups": [
                (name, heading(name), self._numbers_of_groups.get(name, len(items)), items)
                for name, items in groups.items()
            ],
            "chips": [
                {
                    "name": name,
                    "label": label,
                    "count": numbers.get(name),
                    "current": name == self.view,
                    "query": urlencode({**kept, "view": name}),
                }
                for name, label in LABELS.items()
                # What concerns only the member is shown when there is something in it.
                if name not in PERSONAL or numbers[name] or self.view == name
            ],
            "dangers": len(options.pop("danger")),
            "saved": [
                {"label": label, "query": query, "pk": pk}
                for query, label, pk in options.pop("view")
            ],
            "filter_fields": [
                (name, label, options[name], self.filters.get(name, ""))
                for name, label in FILTERS.items()
            ],
            "filtered": bool(self.filters),
            "view": self.view,
            "page_obj": page,
            "query": urlencode(kept),
            "here": urlencode({**kept, "page": page.number}),
            "q": self.words,
            "near_only": self._found[1],
            "next_promise": numbers["next_promise"],
            "view_label": LABELS[self.view],
        }
