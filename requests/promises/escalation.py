"""Escalate late promises, once per level: desk, then manager and tenant, then head office.

Colleagues who are absent are skipped. The others see the claim under "passed up to me" at once and
get one mail that gathers several claims (requests/notifications/lateness.py).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast, Now
from django.utils import timezone

from agencies import absences
from agencies.models import Membership
from portal.access import Role
from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.jobs.models import Job
from requests.jobs.queue import enqueue, enqueue_all
from requests.kit.choices import CALENDAR_URGENCIES, OPEN
from requests.promises import actions as promises
from requests.promises.models import EscalationStep, EscalationTold, open_condition
from requests.promises.rules import LEVELS, next_mail
from requests.teamwork import assignment
from requests.teamwork.workload import people_of

MOST = 50  # steps of one batch
BATCHES = 20  # of one sweep; beat calls the next one seconds later
TOLD = {level.name: level.told for level in LEVELS}


def sweep(*, now: datetime) -> int:
    """Write a job for every due step of an open promise, batch by batch; return how many.

    Most steps never become a job, because their promise is kept before. What is left after
    ``BATCHES`` is found by the next sweep.
    """
    found = 0
    for _ in range(BATCHES):
        batch = sweep_batch(now=now)
        found += batch
        if batch < MOST:
            break
    return found


def sweep_batch(*, now: datetime) -> int:
    """Write a job for the ``MOST`` steps that are due the longest and return how many.

    A step whose job waits or was given up is left out, so that it keeps no other from the batch.
    """
    jobs = Job.objects.filter(kind=Job.Kind.ESCALATE, key=Cast(OuterRef("pk"), CharField()))
    held = jobs.filter(Q(done_at__isnull=True) | ~Q(given_up_reason=""))
    # An index holds the promises that have a step to come: what was settled is not read.
    due = EscalationStep.objects.filter(
        open_condition("promise__"),
        ~Exists(held),
        promise__next_step_at__lte=now,
        due_at__lte=now,
        done_at__isnull=True,
    ).order_by("promise__next_step_at")
    keys = list(due.values_list("pk", flat=True)[:MOST])
    if not keys:
        return 0
    enqueue_all(Job.Kind.ESCALATE, dict.fromkeys(keys, timedelta(0)))
    # A job that ran while a clock had jumped back found nothing due: run it again.
    Job.objects.filter(
        kind=Job.Kind.ESCALATE,
        key__in=list(map(str, keys)),
        done_at__isnull=False,
        given_up_reason="",
    ).update(done_at=None, attempts=0, next_at=Now())
    return len(keys)


@transaction.atomic
def carry_out_step(*, step_id: int | str, now: datetime) -> bool:
    """Carry out one step of a late promise; return False when it is no longer needed.

    The step, the claim's event and the tenant's new date are written in one transaction. A step is
    carried out once: a second worker, a repeated job or a clock that jumps back finds it done.
    """
    claim_id = EscalationStep.objects.values_list("promise__claim", flat=True).get(pk=step_id)
    claim = (
        Claim.objects.system("escalation")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit", "owner__unit")
        .get(pk=claim_id)
    )
    taken = EscalationStep.objects.filter(
        open_condition("promise__"),
        pk=step_id,
        done_at__isnull=True,
        due_at__lte=now,
    ).update(done_at=now)
    if not taken or claim.state not in OPEN:
        return False
    step = EscalationStep.objects.select_related("promise").get(pk=step_id)
    facts: dict[str, Any] = {
        "level": step.level,
        "told": TOLD[step.level],
        "promise": step.promise.kind,
    }
    if step.level == "due" and step.promise.due_at == claim.promise_at:
        new = promises.promise_new_date(claim, now=now)
        facts["new_date"] = facts["promised"] = new.isoformat()
    name = Event.LATE if "new_date" in facts else Event.ESCALATED
    record(claim, name, actor=Actor.SYSTEM, now=now, **facts)
    _tell(claim, step, now)
    return True


def _tell(claim: Claim, step: EscalationStep, now: datetime) -> None:
    """Write which colleagues are told, and the job of each one's next mail."""
    members = members_to_notify(claim, TOLD[step.level], timezone.localdate(now))
    EscalationTold.objects.bulk_create(
        (EscalationTold(step=step, membership=member, at=now) for member in members),
        ignore_conflicts=True,
    )
    due = next_mail(now, urgent=claim.urgency in CALENDAR_URGENCIES)
    for member in members:
        key = f"{member.pk}:{int(due.timestamp())}"
        enqueue(Job.Kind.LATENESS, key, delay=due - now, member=member.pk)


def members_to_notify(claim: Claim, told: str, day: date) -> list[Membership]:
    """Return the colleagues of a level who are present on ``day`` (Europe/Paris).

    ``told`` is ``desk``, ``agency_manager`` or ``head_office``. At the desk, it is the person
    assigned to the claim or their substitute, else everybody of the desk. When everybody of a
    level is absent, the next level is told.
    """
    members: list[Membership] = []
    if told == "desk":
        held = assignment.holder(claim, day)
        if held and held.today:
            return [held.today]
        if claim.owner:
            members = absences.present_members(people_of(claim.owner, day), day)
    if not members and told != "head_office" and claim.owner:
        managers = absences.memberships_on(day).filter(
            unit=claim.owner.unit_id, role=Role.AGENCY_MANAGER
        )
        members = absences.present_members(managers, day)
    return members or absences.present_members(
        absences.memberships_on(day).filter(role=Role.HEAD_OFFICE), day
    )
