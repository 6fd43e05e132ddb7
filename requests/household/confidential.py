"""Mark a claim confidential, and take that back."""

from datetime import datetime

from django.db import transaction

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import lock, record


@transaction.atomic
def mark(*, claim: Claim, confidential: bool, actor: Actor, now: datetime) -> ClaimEvent | None:
    """Make the claim its author's alone, or share it again as its category says.

    None when it is so already.
    """
    locked = lock(claim)
    claim.confidential = confidential
    if locked.confidential == confidential:
        return None
    locked.confidential = confidential
    locked.version += 1
    locked.save(update_fields=["confidential", "version"])
    claim.version = locked.version
    name = Event.MADE_CONFIDENTIAL if confidential else Event.SHARED_AGAIN
    return record(locked, name, actor=actor, now=now)
