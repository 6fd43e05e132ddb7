"""Give a claim to a colleague, who finds it in their list with the name of who gave it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies import absences
from agencies.models import Membership
from portal.access import DESK_ROLES
from portal.actor import Actor
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record, touch
from requests.kit.choices import OPEN
from requests.teamwork import assignment
from requests.teamwork.assignment_models import Charge


def colleagues(membership: Membership, now: datetime) -> QuerySet[Membership]:
    """Return those of the member's unit who are there today, themselves included, by name."""
    today = timezone.localdate(now)
    away = absences.absences_on(today).values("membership")
    return (
        absences.memberships_on(today)
        .filter(unit=membership.unit_id, role__in=DESK_ROLES)
        .exclude(pk__in=away)
        .order_by("user__first_name", "user__last_name", "pk")
    )


@transaction.atomic
def give(
    *, claim: Claim, to: Membership, actor: Actor, now: datetime, version: int | None = None
) -> ClaimEvent:
    """Put ``claim`` into the hands of ``to``; the event can be undone like a step.

    Raises Conflict (version), and NotAllowed for a claim that is over, or that ``to`` cannot see.
    """
    touch(claim, version)
    claim.refresh_from_db()
    if claim.state not in OPEN or not Claim.objects.visible_to(to).filter(pk=claim.pk).exists():
        raise workflow.NotAllowed
    assignment.assign(claim, to, why=Charge.Why.ASSIGNED, now=now, by=actor.membership)
    return record(claim, Event.ASSIGNED, actor=actor, now=now, undoable=True, to=to.pk)


def unseen(membership: Membership) -> QuerySet[Charge]:
    """Return what others gave to the member, and that they have not looked at."""
    return Charge.objects.filter(
        ~Q(by=membership),
        membership=membership,
        why=Charge.Why.ASSIGNED,
        ends_at__isnull=True,
        seen_at__isnull=True,
    )


def mark_seen(*, membership: Membership, now: datetime, claim: Claim | None = None) -> int:
    """Mark what was given to the member as looked at, or ``claim`` alone; return how many."""
    rows = unseen(membership)
    if claim is not None:
        rows = rows.filter(claim=claim)
    return rows.update(seen_at=now)
