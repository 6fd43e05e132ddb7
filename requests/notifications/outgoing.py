"""The one engine of what leaves: every message to anybody outside the portal is a ``Delivery``.

``queue`` writes the row and its job in the caller's transaction; ``deliver`` takes the row and
counts the attempt, then composes and sends outside any transaction, then settles what became of
it. Caps, quiet hours, retries, receipts and bounces are the same for all; what differs is a
``DeliveryKind`` (docs/adr/0027-one-outgoing-engine.md).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import ModuleType

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agencies import landlord
from agencies.models import Unit
from requests.channels import marks
from requests.channels.mail.refusals import Meaning
from requests.channels.models import Intake
from requests.channels.outbound import email, page, sms, whatsapp
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import CALENDAR_URGENCIES, EMERGENCIES, Channel
from requests.notifications import provider_alarms
from requests.notifications.kinds import Content, kind_of
from requests.notifications.models import Delivery, FailingAddress
from requests.notifications.send_limits import is_over_cap, may_ring_at
from tenants.actions import contact_check
from tenants.models import ContactPoint

State = Delivery.State
WAITING = (State.QUEUED, State.RETRYING)
MINUTES = (1, 5, 15, 60, 180, 480, 1440)
# Somebody in danger is not left waiting for a server: a person or the next channel after twenty
# minutes.
URGENT_MINUTES = (1, 2, 5, 12)
ADAPTERS: Mapping[str, ModuleType] = {
    Channel.EMAIL: email,
    Channel.SMS: sms,
    Channel.SOCIAL: whatsapp,
    Channel.PAGE: page,
}
# A little less than the provider's 24 hours: the message may wait on its way.
WINDOW = timedelta(hours=23, minutes=50)
STOP = "STOP"  # the person asked for it: the number is theirs all the same
COMPLAINT = "COMPLAINT"  # the person called our mail spam: the address is theirs all the same
KINDS: dict[str, str] = {
    Channel.EMAIL: ContactPoint.Kind.EMAIL,
    Channel.SMS: ContactPoint.Kind.PHONE,
}
RELATED = ("category", "tenant", "owner__unit", "residence__unit")


def write_note(claim: Claim, text: str, now: datetime) -> Message:
    """Add an internal note by the portal itself, in the house's language."""
    return Message.objects.create(
        claim=claim, text=text, direction=Message.Direction.NOTE, channel=claim.channel, at=now
    )


def queue(
    *,
    kind: str,
    key: str,
    channel: str,
    recipient: str,
    now: datetime,
    subject: str = "",
    text: str = "",
    facts: dict | None = None,
    claim: Claim | None = None,
    unit: Unit | None = None,
    urgent: bool = False,
    language: str = "",
) -> Delivery:
    """Write one message and the job that sends it, in the caller's transaction.

    ``kind`` and ``key`` together name it for good: a repeat returns the row there is and sends
    nothing more. ``facts`` holds JSON values that its ``DeliveryKind`` reads; secrets stay out of
    ``facts`` and ``text``. Messages about a claim's event: claim_messages.py.
    """
    delivery, new = Delivery.objects.system("sending").get_or_create(
        key=f"{kind}:{key}",
        defaults={
            "kind": kind,
            "channel": channel,
            "recipient": recipient,
            "subject": subject[:200],
            "text": text,
            "facts": facts or {},
            "claim": claim,
            "unit": unit,
            "urgent": urgent,
            "language": language or settings.LANGUAGE_CODE,
            "due_at": now,
            "created_at": now,
        },
    )
    if new:
        schedule(delivery, now, now)
    return delivery


def can_send_sms() -> bool:
    """Return whether a text message can leave this installation at all."""
    return sms.is_set()


def schedule(delivery: Delivery, due: datetime, now: datetime) -> None:
    """Write a job of its own for each attempt, so that the delays are ours."""
    claim = delivery.claim
    enqueue(
        Job.Kind.DELIVER,
        f"{delivery.pk}:{delivery.attempts}:{int(due.timestamp())}",
        delay=max(timedelta(0), due - now),
        emergency=delivery.urgent or (claim is not None and claim.urgency in EMERGENCIES),
        delivery=str(delivery.pk),
        attempt=delivery.attempts,
    )


def deliver(*, key: str, now: datetime, delivery: str, attempt: int) -> None:
    """Make one attempt, the one after ``attempt`` others; ``key`` only names the job.

    An attempt that died half-way is made again with the same Message-ID: mail programs fold it.
    """
    with transaction.atomic():
        taken = _take(delivery, attempt, now)
    if taken is None:
        return
    # Never inside a transaction: a slow provider, or a long drawing, must not hold rows.
    message = _message(taken, kind_of(taken).content(taken, now), now)
    settle(taken.pk, ADAPTERS[taken.channel].send(message), now)


