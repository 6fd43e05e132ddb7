"""Note who did not write a request: the guess names them no more, until it is undone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from portal.actor import Actor
from portal.arrays import among
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import lock, record, touch
from tenants.models import Tenant


@transaction.atomic
def rule_out(
    *, claim: Claim, person: Tenant, actor: Actor, now: datetime, version: int | None = None
) -> ClaimEvent:
    """Say that ``person`` did not write ``claim``; for whoever may link its tenant, to be undone.

    Raises ``workflow.NotAllowed``, or ``Conflict`` when the claim has changed since ``version``.
    """
    locked = lock(claim, version)
    workflow.find(Event.IDENTIFY, locked.state, actor.role)
    touch(claim, version)
    return record(
        claim, Event.NOT_AUTHOR, actor=actor, now=now, undoable=True, person=str(person.pk)
    )


def ruled_out(claim: Claim) -> set[str]:
    """Return the keys of the persons who did not write ``claim``."""
    rows = ClaimEvent.objects.of(claim=claim).filter(name=Event.NOT_AUTHOR)
    return set(rows.values_list("facts__person", flat=True))


def ruled_out_of(claims: Iterable[UUID], person: str) -> ArraySubquery:
    """Return those of the keys ``claims`` that the person of an outer column did not write."""
    rows = ClaimEvent.objects.system("who did not write").filter(among("claim", claims))
    of_person = rows.annotate(of=KeyTextTransform("person", "facts")).filter(
        name=Event.NOT_AUTHOR, of=Cast(OuterRef(person), TextField())
    )
    return ArraySubquery(of_person.values("claim"))
