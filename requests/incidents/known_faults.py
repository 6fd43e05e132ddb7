"""Read what neighbours may know of each other's claims: the fault, its start, the next news."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.kit.choices import State


@dataclass(frozen=True)
class Incident:
    """One open shared fault, without names, personal words or apartment numbers.

    ``pk`` is the key of the first claim that reported it; ``claims`` are the keys of all that
    report it.
    """

    pk: UUID
    claims: frozenset[UUID]
    what: str
    state: State
    status: str
    since: datetime
    next_news: datetime | None


def open_incidents(
    building: int, staircase: int | None = None, *, family: int | None = None, now: datetime
) -> list[Incident]:
    """Return at most ten open shared faults of a building, newest first, of one family if given.

    Reports of the same fault in the same staircase count as one. ``next_news`` is None when the
    promised date has passed.
    """
    claims = Claim.objects.shared_in(building, staircase)
    if family:
        claims = claims.filter(category__family=family)
    faults: dict[tuple, list[Claim]] = {}
    for claim in claims.select_related("category").order_by("-filed_at")[:50]:
        faults.setdefault((claim.category_id, claim.staircase_id), []).append(claim)
    return [_incident(reports, now) for reports in list(faults.values())[:10]]


def _incident(reports: list[Claim], now: datetime) -> Incident:
    """Build the fault from its ``reports``, given newest first."""
    first = reports[-1]
    news = [claim.promise_at for claim in reports if claim.promise_at and claim.promise_at > now]
    return Incident(
        pk=first.pk,
        claims=frozenset(claim.pk for claim in reports),
        what=str(first.category),
        state=_state(first),
        status=str(_state(first).label),
        since=first.filed_at,
        next_news=min(news, default=None),
    )


def _state(claim: Claim) -> State:
    """Return the state that neighbours see; a question to the tenant who filed stays private."""
    state = State(claim.state)
    return State.IN_REVIEW if state == State.WAITING_TENANT else state


def may_be_known(category: Category) -> bool:
    """Return whether neighbours may already have reported a fault of this category."""
    return category.collective and not category.sensitive
