"""The promises of the demo's claims: open ones escalate like real ones, proofs show ended ones."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from requests.claims.models import Claim
from requests.kit.choices import ENDED, OPEN, State
from requests.promises import rules as promise_rules
from requests.promises.models import EscalationStep, Promise


def build(now: datetime) -> None:
    """Write one dated promise per open claim, with the steps that are still to come.

    What is already late stays late: its past escalations count as done.
    """
    claims = Claim.objects.system("demo").filter(
        state__in=OPEN - {State.WAITING_TENANT}, promise_at__isnull=False
    )
    made = Promise.objects.bulk_create(
        (
            Promise(
                claim=claim,
                kind=kind,
                starts_at=claim.filed_at,
                due_at=due,
                urgency=claim.urgency,
                made_at=claim.routed_at,
                why="filed",
            )
            for claim in claims.iterator()
            if claim.promise_at
            for kind, due in _dates(claim.state, claim.promise_at, now)
        ),
        batch_size=2000,
    )
    steps = (
        EscalationStep(
            promise=promise,
            level=level.name,
            due_at=promise_rules.level_at(
                level, promise.starts_at, promise.due_at, promise.urgency
            ),
        )
        for promise in made
        if promise.due_at
        for level in promise_rules.LEVELS
    )
    EscalationStep.objects.bulk_create(
        [step for step in steps if step.due_at and step.due_at > now], batch_size=2000
    )
    _ended()


def _ended() -> None:
    """Write one promise per ended claim: kept by the event that settled it, else void."""
    settling = Q(events__name__in=promise_rules.KEPT_BY[promise_rules.RESOLUTION])
    claims = (
        Claim.objects.system("demo")
        .filter(state__in=ENDED, promise_at__isnull=False)
        .annotate(settled_at=Max("events__at", filter=settling))
    )
    Promise.objects.bulk_create(
        (
            Promise(
                claim=claim,
                kind=promise_rules.RESOLUTION,
                starts_at=claim.filed_at,
                due_at=claim.promise_at,
                urgency=claim.urgency,
                made_at=claim.routed_at,
                why="filed",
                kept_at=claim.settled_at,
                ended_at=None if claim.settled_at else claim.ended_at,
            )
            for claim in claims.iterator(chunk_size=2000)
        ),
        batch_size=2000,
    )


def _dates(state: str, promise_at: datetime, now: datetime) -> list[tuple[str, datetime]]:
    """Return the next news, and the end some days after it: something is always promised."""
    first = promise_rules.ACKNOWLEDGEMENT if state == State.RECEIVED else promise_rules.NEWS
    end = max(promise_at, now) + timedelta(days=4)
    return [(first, promise_at), (promise_rules.RESOLUTION, end)]
