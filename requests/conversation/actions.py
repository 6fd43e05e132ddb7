"""Write messages of a claim's conversation."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.actor import Actor
from portal.models import User
from requests.attachments import uploads
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, moved_date, record, touch
from requests.conversation import mentions
from requests.dangers import actions as dangers
from requests.filing.actions import Filing, KeyReused
from requests.kit.choices import Channel, State
from requests.notifications.contact_routes import answer_channel
from requests.promises import actions as promises


def write_step_message(
    *,
    claim: Claim,
    text: str,
    actor: Actor,
    now: datetime,
    files_of: str = "",
    channel: str = "",
) -> Message:
    """Write the text of a transition as a message; the transition's event notifies the tenant.

    By ``channel``, else by the usual one. ``files_of``: the drafts of this session go with it.
    """
    message = Message.objects.create(
        claim=claim,
        text=text,
        direction=Message.Direction.OUT,
        channel=channel or answer_channel(claim),
        author=actor.user,
        at=now,
    )
    if files_of:
        channel = message.channel
        uploads.join(session=files_of, claim=claim, now=now, message=message, channel=channel)
    return message


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
    mentioned: Iterable[User] = (),
    files_of: str = "",
    promise_at: datetime | None = None,
) -> Message:
    """Write one message. An outgoing one is sent to the tenant; a note is never sent.

    A tenant's message on a claim that waits for them puts it back in review; the event is the
    tenant's, whoever writes the message down. What may be a danger becomes a claim of its own.
    What the ``actor`` writes to the tenant is sent after ``hold_duration`` of their role; with
    ``promise_at``, it gives that date of the next news. ``mentioned`` colleagues find a note among
    their mentions. Raises Conflict when ``version`` is given and is not the claim's.
    ``files_of``: the drafts of this session go with it.
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
    facts: dict[str, Any] = {"message": str(message.pk)}
    if files_of:
        uploads.join(session=files_of, claim=claim, now=now, message=message, channel=channel)
    if direction == Message.Direction.IN:
        dangers.hear(claim=claim, message=message, now=now)
    if direction == Message.Direction.NOTE:
        mentions.create_mentions(message=message, users=mentioned)
    if direction == Message.Direction.OUT:
        told = claim.promise_at
        promises.apply_event(claim, Event.MESSAGE_OUT, now=now, given=promise_at)
        facts |= moved_date(told, claim)
        record(claim, Event.MESSAGE_OUT, actor=actor, now=now, undoable=True, **facts)
    elif direction == Message.Direction.IN:
        if claim.state == State.WAITING_TENANT:
            step = Event.TENANT_ANSWERED
            advance(claim=claim, transition=step, actor=actor.as_tenant(), now=now)
        else:
            record(claim, Event.MESSAGE_IN, actor=actor.as_tenant(), now=now, **facts)
    return message


KEYS = UUID("8d0d3c1e-7a52-4a3c-9f0b-6a0f6f8f2a11")


def write_once(*, key: str, **entry: Any) -> Message:
    """Call ``write`` once per ``key``; ``entry`` holds its arguments.

    Returns the message already written under the key, if any, since the message's id derives from
    ``key``. Raises ``KeyReused`` if that message has another claim, text or direction.
    """
    pk = uuid5(KEYS, key)
    message = Message.objects.system("a message sent twice").filter(pk=pk).first()
    if message is None:
        try:
            with transaction.atomic():
                return write(pk=pk, **entry)
        except IntegrityError:
            message = Message.objects.system("a message sent twice").filter(pk=pk).first()
            if message is None:
                raise
    written = (message.claim_id, message.text, message.direction)
    if written != (entry["claim"].pk, entry["text"], entry["direction"]):
        raise KeyReused(key)
    return message


def from_tenant(*, claim: Claim, text: str, actor: Actor, now: datetime) -> Message:
    """Write what a tenant sends from the web pages."""
    return write(
        claim=claim,
        text=text,
        direction=Message.Direction.IN,
        channel=Channel.WEB,
        actor=actor,
        now=now,
    )


@transaction.atomic
def record_call(
    *, claim: Claim, outcome: str, text: str, actor: Actor, now: datetime
) -> ClaimEvent:
    """Record that staff called the tenant: an event, and an internal note with ``text``.

    ``outcome`` is one of ``choices.CallOutcome``. The calls count as attempts to reach the tenant,
    which are needed before a claim may be closed without an answer.
    """
    touch(claim)
    facts: dict[str, Any] = {}
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
def record_answer(
    *,
    claim: Claim,
    text: str,
    channel: str,
    actor: Actor,
    now: datetime,
    fixed: bool | None = None,
    version: int | None = None,
) -> Message:
    """Write what the tenant said by letter, by phone or at the counter, as noted by staff.

    ``fixed`` is the tenant's answer on finished work, None when they gave none. It closes or
    reopens the claim as the tenant's own button does, and the event names who wrote it down.
    Raises Conflict (version).
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
    facts: dict[str, Any] = {"message": str(message.pk), "channel": channel}
    dangers.hear(claim=claim, message=message, now=now)
    tenant = actor.as_tenant()
    if claim.state == State.DONE and fixed is not None:
        step = Event.SAY_FIXED if fixed else Event.SAY_NOT_FIXED
        advance(claim=claim, transition=step, actor=tenant, now=now, **facts)
    elif claim.state == State.WAITING_TENANT:
        advance(claim=claim, transition=Event.TENANT_ANSWERED, actor=tenant, now=now, **facts)
    else:
        record(claim, Event.MESSAGE_IN, actor=tenant, now=now, **facts)
    return message


@transaction.atomic
def record_statement(
    *, claim: Claim, text: str, channel: str, actor: Actor, now: datetime, caller: str, own: bool
) -> Message:
    """Write what a person says by phone or at the counter about a claim that is already open.

    On their ``own`` claim it is a message of the tenant. On the claim of somebody else (a lift
    that neighbours report too) it is an internal note, since the first tenant reads the
    conversation.
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
    facts: dict[str, Any] = {"message": str(note.pk), "caller": caller}
    neighbour = Filing(
        channel=channel,
        key="",
        category=settings.PALIER_UNSORTED_CATEGORY,
        tenant=caller,
        staircase=claim.staircase_id,
        building=claim.building_id,
        residence=claim.residence_id,
        language=claim.language,
    )
    dangers.hear(claim=claim, message=note, now=now, sender=neighbour)
    record(claim, Event.ME_TOO, actor=actor, now=now, **facts)
    return note