def _locked(number) -> Delivery:
    """Return the row with what every kind reads of its claim, locked.

    In two statements: planning ten joins takes PostgreSQL twice as long as planning three and six.
    """
    rows = Delivery.objects.system("sending").select_for_update(of=("self",))
    delivery = rows.select_related("event", "unit").get(pk=number)
    if delivery.claim_id:
        claims = Claim.objects.system("sending").select_related(*RELATED)
        delivery.claim = claims.get(pk=delivery.claim_id)
    return delivery


def _take(number: str, attempt: int, now: datetime) -> Delivery | None:
    """Lock the row, count the attempt, gather what travels with it. None: not now, or never."""
    delivery = _locked(number)
    if (
        delivery.state not in WAITING
        or delivery.carried_by_id
        or delivery.attempts not in (attempt, attempt + 1)
    ):
        return None
    kind = kind_of(delivery)
    if not kind.still_wanted(delivery, now):
        delivery.state = State.DROPPED
        delivery.save(update_fields=["state"])
        kind.on_dropped(delivery, now)
        return None
    if delivery.attempts == 0:
        if delivery.channel in (Channel.SMS, Channel.SOCIAL):
            allowed = may_ring_at(delivery, now)
            if allowed > now:
                _put_off(delivery, allowed, now)
                return None
        if (ready := kind.not_before(delivery, now)) > now:
            _put_off(delivery, ready, now)
            return None
        if is_over_cap(delivery, now):
            _hold(delivery, now)
            return None
        waiting = kind.companions(delivery).select_for_update(skip_locked=True, of=("self",))
        ids = [row.pk for row in waiting]
        Delivery.objects.system("sending").filter(pk__in=ids).update(carried_by=delivery)
        delivery.message_id = marks.message_id(delivery.pk)
    delivery.attempts = attempt + 1
    delivery.save(update_fields=["attempts", "message_id"])
    return delivery


def _put_off(delivery: Delivery, until: datetime, now: datetime) -> None:
    """Try it first at ``until``; that counts as no attempt."""
    delivery.due_at = until
    delivery.save(update_fields=["due_at"])
    schedule(delivery, until, now)


def _hurried(delivery: Delivery) -> bool:
    """Whether a person or the next channel is needed within minutes rather than days."""
    claim = delivery.claim
    return delivery.urgent or (claim is not None and claim.urgency in CALENDAR_URGENCIES)


def _hold(delivery: Delivery, now: datetime) -> None:
    """Keep the message back and tell a person: a note, once an hour and claim.

    All held messages, those without a claim too, wait on the page of the channels' health.
    """
    held = Delivery.objects.system("sending").filter(
        claim=delivery.claim_id, recipient=delivery.recipient, reason="cap"
    )
    told = held.filter(due_at__gt=now - timedelta(hours=1)).exists()
    delivery.state, delivery.reason, delivery.due_at = State.SUPPRESSED, "cap", now
    delivery.save(update_fields=["state", "reason", "due_at"])
    if delivery.claim and not told:
        with translation.override(settings.LANGUAGE_CODE):
            text = _("Too many messages to %(who)s: the next ones are held. Is it a robot?")
        write_note(delivery.claim, text % {"who": delivery.recipient}, now)


def release(delivery: Delivery, *, now: datetime) -> None:
    """Send a held message, which a person lets go."""
    with transaction.atomic():
        freed = (
            Delivery.objects.system("sending")
            .filter(pk=delivery.pk, state=State.SUPPRESSED)
            .update(state=State.QUEUED, reason="released", due_at=now, attempts=1)
        )
        if freed:
            delivery.refresh_from_db()
            delivery.message_id = marks.message_id(delivery.pk)
            delivery.save(update_fields=["message_id"])
            schedule(delivery, now, now)


def _message(delivery: Delivery, content: Content, now: datetime):
    """The content in the shape of its channel's adapter."""
    to, number = delivery.recipient, delivery.pk.hex
    if delivery.channel == Channel.SMS:
        return sms.Sms(to, content.text, number, landlord.current().sms_sender)
    if delivery.channel == Channel.SOCIAL:
        wrote = Intake.objects.system("sending").filter(
            channel=Channel.SOCIAL, sender=to, received_at__gt=now - WINDOW
        )
        return whatsapp.Chat(
            to, content.text, number, wrote.exists(), delivery.language, tuple(content.files)
        )
    if delivery.channel == Channel.PAGE:
        # It arrives at any hour; without a sound when phones must not ring.
        rings = delivery.urgent or may_ring_at(delivery, now) <= now
        return page.PrivateReply(delivery.facts["answers"], to, content.text, rings)
    house = landlord.current()
    return email.Mail(
        to=to,
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=delivery.message_id,
        bounces_to=marks.bounce_address(settings.PALIER_BOUNCES_TO, delivery.pk),
        reply_to=content.reply_to,
        in_reply_to=content.in_reply_to,
        references=content.references,
        automatic=content.automatic,
        files=content.files,
        sender=house.name,
        logo=bytes(house.logo_small) if "cid:logo" in content.html else b"",
    )


