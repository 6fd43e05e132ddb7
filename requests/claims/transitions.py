"""Write a claim's state with its event in one transaction, and undo it.

No other module writes ``Claim.state``.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.access import STAFF_ROLES
from portal.actor import Actor
from requests.claims import effects, workflow
from requests.claims.effects import Step
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.household import is_sorted_by_step
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import EMERGENCIES, ENDED, State

# What staff send waits this long, so that they can undo it.
HOLD = timedelta(seconds=30)
# Columns that a step may change and an undo restores. The others are written once, at filing.
COLUMNS = (
    "state",
    "category_id",
    "urgency",
    "danger",
    "tenant_id",
    "residence_id",
    "building_id",
    "staircase_id",
    "dwelling_id",
    "owner_id",
    "promise_at",
    "visit_at",
    "visit_until",
    "ended_at",
    "identified_at",
    "sorted_at",
    "reopened",
)
DATES = frozenset(
    {"promise_at", "visit_at", "visit_until", "ended_at", "identified_at", "sorted_at"}
)


class Conflict(Exception):
    """Another person changed the claim after the form was shown."""


class TooLate(Exception):
    """The event cannot be undone: it was sent, followed by another step, or ``HOLD`` has passed."""


def hold_duration(role: str) -> timedelta:
    """Return how long a step of ``role`` waits before the tenant is notified.

    ``HOLD`` for the landlord's staff, who may undo their steps; zero for a tenant, a contractor
    and the system. A claim that follows its work order is moved by the system, whoever moved the
    order.
    """
    return HOLD if role in STAFF_ROLES else timedelta(0)


def record(
    claim: Claim,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    undoable: bool = False,
    **facts: Any,
) -> ClaimEvent:
    """Append one event and the job that notifies the tenant of it.

    The job waits ``hold_duration`` of the actor's role when the event is ``undoable``.
    Raises ValueError for a ``name`` that is not an ``Event``.
    """
    event = ClaimEvent.objects.create(
        claim=claim,
        name=Event(name),
        at=now,
        actor=actor.user,
        role=actor.role,
        state=claim.state,
        facts=facts,
        before=before or {},
    )
    delay = hold_duration(actor.role) if undoable else timedelta(0)
    emergency = claim.urgency in EMERGENCIES
    enqueue(Job.Kind.NOTIFY, event.pk, delay=delay, emergency=emergency)
    return event


def lock(claim: Claim, version: int | None = None) -> Claim:
    """Return the claim's row, locked until the transaction ends. Raises Conflict (version)."""
    locked = Claim.objects.system("advance").select_for_update(of=("self",)).get(pk=claim.pk)
    if version is not None and locked.version != version:
        raise Conflict
    return locked


def touch(claim: Claim, version: int | None = None) -> None:
    """Raise the version, so that open forms notice the change. Raises Conflict (version)."""
    locked = lock(claim, version)
    locked.version += 1
    locked.save(update_fields=["version"])
    claim.version = locked.version


