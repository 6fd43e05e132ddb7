"""What falls late climbs by itself, once per level: desk, manager and tenant, head office."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from requests.actions import promises
from requests.actions._advance import record
from requests.choices import OPEN
from requests.models import Claim, EscalationStep, Job
from requests.promises import LEVELS

TOLD = {level.name: level.told for level in LEVELS}


def sweep(*, now: datetime) -> int:
    """Make a job of every step that is due and still means something; returns how many are due.

    Most steps are never due, because their promise is kept: they never become work.
    """
    due = EscalationStep.objects.filter(
        due_at__lte=now,
        done_at__isnull=True,
        promise__kept_at__isnull=True,
        promise__ended_at__isnull=True,
    ).values_list("pk", flat=True)
    jobs = [Job(kind=Job.Kind.ESCALATE, key=str(pk), next_at=Now()) for pk in due[:1000]]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
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
        pk=step_id,
        done_at__isnull=True,
        due_at__lte=now,
        promise__kept_at__isnull=True,
        promise__ended_at__isnull=True,
    ).update(done_at=now)
    if not taken or claim.state not in OPEN:
        return False
    step = EscalationStep.objects.select_related("promise").get(pk=step_id)
    facts = {"level": step.level, "told": TOLD[step.level], "promise": step.promise.kind}
    if step.level == "due" and step.promise.due_at == claim.promise_at:
        new = promises.lateness_told(claim, now=now)
        facts["new_date"] = new.isoformat()
    name = "late" if "new_date" in facts else "escalated"
    record(claim, name, now=now, role="system", **facts)
    return True
