"""Claims gathered in an open incident: one row of a list of work, instead of one each.

A search and "all" show every claim: there a person looks for one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, F, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from agencies.models import Membership
from portal.arrays import one_of
from requests.claims.access import SEE_ALL
from requests.claims.models import Claim
from requests.dangers.lists import danger_condition
from requests.inbox import sort_order
from requests.incidents.models import Incident

VIEWS = frozenset({"todo", "waiting"})
PREFIX = "incident-"
MOST_NAMED = 100  # claims of one row that its script knows, as many as one bulk action takes


@dataclass(frozen=True)
class Gathered:
    """What a list holds of one incident: its claims, the first promised at their head.

    ``versions``: the sum of theirs, which changes when any of them does.
    """

    incident: UUID
    keys: tuple[UUID, ...]
    households: int
    versions: int

    @property
    def head(self) -> UUID:
        """Return the claim in whose place the row stands."""
        return self.keys[0]

    @property
    def pick(self) -> str:
        """Return what a tick of the row sends."""
        return f"{PREFIX}{self.incident}:{self.versions}"

    @property
    def named(self) -> str:
        """Return the claims that the row stands for, for the script."""
        return " ".join(map(str, self.keys[:MOST_NAMED]))


def rows_of(claims: QuerySet[Claim], membership: Membership) -> QuerySet:
    """Return what ``gather`` needs to know of the incidents that gather ``claims``.

    Dangers are left out, and claims, such as lent ones, whose incident the member may not see.
    """
    gathered = sort_order.incident_condition()
    if membership.role not in SEE_ALL:
        # Those that are open, as an array: a unit has few, and one look finds them.
        visible = Incident.objects.visible_to(membership).filter(closed_at__isnull=True)
        gathered &= one_of("open_incident_id", visible)
    known = (Cast(name, CharField()) for name in ("dwelling_id", "tenant_id"))
    home = Coalesce(*known, NullIf("contact_phone", Value("")), Cast("pk", CharField()))
    return (
        claims.filter(gathered)
        .exclude(danger_condition())
        .order_by()
        .values(incident=F("open_incident"))
        .annotate(
            keys=ArrayAgg("pk", order_by=["promise_at", "filed_at", "pk"]),
            households=Count(home, distinct=True),
            versions=Sum("version"),
        )
    )


def gather(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, Gathered]:
    """Return the incidents of ``rows_of``, by the claim in whose place each stands."""
    found = (
        Gathered(row["incident"], tuple(row["keys"]), row["households"], row["versions"])
        for row in rows
    )
    return {row.head: row for row in found}


def folded(gathered: Iterable[Gathered]) -> list[UUID]:
    """Return the claims that have no row of their own."""
    return [key for row in gathered for key in row.keys[1:]]
