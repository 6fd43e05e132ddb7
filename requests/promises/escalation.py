"""What falls late climbs by itself, once per level: desk, manager and tenant, head office.

Who is away is skipped. Those told see the claim under "passed up to me" at once, and read of it
in one gathered mail (requests/notifications/lateness.py).
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from agencies import absences
from agencies.models import Membership
from portal.access import Role
from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import CALENDAR_URGENCIES, OPEN
from requests.promises import actions as promises
from requests.promises.models import EscalationStep, EscalationTold, standing
from requests.promises.rules import LEVELS, next_mail
from requests.teamwork import assignment
from requests.teamwork.workload import people_of

TOLD = {level.name: level.told for level in LEVELS}


def sweep(*, now: datetime) -> int:
    """Make a job of every step that is due and still means something; returns how many are due.

    Most steps are never due, because their promise is kept: they never become work.
    """
    due = EscalationStep.objects.filter(
        standing("promise__"),
        due_at__lte=now,
        done_at__isnull=True,
    ).values_list("pk", flat=True)
    jobs = [Job(kind=Job.Kind.ESCALATE, key=str(pk), next_at=Now()) for pk in due[:1000]]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
    # Done while a clock had jumped back, so that nothing was due: it is due now.
    Job.objects.filter(
        kind=Job.Kind.ESCALATE,
        key__in=[job.key for job in jobs],
        done_at__isnull=False,
        given_up_reason="",
    ).update(done_at=None, attempts=0, next_at=Now())
    return len(jobs)


@transaction.atomic
def climb(*, step_id: int | str, now: datetime) -> bool:
    """Reach one level of one late promise; False when there is nothing to climb any more.

    The step, the claim's event and the tenant's new date are one transaction, and a step is
    taken once: a second worker, a replay or a clock that jumps back finds it done.
    """
    claim_id = EscalationStep.objects.values_list("promise__claim", flat=True).get(pk=step_id)
    claim = (
        Claim.objects.system("escalation")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit", "owner__unit")
        .get(pk=claim_id)
    )
    taken = EscalationStep.objects.filter(
        standing("promise__"),
        pk=step_id,
        done_at__isnull=True,
        due_at__lte=now,
    ).update(done_at=now)
    if not taken or claim.state not in OPEN:
        return False
    step = EscalationStep.objects.select_related("promise").get(pk=step_id)
    facts = {"level": step.level, "told": TOLD[step.level], "promise": step.promise.kind}
    if step.level == "due" and step.promise.due_at == claim.promise_at:
        new = promises.lateness_told(claim, now=now)
        facts["new_date"] = new.isoformat()
    name = Event.LATE if "new_date" in facts else Event.ESCALATED
    record(claim, name, actor=Actor.SYSTEM, now=now, **facts)
    _tell(claim, step, now)
    return True


def _tell(claim: Claim, step: EscalationStep, now: datetime) -> None:
    """Write who was told, and the mail that will gather it."""
    members = to_tell(claim, TOLD[step.level], timezone.localdate(now))
    EscalationTold.objects.bulk_create(
        (EscalationTold(step=step, membership=member, at=now) for member in members),
        ignore_conflicts=True,
    )
    due = next_mail(now, urgent=claim.urgency in CALENDAR_URGENCIES)
    for member in members:
        key = f"{member.pk}:{int(due.timestamp())}"
        enqueue(Job.Kind.LATENESS, key, delay=due - now, member=member.pk)


def to_tell(claim: Claim, told: str, day: date) -> list[Membership]:
    """The colleagues of a level (``desk``, ``agency_manager``, ``head_office``) there on ``day``.

    Of the desk: who has the claim in hand, or who stands in; else everybody at the desk. A level
    where everybody is away is passed over to the next.
    """
    members: list[Membership] = []
    if told == "desk":
        held = assignment.holder(claim, day)
        if held and held.today:
            return [held.today]
        members = absences.present(people_of(claim.owner, day), day)
    if not members and told != "head_office":
        managers = absences.serving(day).filter(unit=claim.owner.unit_id, role=Role.AGENCY_MANAGER)
        members = absences.present(managers, day)
    return members or absences.present(absences.serving(day).filter(role=Role.HEAD_OFFICE), day)
