"""The statements of an inbox without filters, compiled once per process.

Each is written for any claims, as filters leave them, and kept for all that a member sees and for
those of them that words found (``portal/database/statement_cache.py``).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, IntegerField, Min, Q, QuerySet, Value, When

from agencies.models import Membership
from portal.arrays import among
from portal.database.statement_cache import compiled
from requests.claims.access import SEE_ALL, SHARES
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
GO_ON = frozenset({"all", "ended"})  # views that hold what ended, however long ago
WITH_ENDED = frozenset({"mentions", "watched"})  # what ended is between the others: they are few


def conditions_for(member: Membership, moment: datetime) -> dict[str, Q]:
    """Return what each view of the member holds at ``moment``."""
    ours = in_our_hands(member)
    found = conditions(moment, member.user)
    found |= {name: found[name] & ours for name in OF_THE_DESKS}
    return found | conditions_of_member(member, moment)


def of_view(claims: QuerySet, member: Membership, moment: datetime, view: str) -> QuerySet:
    """Return those of ``claims`` that a view holds."""
    return claims.filter(conditions_for(member, moment)[view]).select_related(None)


def parts_of(
    member: Membership, where: Q | None = None, *, in_hands: bool = False
) -> list[QuerySet]:
    """Return the claims that the member sees in parts, of which none is in two.

    An index of open claims alone answers for each; for the OR of them the claims would be read.
    ``in_hands``: only the parts in which all is that ``in_our_hands`` may hold. Of the unit's stock
    another unit's desk may have a claim: it is in our hands only where it is lent to us.
    """
    parts: list[QuerySet]
    if member.role in SEE_ALL:
        parts = [Claim.objects.share_of(member, "own")]
    else:
        own, beside, lent = (Claim.objects.share_of(member, name) for name in SHARES)
        if in_hands:
            parts = [own, lent.exclude(unit=member.unit_id)]
        else:
            before = Q(unit=member.unit_id) | Q(beside=member.unit_id)
            parts = [own, beside, lent.exclude(before)]
    return [part.filter(where) if where else part for part in parts]


def parts_of_view(
    member: Membership, moment: datetime, view: str, where: Q | None = None
) -> list[QuerySet]:
    """Return what a view holds of the claims that the member sees, the open ones in parts."""
    if view in WITH_ENDED:
        visible = Claim.objects.visible_to(member)
        return [of_view(visible.filter(where) if where else visible, member, moment, view)]
    parts = parts_of(member, where, in_hands=view in OF_THE_DESKS)
    chosen = [of_view(part, member, moment, view) for part in parts]
    # In "all" what ended is asked apart.
    return [part.filter(state__in=OPEN) for part in chosen] if view in GO_ON else chosen


def counted(claims: QuerySet, member: Membership, moment: datetime) -> QuerySet:
    """Return one row: the number of each counted view, and the next promise."""
    return _counted(claims, conditions_for(member, moment), moment, COUNTED)


def counted_in_parts(member: Membership, moment: datetime, where: Q | None = None) -> QuerySet:
    """Return rows that add up to that of ``counted``, of all claims of the member."""
    parts = parts_of(member, where)
    if len(parts) == 1:
        return counted(parts[0], member, moment)
    # What is in their hands is asked once, not for each view.
    ours, in_hands = in_our_hands(member), parts_of(member, where, in_hands=True)
    views = {name: held for name, held in conditions(moment).items() if name in OF_THE_DESKS}
    of_member = conditions_of_member(member, moment)
    first, *rest = (
        *(_counted(part.filter(ours), views, moment, COUNTED) for part in in_hands),
        *(_counted(part, of_member, moment, COUNTED) for part in parts),
    )
    return first.union(*rest, all=True)


def _counted(
    claims: QuerySet, where: Mapping[str, Q], moment: datetime, names: Iterable[str]
) -> QuerySet:
    """Return one row: how many open ``claims`` are in each of the views ``names``.

    0 in those of which ``where`` knows nothing.
    """
    # What is grouped by nothing but a word is one row.
    together = claims.filter(state__in=OPEN).order_by().select_related(None)
    together = together.annotate(all=Value("", CharField())).values("all")
    numbers = {
        name: Count("pk", filter=where[name]) if name in where else Value(0, IntegerField())
        for name in names
    }
    promise = Min("promise_at", filter=Q(promise_at__gt=moment))
    return together.annotate(**numbers, next_promise=promise).values(*names, "next_promise")


def added(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sum of the rows of ``counted_in_parts``, and the first of their promises."""
    found = list(rows)
    promises = [row["next_promise"] for row in found if row["next_promise"]]
    numbers = {name: sum(row[name] for row in found) for name in COUNTED}
    return {**numbers, "next_promise": min(promises, default=None)}


def arranged(
    parts: list[QuerySet], moment: datetime, display: Display, view: str, folded: Iterable[UUID]
) -> QuerySet:
    """Return key and group of the claims of the ``parts_of_view``, in order, without ``folded``."""
    if view in WITH_ENDED:
        return sort_order.arrange(parts[0], display, moment).values_list("pk", "kind")
    if folded:
        parts = [part.exclude(among("pk", folded)) for part in parts]
    return sort_order.arrange_parts(parts, display, moment)


@compiled
def count_all(member: Membership, moment: datetime) -> QuerySet:
    """Return ``counted_in_parts`` of all claims of the member."""
    return counted_in_parts(member, moment)


@compiled
def look_at_found(
    member: Membership,
    moment: datetime,
    view: str,
    sort: str,
    group: str,
    *,
    found: Iterable[UUID],
) -> QuerySet:
    """Return key and group of those with the keys ``found``, in order, and in which views each is.

    ``shown``: in ``view``; ``promised``: when news of an open one are to come.
    """
    where = conditions_for(member, moment)
    claims = Claim.objects.visible_to(member).filter(among("pk", found))
    ahead = When(state__in=OPEN, promise_at__gt=moment, then="promise_at")
    rows = claims.annotate(
        **{f"in_{name}": _whether(where[name]) for name in COUNTED},
        shown=_whether(where[view]),
        promised=Case(ahead),
    )
    names = ("pk", "kind", "shown", "promised", *(f"in_{name}" for name in COUNTED))
    return sort_order.arrange(rows, Display(sort, group, ()), moment).values_list(*names)


def _whether(condition: Q) -> Case | Value:
    return Case(When(condition, then=True), default=False) if condition else Value(True)


def counted_of(rows: Iterable[tuple]) -> dict[str, Any]:
    """Return what ``counted`` says, of the rows of ``look_at_found``."""
    found = list(rows)
    promises = [row[3] for row in found if row[3]]
    numbers = {name: sum(row[at] for row in found) for at, name in enumerate(COUNTED, 4)}
    return {**numbers, "next_promise": min(promises, default=None)}


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
    parts = parts_of_view(member, moment, view)
    return arranged(parts, moment, Display(sort, group, ()), view, keys)[:most]


def gathered(member: Membership, moment: datetime, view: str, where: Q | None = None) -> QuerySet:
    """Return the rows of ``incident_rows.gather`` of what a view holds.

    Of the unit's own claims: one that is lent, even back to whose stock it is of, has its own row.
    """
    own = Claim.objects.share_of(member, "own")
    own = own.filter(where) if where else own
    return incident_rows.rows_of(of_view(own, member, moment, view), member)


@compiled
def gather_all(member: Membership, moment: datetime, view: str) -> QuerySet:
    """Return ``gathered`` of all claims of the member."""
    return gathered(member, moment, view)


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
