"""Take a step of a claim's life as a form of the page asks for it."""

from django.db import transaction

from agencies.http_types import StaffRequest
from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation import actions as conversation
from requests.inbox.claim_page import step_proposal


@transaction.atomic
def take_step(
    request: StaffRequest,
    claim: Claim,
    step: str,
    facts: dict,
    *,
    version: int,
    files_of: str = "",
    channel: str = "",
) -> ClaimEvent:
    """Take the step, write its text as a message, and keep whether it was the one proposed.

    ``facts`` are those of ``advance``; ``files_of`` and ``channel`` those of
    ``write_step_message``. Raises Conflict and NotAllowed as ``advance`` does.
    """
    moment, actor = now(), Actor.member(request.membership)
    offered = step_proposal(claim, request.membership, moment)
    if facts.get("text") and step != Event.REOPEN:
        message = conversation.write_step_message(
            claim=claim,
            text=facts["text"],
            actor=actor,
            now=moment,
            files_of=files_of,
            channel=channel,
        )
        facts["message"] = str(message.pk)
    if offered and offered.key:
        # "Accept" carries the rule's key; any other form means that the person chose otherwise.
        kept = request.POST.get("accepted") == offered.key
        facts["proposed"] = {"rule": offered.key, "version": offered.version, "kept": kept}
    return advance(claim=claim, transition=step, actor=actor, version=version, now=moment, **facts)
