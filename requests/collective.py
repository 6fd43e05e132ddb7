"""What neighbours may know of each other's claims: the fault, since when, the next news."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from requests.choices import State
from requests.models import Category, Claim


@dataclass(frozen=True)
class Incident:
    """One open shared fault, stripped of every personal word, name and door."""

    pk: UUID
    what: str
    state: State
    status: str
    since: datetime
    next_news: datetime | None


def open_incidents(
    building: int, staircase: int | None = None, *, family: int | None = None, now: datetime
) -> list[Incident]:
    """Shared faults open in a building, newest first, at most ten; of one family if given.

    A promise already past is no news: ``next_news`` is then None.
    """
    claims = Claim.objects.shared_in(building, staircase)
    if family:
        claims = claims.filter(category__family=family)
    rows = claims.select_related("category").order_by("-filed_at")[:10]
    return [
        Incident(
            pk=claim.pk,
            what=str(claim.category),
            state=_state(claim),
            status=_state(claim).label,
            since=claim.filed_at,
            next_news=claim.promise_at if claim.promise_at and claim.promise_at > now else None,
        )
        for claim in rows
    ]


def _state(claim: Claim) -> State:
    """What we ask of the neighbour who filed is between them and us."""
    state = State(claim.state)
    return State.IN_REVIEW if state == State.WAITING_TENANT else state


def may_be_known(category: Category) -> bool:
    """Whether neighbours may already have reported it."""
    return category.collective and not category.sensitive