@transaction.atomic
def advance(
    *,
    claim: Claim,
    transition: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **facts: Any,
) -> ClaimEvent:
    """Lock the claim, check the transition table, write the new state and the event.

    ``facts`` must hold what the table's row needs, as JSON values; ``visit_at``, ``visit_until``
    and ``promise_at`` (aware datetimes) are also written on the claim. ``changes`` are other
    ``COLUMNS`` to write. The tenant is notified after ``hold_duration`` of the actor's role. Raises
    ``workflow.NotAllowed``, ``Conflict`` (version), or ``ValueError`` (a need is missing).
    """
    locked = lock(claim, version)
    if locked.routed_at is None:
        effects.before_first_step(locked, now)
        locked.refresh_from_db()
    row = workflow.find(transition, locked.state, actor.role)
    effects.check_step(Step(locked, transition, actor, now, facts))
    missing = [need for need in row.needs if not facts.get(need)]
    if missing:
        raise ValueError(f"{transition} needs {', '.join(sorted(missing))}")
    before, told = _snapshot(locked), locked.promise_at
    for name, value in (changes or {}).items():
        if name not in COLUMNS:
            raise ValueError(f"{name} is not written here")
        setattr(locked, name, value)
    if row.target:
        locked.state = row.target
    if facts.get("visit_at"):
        locked.visit_until = None
        # The visit is the next news, unless the step promises another date.
        facts.setdefault("promise_at", facts.get("visit_until") or facts["visit_at"])
    for name in ("visit_at", "visit_until", "promise_at"):
        if facts.get(name):
            setattr(locked, name, facts[name])
            facts[name] = facts[name].isoformat()
    if transition == Event.HAND_OVER:
        locked.owner_id = facts["desk"]
    if row.sources <= {State.CLOSED, State.REFUSED} or transition in {
        Event.SAY_NOT_FIXED,
        Event.SEND_BACK,
    }:
        locked.reopened += 1
    if locked.tenant_id and not locked.identified_at:
        locked.identified_at = now
    if locked.sorted_at is None and is_sorted_by_step(
        transition=transition,
        role=actor.role,
        category=locked.category.code,
        unsorted=settings.PALIER_UNSORTED_CATEGORY,
    ):
        locked.sorted_at = now
    locked.ended_at = now if locked.state in ENDED else None
    locked.version += 1
    locked.save()
    effects.after_step(Step(locked, transition, actor, now, facts))
    facts |= moved_date(told, locked)
    claim.refresh_from_db()
    return record(locked, transition, actor=actor, now=now, before=before, undoable=True, **facts)


def moved_date(told: datetime | None, claim: Claim) -> dict[str, Any]:
    """Return the fact that another date is promised than was ``told``; {} when it is the same.

    ``promised`` is the date told from now on, as text; empty when none is promised any more.
    """
    if claim.promise_at == told:
        return {}
    return {"promised": claim.promise_at.isoformat() if claim.promise_at else ""}


def _snapshot(claim: Claim) -> dict[str, Any]:
    """Return the ``COLUMNS`` of the claim as JSON values."""
    values = {name: getattr(claim, name) for name in COLUMNS}
    for name in DATES:
        values[name] = values[name].isoformat() if values[name] else None
    values["tenant_id"] = str(claim.tenant_id) if claim.tenant_id else None
    return values


def undo_until(event: ClaimEvent) -> datetime:
    """Return the instant until which the event can be undone; its own instant when it never can."""
    return event.at + hold_duration(event.role)


@transaction.atomic
def undo(*, event: ClaimEvent, actor: Actor, now: datetime) -> Claim:
    """Restore the claim as it was before ``event``, for the person who made the event.

    The event is marked as undone, its message deleted (the text stays in the event's facts, so
    that the person can edit it) and its job cancelled. Raises ``TooLate`` when the event is of
    another person or not of staff, is older than ``HOLD``, is already undone, was followed by
    another step, or its sending has begun.
    """
    claim = lock(event.claim)
    event = ClaimEvent.everything.select_for_update().get(pk=event.pk)
    followed = claim.events.filter(pk__gt=event.pk).exclude(before={}).exists()
    another = actor.user is None or event.actor_id != actor.user.pk
    if another or event.undone_at or followed or now >= undo_until(event):
        raise TooLate
    # A job that is or was under lease may have reached the mail server: it cannot be undone.
    jobs = Job.objects.select_for_update(skip_locked=True)
    job = jobs.filter(
        kind=Job.Kind.NOTIFY, key=str(event.pk), attempts=0, done_at__isnull=True
    ).first()
    if job is None:
        raise TooLate
    job.delete()
    event.claim, event.undone_at = claim, now
    effects.revert(event)
    for name, value in event.before.items():
        if name in DATES and value:
            value = datetime.fromisoformat(value)
        setattr(claim, name, value)
    claim.version += 1
    claim.save()
    if message := event.facts.get("message"):
        sent = Message.objects.of(claim=claim).filter(pk=message).first()
        if sent:
            event.facts["text"] = sent.text
            sent.delete()
    event.save(update_fields=["undone_at", "facts"])
    return claim