@transaction.atomic
def settle(number, receipt: Receipt, now: datetime) -> None:
    """Write what the provider answered; plan the next attempt, or give up."""
    delivery = _locked(number)
    if delivery.state not in WAITING:
        return  # its receipt arrived first
    delivery.answer = receipt.answer
    if receipt.ok:
        delivery.state, delivery.sent_at = State.SENT, now
        delivery.provider_id = receipt.provider_id[:120]
        _save(delivery)
        kind_of(delivery).on_sent(delivery, now)
        return
    _note_reason(delivery, receipt.reason, receipt.answer, now)
    if receipt.bad_address:
        mark_failing(delivery.channel, delivery.recipient, receipt.answer, now)
    # A mailbox that is full today need not keep the news from a phone.
    elsewhere = receipt.reason == Meaning.FULL and kind_of(delivery).has_other_way(delivery)
    delays = URGENT_MINUTES if _hurried(delivery) else MINUTES
    if not (receipt.permanent or elsewhere) and delivery.attempts <= len(delays):
        delivery.state = State.RETRYING
        delivery.due_at = now + timedelta(minutes=delays[delivery.attempts - 1])
        _save(delivery)
        schedule(delivery, delivery.due_at, now)
        return
    _fail(delivery, now)


def _note_reason(delivery: Delivery, reason: str, answer: str, now: datetime) -> None:
    """Keep why it was refused; when that is who we are, the landlord is told of the provider."""
    delivery.reason = reason or delivery.reason
    if reason == Meaning.REPUTATION and delivery.channel == Channel.EMAIL:
        for message in provider_alarms.messages(delivery, answer, now):
            queue(now=now, **message)


def _save(delivery: Delivery) -> None:
    """What is true of a carrier is true of what it carried."""
    delivery.save(
        update_fields=[
            *("state", "reason", "answer"),
            *("sent_at", "delivered_at", "provider_id", "due_at"),
        ]
    )
    delivery.carries.update(
        state=delivery.state, sent_at=delivery.sent_at, delivered_at=delivery.delivered_at
    )


def mark_failing(channel: str, address: str, reason: str, now: datetime) -> None:
    """Remember that ``address`` takes no messages: it is left out where there is another way."""
    FailingAddress.objects.system("sending").get_or_create(
        channel=channel, address=address, defaults={"reason": reason[:2000], "since": now}
    )
    if channel in KINDS and reason not in (STOP, COMPLAINT):
        contact_check.came_back(KINDS[channel], address, now)


def _fail(delivery: Delivery, now: datetime) -> None:
    """Give up: what its kind does then, and a note to whoever owns the claim."""
    delivery.state = State.FAILED
    _save(delivery)
    kind = kind_of(delivery)
    if delivery.claim:
        with translation.override(settings.LANGUAGE_CODE):
            if advice := kind.advice(delivery):
                write_note(delivery.claim, advice, now)
    kind.on_failed(delivery, now)


@transaction.atomic
def record_late_receipt(
    delivery: Delivery, status: str, answer: str, now: datetime, reason: str = ""
) -> None:
    """Record a receipt that came later: ``delivered``, ``soft``, ``hard`` or ``lost``.

    Receipts come in any order and number. ``lost`` is for good like ``hard``, but says nothing
    against the address. ``reason`` is a ``Meaning`` of mail/refusals.py that is not the address's.

    What was delivered stays delivered, and one failure has its consequences once.
    """
    row = _locked(delivery.carried_by_id or delivery.pk)
    if row.state in (State.DELIVERED, State.FAILED):
        return
    row.answer = answer[:2000]
    _note_reason(row, reason, answer, now)
    if status == "delivered":
        row.state, row.delivered_at = State.DELIVERED, now
        row.sent_at = row.sent_at or now
        _save(row)
    elif status in ("hard", "lost"):
        if status == "hard":
            mark_failing(row.channel, row.recipient, answer, now)
        _fail(row, now)
    elif row.state == State.SENT:
        row.state = State.QUEUED  # so that settle() plans the next attempt
        row.save(update_fields=["state"])
        settle(row.pk, Receipt(False, answer=answer, reason=reason), now)
