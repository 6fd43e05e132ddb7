"""The conversation of a claim: what was said, by whom, through which channel."""

from datetime import datetime

from django.db import transaction

from requests.actions._advance import advance, record
from requests.choices import Channel, State
from requests.models import Claim, Message


def attach(*, claim: Claim, text: str, channel: str, now: datetime, by) -> Message:
    """Keep the text of a transition in the thread; the transition's own event tells the tenant."""
    return Message.objects.create(
        claim=claim, text=text, direction=Message.Direction.OUT, channel=channel, author=by, at=now
    )


@transaction.atomic
def write(
    *, claim: Claim, text: str, direction: str, channel: str, now: datetime, by=None
) -> Message:
    """Add one entry. An outgoing one is sent to the tenant; a note never leaves.

    A tenant's message on a claim that waits for them puts it back in review.
    """
    message = Message.objects.create(
        claim=claim, text=text, direction=direction, channel=channel, author=by, at=now
    )
    if direction == Message.Direction.OUT:
        record(claim, "message_out", now=now, by=by, message=str(message.pk))
    elif direction == Message.Direction.IN:
        if claim.state == State.WAITING_TENANT:
            advance(claim=claim, transition="tenant_answered", now=now, by=by)
        else:
            record(claim, "message_in", now=now, by=by, role="tenant", message=str(message.pk))
    return message


def from_tenant(*, claim: Claim, text: str, now: datetime, by=None) -> Message:
    """A tenant writes on the web."""
    return write(
        claim=claim, text=text, direction=Message.Direction.IN, channel=Channel.WEB, now=now, by=by
    )
