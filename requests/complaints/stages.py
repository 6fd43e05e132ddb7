"""The two stages of a complaint: when they begin, who may answer, when they are answered.

Run by routing and by its effect, in their transaction (docs/adr/0020).
"""

from datetime import datetime

from agencies.models import Desk, Unit
from portal.access import DESK_ROLES
from portal.actor import Actor
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.complaints.models import Complaint, ComplaintStage
from requests.complaints.recourse import ACK_DAYS, AGAIN, ANSWER_DAYS, ANSWERS
from requests.promises import actions as promises
from requests.promises import rules as kinds

REPLIES = frozenset({Event.ANSWER, Event.REFUSE})


class NotTheReviewer(workflow.NotAllowed):
    """This person handled the matter, or answered the first stage."""


def start_stages(claim: Claim, *, now: datetime, about: Claim | None = None) -> Complaint:
    """Begin the first stage of a complaint, with its two dated promises. Idempotent."""
    complaint, new = Complaint.objects.get_or_create(claim=claim, defaults={"about": about})
    if new:
        _stage(complaint, claim, 1, now)
    return complaint


def handlers(complaint: Complaint) -> set:
    """Return the accounts that may not answer the open stage.

    These are the staff who acted on the claim complained about and, at stage 2, the reviewer of
    stage 1.
    """
    users = set(
        complaint.stages.filter(answered_at__isnull=False).values_list("reviewer__user", flat=True)
    )
    if complaint.about_id:
        users |= set(
            ClaimEvent.objects.system("who handled what a complaint is about")
            .filter(claim=complaint.about_id, role__in=DESK_ROLES, actor__isnull=False)
            .values_list("actor", flat=True)
        )
    return users


def may_answer(claim: Claim, user) -> bool:
    """Return whether the rules on complaints let ``user`` answer this claim."""
    complaint = getattr(claim, "complaint", None)
    return complaint is None or user.pk not in handlers(complaint)


def check(claim: Claim, transition: str, actor: Actor) -> None:
    """Raise ``NotTheReviewer`` when a person who may not answer a complaint is about to."""
    if actor.user is None or transition not in ANSWERS:
        return
    if not may_answer(claim, actor.user):
        raise NotTheReviewer(f"{transition} of a complaint by who handled the matter")


def apply_event(claim: Claim, transition: str, actor: Actor, *, now: datetime) -> None:
    """End the open stage on an answer; begin the second one when the tenant is not satisfied."""
    if transition in REPLIES and actor.membership is not None:
        ComplaintStage.objects.filter(complaint__claim=claim, answered_at__isnull=True).update(
            answered_at=now, reviewer=actor.membership
        )
    elif transition in AGAIN:
        complaint = Complaint.objects.filter(claim=claim).first()
        if (
            complaint is None
            or not complaint.stages.filter(number=1, answered_at__isnull=False).exists()
        ):
            return
        if not complaint.stages.filter(number=2).exists():
            _second(complaint, claim, now)


def revert(claim: Claim, *, at: datetime) -> None:
    """Undo what ``apply_event`` did at the instant ``at``. Only for an undone step."""
    stages = ComplaintStage.objects.filter(complaint__claim=claim)
    stages.filter(asked_at=at, number=2).delete()
    stages.filter(answered_at=at).update(answered_at=None, reviewer=None)


def _second(complaint: Complaint, claim: Claim, now: datetime) -> None:
    """Begin the second stage and give the complaint to head office's legal desk."""
    desk = Desk.objects.filter(unit__kind=Unit.Kind.HEAD_OFFICE, kind=Desk.Kind.LEGAL).first()
    if desk is not None and claim.owner_id != desk.pk:
        claim.owner = desk
        claim.save(update_fields=["owner"])
    _stage(complaint, claim, 2, now)
    record(claim, Event.SECOND_STAGE, actor=Actor.SYSTEM, now=now)


def _stage(complaint: Complaint, claim: Claim, number: int, now: datetime) -> None:
    due = promises.working_days(claim, ANSWER_DAYS[number], now=now)
    ComplaintStage.objects.create(complaint=complaint, number=number, asked_at=now, answer_due=due)
    ack = promises.working_days(claim, ACK_DAYS, now=now)
    promises.promise_deadline(claim, kinds.COMPLAINT_ACK, due=ack, why=f"stage {number}", now=now)
    promises.promise_deadline(claim, kinds.COMPLAINT_REPLY, due=due, why=f"stage {number}", now=now)
