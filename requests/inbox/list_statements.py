"""The statements of an inbox without filters, compiled once per process.

Each is written for any claims, as filters leave them, and kept for all that a member sees and for
those of them that words found (``portal/database/statement_cache.py``).
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Count, Min, Q, QuerySet, Value

from agencies.models import Membership
from portal.arrays import among
from portal.database.statement_cache import compiled
from requests.claims.models import Claim
from requests.inbox import incident_rows, sort_order
from requests.inbox.row_marks import with_marks
from requests.inbox.sort_order import Display
from requests.inbox.view_conditions import (
    OF_THE_DESKS,
    conditions,
    conditions_of_member,
    in_our_hands,
)
from requests.kit.choices import OPEN

COUNTED = ("todo", "mine", "passed", "awaited", "waiting", "closing", "snoozed")
NOTHING = {**dict.fromkeys(COUNTED, 0), "next_promise": None}  # what ``counted`` says of no claim
GO_ON = frozenset({"all", "ended"})  # views that hold what ended, however long ago


def conditions_for(member: Membership, moment: datetime) -> dict[str, Q]:
    """Return what each view of the member holds at ``moment``."""
    ours = in_our_hands(member)
    found = conditions(moment, member.user)
    found |= {name: found[name] & ours for name in OF_THE_DESKS}
    return found | conditions_of_member(member, moment)


def of_view(claims: QuerySet, member: Membership, moment: datetime, view: str) -> QuerySet:
    """Return those of ``claims`` that a view holds."""
    return claims.filter(conditions_for(member, moment)[view]).select_related(None)


def counted(claims: QuerySet, member: Membership, moment: datetime) -> QuerySet:
    """Return one row: the number of each counted view, and the next promise."""
    where = conditions_for(member, moment)
    # What is grouped by nothing but a word is one row.
    together = claims.filter(state__in=OPEN).order_by().select_related(None)
    together = together.annotate(all=Value("", CharField())).values("all")
    numbers = {name: Count("pk", filter=where[name]) for name in COUNTED}
    promise = Min("promise_at", filter=Q(promise_at__gt=moment))
    return together.annotate(**numbers, next_promise=promise).values(*COUNTED, "next_promise")


def arranged(
    claims: QuerySet, moment: datetime, display: Display, folded: Iterable[UUID]
) -> QuerySet:
    """Return key and group of ``claims`` in order, without ``folded``."""
    if folded:
        claims = claims.exclude(among("pk", folded))
    return sort_order.arrange(claims, display, moment).values_list("pk", "kind")


@compiled
def count_all(member: Membership, moment: datetime) -> QuerySet:
    """Return ``counted`` of all claims of the member."""
    return counted(Claim.objects.visible_to(member), member, moment)


@compiled
def count_found(member: Membership, moment: datetime, *, found: Iterable[UUID]) -> QuerySet:
    """Return ``counted`` of those with the keys ``found``."""
    return counted(Claim.objects.visible_to(member).filter(among("pk", found)), member, moment)


@compiled
def arrange_found(
    member: Membership,
    moment: datetime,
    view: str,
    sort: str,
    group: str,
    *,
    found: Iterable[UUID],
) -> QuerySet:
    """Return ``arranged`` of those of the keys ``found`` that a view holds."""
    claims = Claim.objects.visible_to(member).filter(among("pk", found))
    chosen = of_view(claims, member, moment, view)
    return arranged(chosen, moment, Display(sort, group, ()), ())


@compiled
def begin_all(
    member: Membership,
    moment: datetime,
    view: str,
    sort: str,
    group: str,
    most: int,
    *,
    keys: Iterable[UUID] = (),
) -> QuerySet:
    """Return the first ``most`` rows of ``arranged`` of all claims of the member.

    Without ``keys``, which have a row elsewhere.
    """
    claims = of_view(Claim.objects.visible_to(member), member, moment, view)
    if view in GO_ON:  # with what ended, which is asked apart
        claims = claims.filter(state__in=OPEN)
    return arranged(claims, moment, Display(sort, group, ()), keys)[:most]


@compiled
def gather_all(member: Membership, moment: datetime, view: str) -> QuerySet:
    """Return the rows of ``incident_rows.gather`` of all claims of the member."""
    claims = of_view(Claim.objects.visible_to(member), member, moment, view)
    return incident_rows.rows_of(claims, member)


@compiled
def rows_of_page(
    member: Membership, moment: datetime, needs_last: bool, *, keys: Iterable[UUID]
) -> QuerySet:
    """Return the claims of a page with what a row says of them, in no order."""
    # Scope and policies let the keys through: asked again of each row, and of its tenant, they
    # would read more than the page.
    rows = Claim.objects.system("the window holds what the reader sees").filter(among("pk", keys))
    rows = rows.select_related(
        "category__family", "tenant", "residence", "staircase", "dwelling", "owner__unit"
    )
    if needs_last:
        rows = rows.annotate(last_at=sort_order.last_said("at"))
    return with_marks(rows, moment).defer("search", "words")
