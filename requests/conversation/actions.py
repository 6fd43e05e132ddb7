"""The conversation of a claim: what was said, by whom, through which channel."""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record, touch
from requests.conversation import mentions
from requests.filing.actions import KeyReused
from requests.kit.choices import Channel, State
from requests.notifications.contact_routes import answer_channel
from requests.promises import actions as promises


def attach(*, claim: Claim, text: str, actor: Actor, now: datetime) -> Message:
    """Keep the text of a transition in the thread; the transition's own event tells the tenant."""
    return Message.objects.create(
        claim=claim,
        text=text,
        direction=Message.Direction.OUT,
        channel=answer_channel(claim),
        author=actor.user,
        at=now,
    )


@transaction.atomic
def write(
    *,
    claim: Claim,
    text: str,
    direction: str,
    channel: str,
    actor: Actor,
    now: datetime,
    pk: UUID | None = None,
    version: int | None = None,
    mentioned=(),
) -> Message:
    """Add one entry. An outgoing one is sent to the tenant; a note never leaves.

    A tenant's message on a claim that waits for them puts it back in review; it is the tenant's
    whoever writes it down. What the ``actor`` writes to the tenant is sent ``hold_of`` their role
    later. ``mentioned`` colleagues find a note among their mentions. Raises Conflict when
    ``version`` is given and the claim has moved.
    """
    touch(claim, version)
    message = Message.objects.create(
        id=pk or uuid4(),
        claim=claim,
        text=text,
        direction=direction,
        channel=channel,
        author=actor.user,
        at=now,
    )
    said = {"message": str(message.pk)}
    if direction == Message.Direction.NOTE:
        mentions.mention(message=message, users=mentioned)
    if direction == Message.Direction.OUT:
        record(claim, Event.MESSAGE_OUT, actor=actor, now=now, undoable=True, **said)
        promises.after(claim, Event.MESSAGE_OUT, now=now)
    elif direction == Message.Direction.IN:
        if claim.state == State.WAITING_TENANT:
            step = Event.TENANT_ANSWERED
            advance(claim=claim, transition=step, actor=actor.as_tenant(), now=now)
        else:
            record(claim, Event.MESSAGE_IN, actor=actor.as_tenant(), now=now, **said)
    return message


KEYS = UUID("8d0d3c1e-7a52-4a3c-9f0b-6a0f6f8f2a11")


def write_once(*, key: str, **entry) -> Message:
    """``write``, made harmless to repeat: the message's id derives from ``key``.

    Returns the message already written under the key; raises ``KeyReused`` if that one said
    something else or elsewhere.
    """
    pk = uuid5(KEYS, key)
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        try:
            with transaction.atomic():
                return write(pk=pk, **entry)
        except IntegrityError:
            message = Message.objects.filter(pk=pk).first()
            if message is None:
                raise
    said = (message.claim_id, message.text, message.direction)
    if said != (entry["claim"].pk, entry["text"], entry["direction"]):
        raise KeyReused(key)
    return message


def from_tenant(*, claim: Claim, text: str, actor: Actor, now: datetime) -> Message:
    """A tenant writes on the web."""
    said = {"direction": Message.Direction.IN, "channel": Channel.WEB}
    return write(claim=claim, text=text, actor=actor, now=now, **said)


@transaction.atomic
def called(*, claim: Claim, outcome: str, text: str, actor: Actor, now: datetime) -> ClaimEvent:
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
            author=actor.user,
            at=now,
        )
        facts["message"] = str(note.pk)
    return record(claim, Event.CALLED, actor=actor, now=now, outcome=outcome, **facts)


@transaction.atomic
def noted(
    *,
    claim: Claim,
    text: str,
    channel: str,
    actor: Actor,
    now: datetime,
    fixed: bool | None = None,
    version: int | None = None,
) -> Message:
    """What the tenant told us by letter, phone or at the counter, written down by a person.

    ``fixed`` is their own word on finished work, None when they gave none: it closes or reopens
    as if they had pressed the button, and the event names who wrote it down. Raises Conflict.
    """
    touch(claim, version)
    message = Message.objects.create(
        claim=claim,
        text=text,
        direction=Message.Direction.IN,
        channel=channel,
        author=actor.user,
        at=now,
    )
    facts = {"message": str(message.pk), "channel": channel}
    tenant = actor.as_tenant()
    if claim.state == State.DONE and fixed is not None:
        said = Event.SAY_FIXED if fixed else Event.SAY_NOT_FIXED
        advance(claim=claim, transition=said, actor=tenant, now=now, **facts)
    elif claim.state == State.WAITING_TENANT:
        advance(claim=claim, transition=Event.TENANT_ANSWERED, actor=tenant, now=now, **facts)
    else:
        record(claim, Event.MESSAGE_IN, actor=tenant, now=now, **facts)
    return message


@transaction.atomic
def heard(
    *, claim: Claim, text: str, channel: str, actor: Actor, now: datetime, caller: str, own: bool
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
            actor=actor,
            now=now,
        )
    touch(claim)
    note = Message.objects.create(
        claim=claim,
        text=text,
        direction=Message.Direction.NOTE,
        channel=channel,
        author=actor.user,
        at=now,
    )
    said = {"message": str(note.pk), "caller": caller}
    record(claim, Event.ME_TOO, actor=actor, now=now, **said)
    return note
