"""Note who did not write a request: the guess names them no more, until it is undone."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from portal.actor import Actor
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
    return set(_said_not([claim]).values_list("facts__person", flat=True))


def ruled_out_of(claims: Iterable[Claim], person: str) -> ArraySubquery:
    """Return the keys of those ``claims`` that the person of an outer column did not write."""
    of_person = KeyTextTransform("person", "facts")
    rows = _said_not(claims).annotate(of=of_person).filter(of=Cast(OuterRef(person), TextField()))
    return ArraySubquery(rows.values("claim"))


def _said_not(claims: Iterable[Claim]) -> QuerySet[ClaimEvent]:
    return ClaimEvent.objects.of(claim__in=list(claims)).filter(name=Event.NOT_AUTHOR)
