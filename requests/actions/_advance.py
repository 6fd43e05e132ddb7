"""The one place that writes a claim's state, with its event, in one transaction."""

from datetime import datetime

from django.db import transaction

from portal.access import Role
from requests import workflow
from requests.actions import promises
from requests.choices import ENDED
from requests.models import Claim, ClaimEvent, Job


class Conflict(Exception):
    """Somebody changed the claim since the form was shown."""


def enqueue(kind: str, key: object, now: datetime) -> None:
    """Write one job row beside the fact that needs it; the hint goes out after commit."""
    from requests.tasks import hint

    Job.objects.get_or_create(kind=kind, key=str(key), defaults={"next_at": now})
    transaction.on_commit(hint)


def record(claim: Claim, name: str, *, now: datetime, by=None, role: str = "", **facts):
    """Append one event and the job that tells the tenant about it."""
    event = ClaimEvent.objects.create(
        claim=claim, name=name, at=now, actor=by, role=role, state=claim.state, facts=facts
    )
    enqueue(Job.Kind.NOTIFY, event.pk, now)
    return event


@transaction.atomic
def advance(
    *,
    claim: Claim,
    transition: str,
    now: datetime,
    membership=None,
    by=None,
    version: int | None = None,
    **facts,
) -> ClaimEvent:
    """Lock, check the table, write state and event.

    ``membership`` None means the tenant acts. ``facts`` must hold what the row needs and be
    JSON values; ``visit_at`` and ``promise_at`` (aware datetimes) are also written on the claim.
    Raises ``workflow.NotAllowed``, ``Conflict`` (version), or ``ValueError`` (a need is missing).
    """
    locked = Claim.objects.system("advance").select_for_update(of=("self",)).get(pk=claim.pk)
    role = membership.role if membership else Role.TENANT
    if version is not None and locked.version != version:
        raise Conflict
    row = workflow.find(transition, locked.state, role)
    missing = [need for need in row.needs if not facts.get(need)]
    if missing:
        raise ValueError(f"{transition} needs {', '.join(sorted(missing))}")
    if row.target:
        locked.state = row.target
    for name in ("visit_at", "promise_at"):
        if facts.get(name):
            setattr(locked, name, facts[name])
            facts[name] = facts[name].isoformat()
    if transition == "hand_over":
        locked.owner_id = facts["desk"]
    if row.sources <= {"closed", "refused"} or transition in {"say_not_fixed", "send_back"}:
        locked.reopened += 1
    locked.ended_at = now if locked.state in ENDED else None
    locked.version += 1
    locked.save()
    promises.after(locked, transition, now=now)
    if transition == "hand_over":
        promises.say(locked, due=datetime.fromisoformat(facts["due"]), now=now)
    elif "promise_at" in facts:
        promises.say(locked, due=locked.promise_at, now=now)
    claim.refresh_from_db()
    actor = by or (membership.user if membership else None)
    return record(locked, transition, now=now, by=actor, role=role, **facts)
