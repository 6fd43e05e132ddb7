"""Put labels on a claim and take them off: one event, which staff alone read and can undo."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record, touch
from requests.labels.models import ClaimLabel, Label

PUT, TAKEN = "labels_put", "labels_taken"  # facts of the event: codes


class NothingToChange(Exception):
    """The claim bears just these labels already."""


@transaction.atomic
def change(
    *,
    claim: Claim,
    put: Iterable[Label] = (),
    take: Iterable[Label] = (),
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Put labels on ``claim`` and take others off; the event can be undone like a step.

    Raises Conflict (version) and NothingToChange.
    """
    touch(claim, version)
    borne = set(ClaimLabel.objects.filter(claim=claim).values_list("label", flat=True))
    new = [label for label in put if label.pk not in borne]
    gone = [label for label in take if label.pk in borne]
    if not new and not gone:
        raise NothingToChange
    ClaimLabel.objects.bulk_create(
        ClaimLabel(claim=claim, label=label, by=actor.membership, at=now) for label in new
    )
    ClaimLabel.objects.filter(claim=claim, label__in=gone).delete()
    facts: dict[str, Any] = {
        PUT: [label.code for label in new],
        TAKEN: [label.code for label in gone],
    }
    return record(claim, Event.LABELLED, actor=actor, now=now, undoable=True, **facts)


def revert(event: ClaimEvent) -> None:
    """Take back what the event did; for an undone one only."""
    claim = event.claim
    put, taken = event.facts.get(PUT, ()), event.facts.get(TAKEN, ())
    ClaimLabel.objects.filter(claim=claim, label__code__in=put, at=event.at).delete()
    ClaimLabel.objects.bulk_create(
        (ClaimLabel(claim=claim, label=label, at=event.at) for label in _of_codes(taken)),
        ignore_conflicts=True,
    )


def _of_codes(codes: Iterable[str]) -> list[Label]:
    return list(Label.objects.filter(code__in=list(codes)))
