"""The conversation of a claim: what was said, by whom, through which channel."""

from datetime import datetime, timedelta

from django.db import transaction

from requests.actions._advance import HOLD, advance, record, touch
from requests.choices import Channel, State
from requests.models import Claim, ClaimEvent, Message


def attach(*, claim: Claim, text: str, channel: str, now: datetime, by) -> Message:
    """Keep the text of a transition in the thread; the transition's own event tells the tenant."""
    return Message.objects.create(
        claim=claim, text=text, direction=Message.Direction.OUT, channel=channel, author=by, at=now
    )


@transaction.atomic
def write(
    *,
    claim: Claim,
    text: str,
    direction: str,
    channel: str,
    now: datetime,
    by=None,
    version: int | None = None,
) -> Message:
    """Add one entry. An outgoing one is sent to the tenant; a note never leaves.

    A tenant's message on a claim that waits for them puts it back in review. What staff write
    is sent ``HOLD`` later. Raises Conflict when ``version`` is given and the claim has moved.
    """
    touch(claim, version)
    message = Message.objects.create(
        claim=claim, text=text, direction=direction, channel=channel, author=by, at=now
    )
    if direction == Message.Direction.OUT:
        hold = HOLD if by else timedelta(0)
        record(claim, "message_out", now=now, by=by, hold=hold, message=str(message.pk))
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


@transaction.atomic
def called(*, claim: Claim, outcome: str, text: str, now: datetime, membership) -> ClaimEvent:
    """We rang the tenant: the attempt is an event, what was said an internal note.

    ``outcome`` is one of ``choices.CallOutcome``; the attempts count before a claim that the
    tenant never answered may be closed.
    """
    touch(claim)
    facts = {}
    if text:
        note = Message.objects.create(
            claim=claim,
            text=text,
            direction=Message.Direction.NOTE,
            channel=Channel.PHONE,
            author=membership.user,
            at=now,
        )
        facts["message"] = str(note.pk)
    return record(
        claim,
        "called",
        now=now,
        by=membership.user,
        role=membership.role,
        outcome=outcome,
        **facts,
    )


@transaction.atomic
def heard(
    *, claim: Claim, text: str, channel: str, now: datetime, membership, caller: str, own: bool
) -> Message:
    """Someone at the phone or the counter speaks about a claim that is already open.

    On their own claim it is the tenant's message, noted by us. On another's (a lift that
    neighbours report too) it is an internal note, since the first tenant reads the thread.
    """
    if own:
        return write(
            claim=claim,
            text=text,
            direction=Message.Direction.IN,
            channel=channel,
            now=now,
            by=membership.user,
        )
    touch(claim)
    note = Message.objects.create(
        claim=claim,
        text=text,
        direction=Message.Direction.NOTE,
        channel=channel,
        author=membership.user,
        at=now,
    )
    record(
        claim,
        "me_too",
        now=now,
        by=membership.user,
        role=membership.role,
        message=str(note.pk),
        caller=caller,
    )
    return note
