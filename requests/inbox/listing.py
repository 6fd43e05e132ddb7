"""The left pane: views with their numbers, filters, search, and one page of rows in order.

The number of SQL statements does not depend on the number of rows: numbers of the chips, numbers of
the groups, the rows, the choices of the filters; a search adds one, or two for near spellings.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies import absences
from agencies.http_types import StaffRequest
from portal.clock import now
from portal.dates import clock, short_day
from requests.claims.event_models import WHY, Message
from requests.claims.models import Claim
from requests.claims.search import find
from requests.identity import senders
from requests.inbox import ordering
from requests.inbox.filter_choices import choices
from requests.inbox.ordering import Column, Display
from requests.inbox.view_conditions import (
    OF_THE_DESKS,
    conditions,
    conditions_of_member,
    in_our_hands,
)
from requests.kit.choices import (
    CALENDAR_URGENCIES,
    ENDED,
    OPEN,
    Channel,
    State,
    Urgency,
)
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze
from requests.teamwork.snoozes import aside_condition

PER_PAGE = 50
BACK_FOR = timedelta(days=1)  # how long a row says that it came back
LABELS = {
    "todo": _("To do"),
    "mine": _("Mine"),
    "passed": _("Escalated to me"),
    "awaited": _("Reply needed"),
    "waiting": _("Waiting on others"),
    "closing": _("To close out"),
    "mentions": _("Mentions"),
    "watched": _("Followed"),
    "snoozed": _("Put aside"),
    "ended": _("Ended"),
    "all": _("All"),
}
# Shown while there is something in them; the others always.
PERSONAL = frozenset({"mine", "passed", "mentions", "watched", "snoozed"})
# Folded under "More", where saved views are too.
FOLDED = frozenset({"watched", "snoozed", "ended", "all"})
# Views of work, whose first claim is opened beside the list on a wide screen.
OPENED = frozenset(LABELS) - {"ended", "all", "snoozed"}
# What is put aside is left out of the first three, and is the last.
ASIDE_COUNTS = frozenset({"todo", "mine", "closing", "snoozed"})
COUNTED = ("todo", "mine", "passed", "awaited", "waiting", "closing", "snoozed")
FILTERS = {
    "desk": _("Desk"),
    "family": _("Family"),
    "urgency": _("Urgency"),
    "channel": _("Channel"),
    "sector": _("Sector"),
    "state": _("State"),
}


def with_marks(claims: QuerySet, moment: datetime) -> QuerySet:
    """Add who has each claim in hand today (``held_by_name``, ``held_by_away``).

    And until when it is put aside, and why (``aside_until``, ``aside_why``).
    """
    held = Charge.objects.filter(claim=OuterRef("pk"), ends_at__isnull=True)
    away = absences.absences_on(timezone.localdate(moment)).filter(
        membership__charges__claim=OuterRef("pk"), membership__charges__ends_at__isnull=True
    )
    put = Snooze.objects.filter(claim=OuterRef("pk"), ended_at__isnull=True)
    return claims.annotate(
        held_by_name=Subquery(held.values("membership__user__first_name")[:1]),
        held_by_away=Exists(away),
        aside_until=Subquery(put.values("until")[:1]),
        aside_why=Subquery(put.values("why")[:1]),
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
    def options(self) -> dict[str, list]:
        """Return the choices of the filters, and what concerns the member."""
        return choices(self.request)

    @cached_property
    def display(self) -> Display:
        """Return how the member has their lists."""
        kept = self.options["display"]
        if not kept:
            return Display()
        sort, columns, group = kept[0]
        return Display.of(sort, group, columns)

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
        """Return the view's claims: dangers and open incidents first, then in the member's order.

        Each has ``kind``, the name of its group.
        """
        claims = self.claims
        if self.view == "awaited":
            claims = claims.annotate(last_word=last_direction())
        if self.view in ASIDE_COUNTS:
            claims = claims.annotate(put_aside=self._put_aside())
        chosen = claims.filter(self._conditions()[self.view])
        return ordering.arrange(chosen, self.display, self.moment)

    def _put_aside(self) -> ExpressionWrapper:
        return ExpressionWrapper(aside_condition(self.moment), output_field=BooleanField())

    def _conditions(self) -> dict[str, Q]:
        member = self.request.membership
        ours = in_our_hands(member)
        found = conditions(self.moment, self.request.user)
        found |= {name: found[name] & ours for name in OF_THE_DESKS}
        return found | conditions_of_member(member, self.moment)

    def _numbers(self) -> dict:
        """Return the number of each counted chip, and the next promise when nothing is to do."""
        where = self._conditions()
        counted = (
            self.claims.filter(state__in=OPEN)
            .annotate(last_word=last_direction(), put_aside=self._put_aside())
            .aggregate(
                **{name: Count("pk", filter=where[name]) for name in COUNTED},
                next_promise=Min("promise_at", filter=Q(promise_at__gt=self.moment)),
            )
        )
        # One claim may hold several notes that name the same person.
        counted["mentions"] = len({claim for claim, _label in self.options["named"]})
        counted["watched"] = len([1 for _claim, new in self.options["watch"] if new])
        return counted

    @cached_property
    def _numbers_of_groups(self) -> dict[str, int]:
        """Return how many claims of the whole view each heading has, on any page."""
        numbers: dict[str, int] = {}
        counted = self.rows().order_by().values("kind").annotate(number=Count("pk"))
        for kind, number in counted.values_list("kind", "number"):
            group = ordering.fold(kind, self.moment)
            numbers[group] = numbers.get(group, 0) + number
        return numbers

    @cached_property
    def _page(self) -> Page:
        """Return up to ``PER_PAGE`` rows; the total is the sum of the groups, not another query."""
        rows = self.rows().select_related(
            "category__family", "tenant", "residence", "staircase", "dwelling", "owner__unit"
        )
        rows = with_marks(rows, self.moment)
        paginator = Paginator(rows.defer("search", "words"), PER_PAGE)
        paginator.count = sum(self._numbers_of_groups.values())
        return paginator.get_page(self.request.GET.get("page"))

    def order(self) -> list[UUID]:
        """Return the keys of the rows of this page, in order, and of the first of the next."""
        given = self.request.GET.get("page", "")
        page = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
        first = PER_PAGE * (max(page, 1) - 1)
        return list(self.rows().values_list("pk", flat=True)[first : first + PER_PAGE + 1])

    def keys(self, most: int) -> list[tuple[UUID, int]]:
        """Return key and version of the first ``most`` claims of the whole view, in order."""
        return list(self.rows().values_list("pk", "version")[:most])

    def _mark(self, claim: Claim, given: dict[str, str], news: set[str]) -> None:
        """Add to a row what its template says of it beside its columns."""
        claim.urgent = claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED
        claim.group = ordering.fold(claim.kind, self.moment)
        claim.in_danger = claim.group == "danger"
        claim.in_open_incident = claim.group == "incident"
        today = timezone.localdate(self.moment)
        claim.near = claim.promise_at and timezone.localdate(claim.promise_at) == today
        if self.display.sort == ordering.Sort.PROMISE and self.display.group == "date":
            claim.near = claim.near or claim.group not in ordering.GROUPS
        claim.given_by = given.get(str(claim.pk), "")
        claim.has_news = str(claim.pk) in news
        until = claim.aside_until
        claim.aside = until if until and until > self.moment else None
        claim.back = bool(until and self.moment - BACK_FOR < until <= self.moment)
        claim.why_aside = WHY.get(claim.aside_why or "", "")
        claim.cells = [cell for name in self.display.columns if (cell := self._cell(claim, name))]

    def _cell(self, claim: Claim, column: str) -> str:
        """Return what a row says in one of the columns that the member chose."""
        if column == Column.CHANNEL:
            return claim.get_channel_display()
        if column == Column.HOLDER:
            if not claim.held_by_away:
                return claim.held_by_name or ""
            return gettext("%(name)s, away") % {"name": claim.held_by_name}
        if column == Column.REFERENCE:
            return claim.spoken_reference
        if column == Column.URGENCY:
            return claim.urgency
        if column == Column.STATE:
            return claim.staff_label
        if column == Column.DESK:
            return str(claim.owner or "")
        at = claim.filed_at if column == Column.RECEIVED else claim.last_at
        today = at and timezone.localdate(at) == timezone.localdate(self.moment)
        return clock(at) if today else short_day(at)

    def context(self) -> dict:
        page = self._page
        claims = list(page.object_list)
        groups: dict[str, list] = {}
        likely = senders.likely_names(claims, self.request.membership, self.moment)
        options = dict(self.options)
        given, watched = dict(options.pop("given")), options.pop("watch")
        news = {claim for claim, new in watched if new}
        for claim in claims:
            claim.likely = likely.get(claim.pk, "")
            self._mark(claim, given, news)
            groups.setdefault(claim.group, []).append(claim)
        numbers = self._numbers()
        shown = {name for name in PERSONAL if numbers[name]} | ({"watched"} if watched else set())
        kept = {"view": self.view, **self.filters, **({"q": self.words} if self.words else {})}
        return {
            "groups": [
                (
                    name,
                    ordering.heading(name, items),
                    self._numbers_of_groups.get(name, len(items)),
                    items,
                )
                for name, items in groups.items()
            ],
            "chips": [
                {
                    "name": name,
                    "label": label,
                    "count": numbers.get(name),
                    "current": name == self.view,
                    "folded": name in FOLDED,
                    "query": urlencode({**kept, "view": name}),
                }
                for name, label in LABELS.items()
                # What concerns only some is shown when there is something in it.
                if name not in PERSONAL or name in shown or self.view == name
            ],
            "folded_view": self.view in FOLDED,
            "dangers": len(options.pop("danger")),
            "given": len(given),
            "saved": [
                {"label": label, "query": query, "pk": pk}
                for query, label, pk in options.pop("view")
            ],
            "filter_fields": [
                (name, label, options[name], self.filters.get(name, ""))
                for name, label in FILTERS.items()
            ],
            "filtered": len(self.filters),
            "display": self.display,
            "sorts": ordering.Sort.choices,
            "groupings": ordering.Group.choices,
            "all_columns": Column.choices,
            "opens_first": bool(groups) and self.view in OPENED and not self.words,
            "view": self.view,
            "page_obj": page,
            "query": urlencode(kept),
            "here": urlencode({**kept, "page": page.number}),
            "q": self.words,
            "near_only": self._found[1],
            "next_promise": numbers["next_promise"],
            "view_label": LABELS[self.view],
        }
