"""Which claims stand above all others in every list of those who can act."""

from django.db.models import Case, IntegerField, Q, When

from requests.claims.models import Claim
from requests.kit.choices import ENDED, OPEN, State, Urgency


def danger_condition() -> Q:
    """Return what stands above all else: a danger that is not over.

    Words heard in a claim whose author chose its category count until somebody has read it.
    """
    heard = ~Q(danger="") & (Q(state=State.RECEIVED) | Q(sorted_at__isnull=True))
    return Q(state__in=OPEN - {State.DONE}) & (Q(urgency=Urgency.U0) | heard)


def is_danger(claim: Claim) -> bool:
    """Return whether ``danger_condition`` holds for ``claim``."""
    heard = claim.danger and (claim.state == State.RECEIVED or claim.sorted_at is None)
    dangerous = claim.urgency == Urgency.U0 or bool(heard)
    return dangerous and claim.state in OPEN - {State.DONE}


def order_of_dangers() -> Case:
    """Return what a list is ordered by before anything else: dangers, open claims, ended ones."""
    return Case(
        When(danger_condition(), then=-1),
        When(state__in=ENDED, then=1),
        default=0,
        output_field=IntegerField(),
    )
