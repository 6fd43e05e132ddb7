"""Put a claim aside until a date, within what was promised, and bring it back.

The promise goes on: a claim cannot be put aside beyond the date that the tenant was told
(docs/principles.md, P8), and its reminders come as before.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.actor import Actor
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record, touch
from requests.kit.choices import OPEN, Urgency
from requests.teamwork.attention_models import Snooze

LONGEST = timedelta(days=92)


class BeyondPromise(Exception):
    """The tenant was promised news before that date."""


def may_wait(claim: Claim) -> bool:
    """Return whether the claim may be put aside at all: it is open, and nothing is dangerous."""
    heard = claim.danger and claim.sorted_at is None
    return claim.state in OPEN and claim.urgency != Urgency.U0 and not heard


@transaction.atomic
def put_aside(
    *,
    claim: Claim,
    until: datetime,
    why: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Keep ``claim`` out of the lists of work until ``until``; the event can be undone.

    Raises Conflict (version), NotAllowed (danger, or over), BeyondPromise, and ValueError for a
    date that is past or too far.
    """
    if not now < until <= now + LONGEST:
        raise ValueError("until")
    touch(claim, version)
    claim.refresh_from_db()
    if not may_wait(claim) or actor.membership is None:
        raise workflow.NotAllowed
    if claim.promise_at and until >= claim.promise_at:
        raise BeyondPromise
    bring_back(claim, now=now)
    Snooze.objects.create(
        claim=claim, membership=actor.membership, why=why, starts_at=now, until=until
    )
    facts: dict[str, Any] = {"why": why, "until": until.isoformat()}
    return record(claim, Event.SNOOZED, actor=actor, now=now, undoable=True, **facts)


def bring_back(claim: Claim, *, now: datetime) -> bool:
    """End what keeps the claim aside; False when nothing does."""
    return bool(Snooze.objects.filter(claim=claim, ended_at__isnull=True).update(ended_at=now))


def revert(claim: Claim, *, at: datetime) -> None:
    """Take back what was done at the instant ``at``; for an undone step only."""
    Snooze.objects.filter(claim=claim, starts_at=at).delete()
    if not Snooze.objects.filter(claim=claim, ended_at__isnull=True).exists():
        Snooze.objects.filter(claim=claim, ended_at=at).update(ended_at=None)


def aside(now: datetime) -> QuerySet[Snooze]:
    """Return what keeps claims aside at ``now``: no word of the tenant has come since."""
    said = Message.objects.of(claim=OuterRef("claim")).filter(
        direction=Message.Direction.IN, at__gt=OuterRef("starts_at")
    )
    return Snooze.objects.filter(ended_at__isnull=True, until__gt=now).exclude(Exists(said))


def aside_of(claim: Claim, now: datetime) -> Snooze | None:
    """Return what keeps this claim aside at ``now``, by the rule of ``aside``."""
    for row in claim.snoozes.all():
        if row.ended_at is None and row.until > now:
            said = (
                message.direction == Message.Direction.IN and message.at > row.starts_at
                for message in claim.messages.all()
            )
            if not any(said):
                return row
    return None


def aside_condition(now: datetime) -> Q:
    """Return the condition for claims that are put aside: never one that is late."""
    # Not EXISTS, which asks anew for each claim: what is aside now is little.
    kept = Q(pk__in=aside(now).order_by().values("claim"))
    return kept & (Q(promise_at__isnull=True) | Q(promise_at__gte=now))
