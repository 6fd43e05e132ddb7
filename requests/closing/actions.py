"""Plan and record the attempts to hear the tenant, close in their silence, keep feedback.

Only the tenant says that it is fixed. Without an answer, dated attempts follow, then a person
closes.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef

from portal.actor import Actor
from requests.catalogue.kinds import INSPECTIONS
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record
from requests.closing.models import ClosingStep, Feedback
from requests.jobs.models import Job
from requests.jobs.queue import enqueue_all
from requests.kit.choices import State

# Delays after the work was reported done, chosen by the project.
STEPS = {
    ClosingStep.Kind.REMINDER: timedelta(days=3),
    ClosingStep.Kind.CALL: timedelta(days=7),
    ClosingStep.Kind.CHECK: timedelta(days=10),
}
WAITING = (ClosingStep.State.PLANNED, ClosingStep.State.DUE)
ASKED = (Event.REPORT_DONE, Event.ANSWER)


def _dates(since: datetime, now: datetime) -> dict[ClosingStep.Kind, datetime]:
    """Return when each attempt is due, for a claim whose tenant was asked at ``since``.

    A claim found late gets its first attempt now; the others keep their spacing.
    """
    begin = max(since, now - STEPS[ClosingStep.Kind.REMINDER])
    return {kind: begin + delay for kind, delay in STEPS.items()}


def sweep(now: datetime, most: int = 500) -> int:
    """Plan attempts for claims that wait for the tenant's answer; return how many claims.

    Works for every way a claim becomes done (a page, an order, an import). Idempotent: some
    statements for all of them, in one transaction.
    """
    ClosingStep.objects.filter(state__in=WAITING).exclude(claim__state=State.DONE).update(
        state=ClosingStep.State.STOPPED
    )
    planned = ClosingStep.objects.filter(claim=OuterRef("pk"), turn=OuterRef("reopened"))
    claims = Claim.objects.system("closing").filter(~Exists(planned), state=State.DONE)
    claims = claims.exclude(category__family__code=INSPECTIONS)  # no tenant to be asked
    found = dict(claims.order_by().values_list("pk", "reopened")[:most])
    asked = _asked(list(found))
    wanted = [
        ClosingStep(claim_id=pk, turn=turn, kind=kind, due_at=due)
        for pk, turn in found.items()
        for kind, due in _dates(asked.get(pk, now), now).items()
    ]
    with transaction.atomic():
        # Another sweep may have been faster; its rows stand, and their jobs are there.
        ClosingStep.objects.bulk_create(wanted, ignore_conflicts=True)
        mine = ClosingStep.objects.filter(
            claim__in=list(found), turn=F("claim__reopened"), state=ClosingStep.State.PLANNED
        ).order_by()
        enqueue_all(
            Job.Kind.CLOSING,
            {pk: max(timedelta(0), due - now) for pk, due in mine.values_list("pk", "due_at")},
        )
    return len(found)


def _asked(claims: list[UUID]) -> dict[UUID, datetime]:
    """Return by claim when its tenant was last asked whether it is fixed, where that is known."""
    events = ClaimEvent.objects.system("closing").filter(claim__in=claims, name__in=ASKED)
    return dict(events.order_by().values_list("claim").annotate(last=Max("at")))


def _stop(claim: Claim) -> None:
    ClosingStep.objects.filter(claim=claim, state__in=WAITING).update(
        state=ClosingStep.State.STOPPED
    )


@transaction.atomic
def run_step(*, key: str, now: datetime) -> None:
    """Run the job of one attempt: send the reminder, or make the call or the check due."""
    step = ClosingStep.objects.select_for_update().get(pk=key)
    if step.state != ClosingStep.State.PLANNED:
        return
    claim = Claim.objects.system("closing").get(pk=step.claim_id)
    if claim.state != State.DONE or claim.reopened != step.turn:
        _stop(claim)
        return
    if step.kind == ClosingStep.Kind.REMINDER:
        step.state, step.done_at = ClosingStep.State.DONE, now
        record(claim, Event.CLOSING_REMINDER, actor=Actor.SYSTEM, now=now)
    else:
        step.state = ClosingStep.State.DUE
    step.save(update_fields=["state", "done_at"])


@transaction.atomic
def record_attempt(*, step: ClosingStep, outcome: str, actor: Actor, now: datetime) -> None:
    """Record the outcome of a call or a check, with date and author.

    Raises NotAllowed, ValueError.
    """
    mine = ClosingStep.objects.select_for_update().get(pk=step.pk)
    if mine.state != ClosingStep.State.DUE:
        raise workflow.NotAllowed("this attempt is not to be made")
    if not outcome.strip():
        raise ValueError("an attempt needs its outcome")
    mine.outcome, mine.by, mine.done_at = outcome.strip()[:300], actor.user, now
    mine.state = ClosingStep.State.DONE
    mine.save()
    claim = Claim.objects.system("closing").get(pk=mine.claim_id)
    record(
        claim,
        Event.CLOSING_ATTEMPT,
        actor=actor,
        now=now,
        kind=mine.kind,
        outcome=mine.outcome,
    )


def attempts_of(claim: Claim) -> list[ClosingStep]:
    """Return the attempts of this end of the claim, oldest first."""
    return list(claim.closing_steps.filter(turn=F("claim__reopened")))


def may_close_unanswered(claim: Claim) -> bool:
    """Return whether all three attempts were made without an answer (docs/principles.md, P7)."""
    made = {s.kind for s in attempts_of(claim) if s.state == ClosingStep.State.DONE}
    return claim.state == State.DONE and made == set(STEPS)


@transaction.atomic
def close_after_attempts(
    *, claim: Claim, text: str, actor: Actor, now: datetime, version: int | None = None
) -> ClaimEvent:
    """Close a claim without the tenant's answer and record the attempts. Raises NotAllowed."""
    if not may_close_unanswered(claim):
        raise workflow.NotAllowed("the attempts to reach the tenant are not complete")
    attempts = [
        {"kind": s.kind, "at": s.done_at.isoformat(), "outcome": s.outcome}
        for s in attempts_of(claim)
        if s.done_at
    ]
    return advance(
        claim=claim,
        transition=Event.CLOSE_UNANSWERED,
        actor=actor,
        version=version,
        now=now,
        text=text,
        attempts=attempts,
    )


@transaction.atomic
def give_feedback(
    *, claim: Claim, score: int, word: str, channel: str, actor: Actor, now: datetime
) -> bool:
    """Keep the tenant's score once per end; returns False when it was given before.

    ``actor`` is the tenant, or who wrote down what the tenant said.
    """
    try:
        with transaction.atomic():
            Feedback.objects.create(
                claim=claim,
                turn=claim.reopened,
                score=score,
                word=word[:500],
                channel=channel,
                at=now,
            )
    except IntegrityError:
        if not Feedback.objects.of(claim=claim).filter(turn=claim.reopened).exists():
            raise
        return False
    record(claim, Event.FEEDBACK, actor=actor, now=now, score=score)
    return True
