"""From a committed event to a message in somebody's hands, or to a person who is told it failed.

``notify`` writes one ``Delivery`` per recipient and channel; ``deliver`` sends it. The database
is never held while a provider is spoken to: take, commit, send, settle.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.models import Unit
from requests.channels import marks
from requests.channels.models import Intake
from requests.channels.outbound import email, sms, whatsapp
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import CALENDAR_URGENCIES, Channel
from requests.notifications import events as notifications
from requests.notifications import mail_files, preferences
from requests.notifications.contact_routes import MAILED, Way, ways
from requests.notifications.models import Delivery, FailingAddress
from requests.promises.working_time import may_ring

State = Delivery.State
WAITING = (State.QUEUED, State.RETRYING)
MINUTES = (1, 5, 15, 60, 180, 480, 1440)
# Somebody in danger is not left waiting for a server: the next channel after twenty minutes.
URGENT_MINUTES = (1, 2, 5, 12)
# Most messages to one recipient: on one claim, then over all claims (``None``).
CAPS = (
    (timedelta(minutes=10), 10),
    (timedelta(hours=1), 25),
    (timedelta(hours=10), 100),
)
CAP_OVERALL = (timedelta(hours=1), 60)
ADAPTERS = {Channel.EMAIL: email, Channel.SMS: sms, Channel.SOCIAL: whatsapp}
# A little less than the provider's 24 hours: the message may wait on its way.
WINDOW = timedelta(hours=23, minutes=50)
# Channels to which a recorded reply needs no sending: it was said aloud.
SAID = (Channel.COUNTER,)


def note(claim: Claim, text: str, now: datetime) -> Message:
    """An internal note by the portal itself, in the house's language."""
    return Message.objects.create(
        claim=claim, text=text, direction=Message.Direction.NOTE, channel=claim.channel, at=now
    )


def notify(*, key: str, now: datetime) -> None:
    """Write the deliveries that event ``key`` calls for. Replays add nothing."""
    event = ClaimEvent.objects.select_related(
        "actor", "claim__category", "claim__tenant", "claim__owner__unit"
    ).get(pk=key)
    told = notifications.TABLE.get(event.name)
    if told is None or event.deliveries.exists():
        return
    claim, wanted = event.claim, ""
    if event.name == Event.MESSAGE_OUT:
        wanted = Message.objects.get(pk=event.facts["message"]).channel
        if wanted in SAID:
            return
    found = ways(claim, wanted)
    if not told.stamp and claim.channel != Channel.LETTER:
        found = [way for way in found if way.channel in MAILED]
    if not found:
        return
    kept = notifications.facts(event)
    # What a person wrote is never extra.
    if told.extra and not kept["text"] and preferences.only_needed(claim):
        return
    wait = not told.at_once and claim.urgency not in CALENDAR_URGENCIES
    due = max(now, event.at + notifications.GATHER) if wait else now
    with transaction.atomic():
        _queue(event, found[0], kept, due, now)


def _queue(event, way: Way, kept: dict, due: datetime, now: datetime, fallback_of=None):
    """One row, and the job or the people that will carry it."""
    claim = event.claim
    delivery, new = Delivery.objects.get_or_create(
        event=event,
        recipient=way.address,
        channel=way.channel,
        defaults={
            "claim": claim,
            "language": claim.language,
            "facts": kept,
            "text": notifications.block(claim, event.name, kept, way.channel, claim.language),
            "due_at": due,
            "created_at": now,
            "fallback_of": fallback_of,
        },
    )
    if not new:
        return None
    if way.channel in MAILED:
        _schedule(delivery, due, now)
    elif way.channel == Channel.PHONE:
        with translation.override(settings.LANGUAGE_CODE):
            words = _("Call %(number)s and say:") % {"number": way.address}
        note(claim, f"{words}\n{delivery.text}", now)
    return delivery


def _schedule(delivery: Delivery, due: datetime, now: datetime) -> None:
    """A job of its own for each attempt, so that the delays are ours."""
    key = f"{delivery.pk}:{delivery.attempts}:{int(due.timestamp())}"
    enqueue(Job.Kind.DELIVER, key, delay=max(timedelta(0), due - now))


def deliver(*, key: str, now: datetime) -> None:
    """Make one attempt. ``key`` is ``<delivery>:<attempts before>:<due>``.

    An attempt that died half-way is made again with the same Message-ID: mail programs fold it.
    """
    number, attempt, _due = key.split(":")
    with transaction.atomic():
        delivery = _take(number, int(attempt), now)
        message = _compose(delivery, now) if delivery else None
    if message is None:
        return
    # Never inside a transaction: a slow provider must not hold rows.
    settle(delivery.pk, ADAPTERS[delivery.channel].send(message), now)


def _take(number: str, attempt: int, now: datetime) -> Delivery | None:
    """Lock the row, count the attempt, gather what waits for the same person. None: not now."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related(
            "claim__category",
            "claim__tenant",
            "claim__owner__unit",
            "claim__residence__unit",
            "event",
        )
        .get(pk=number)
    )
    if (
        delivery.state not in WAITING
        or delivery.carried_by_id
        or delivery.attempts not in (attempt, attempt + 1)
    ):
        return None
    if delivery.attempts == 0:
        if delivery.channel in (Channel.SMS, Channel.SOCIAL):
            allowed = may_ring(_home(delivery.claim), delivery.claim.urgency, now)
            if allowed > now:
                delivery.due_at = allowed
                delivery.save(update_fields=["due_at"])
                _schedule(delivery, allowed, now)
                return None
        if _over(delivery, now):
            _hold(delivery, now)
            return None
        waiting = (
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(
                claim=delivery.claim_id,
                recipient=delivery.recipient,
                channel=delivery.channel,
                state=State.QUEUED,
                attempts=0,
                carried_by__isnull=True,
            )
            .exclude(pk=delivery.pk)
        )
        ids = [row.pk for row in waiting]
        Delivery.objects.filter(pk__in=ids).update(carried_by=delivery)
        delivery.message_id = marks.message_id(delivery.pk)
    delivery.attempts = attempt + 1
    delivery.save(update_fields=["attempts", "message_id"])
    return delivery


def _home(claim: Claim) -> Unit | None:
    """The unit whose clock and holidays the tenant lives by."""
    return claim.residence.unit if claim.residence else claim.owner and claim.owner.unit


def _over(delivery: Delivery, now: datetime) -> bool:
    """Whether one more message to this recipient would pass a cap (docs/principles.md, M7)."""
    sent = Delivery.objects.filter(
        recipient=delivery.recipient, carried_by__isnull=True, attempts__gt=0
    ).exclude(pk=delivery.pk)
    for span, most in CAPS:
        if sent.filter(claim=delivery.claim_id, due_at__gt=now - span).count() >= most:
            return True
    span, most = CAP_OVERALL
    return sent.filter(due_at__gt=now - span).count() >= most


def _hold(delivery: Delivery, now: datetime) -> None:
    """Keep the message back and tell a person, once an hour and claim."""
    held = Delivery.objects.filter(
        claim=delivery.claim_id, recipient=delivery.recipient, reason="cap"
    )
    told = held.filter(due_at__gt=now - timedelta(hours=1)).exists()
    delivery.state, delivery.reason, delivery.due_at = State.SUPPRESSED, "cap", now
    delivery.save(update_fields=["state", "reason", "due_at"])
    if not told:
        with translation.override(settings.LANGUAGE_CODE):
            text = _("Too many messages to %(who)s: the next ones are held. Is it a robot?")
        note(delivery.claim, text % {"who": delivery.recipient}, now)


def release(delivery: Delivery, *, now: datetime) -> None:
    """A person lets a held message go."""
    with transaction.atomic():
        freed = Delivery.objects.filter(pk=delivery.pk, state=State.SUPPRESSED).update(
            state=State.QUEUED, reason="released", due_at=now, attempts=1
        )
        if freed:
            delivery.refresh_from_db()
            delivery.message_id = marks.message_id(delivery.pk)
            delivery.save(update_fields=["message_id"])
            _schedule(delivery, now, now)


def _compose(delivery: Delivery, now: datetime):
    """The message of a carrier and of the rows it carries, each event's words in its order."""
    rows = [delivery, *delivery.carries.select_related("event")]
    rows.sort(key=lambda row: (row.event.at, row.event_id))
    claim = delivery.claim
    text = notifications.whole(
        claim, [row.text for row in rows], delivery.channel, delivery.language
    )
    if delivery.channel == Channel.SMS:
        return sms.Sms(delivery.recipient, text, delivery.pk.hex)
    if delivery.channel == Channel.SOCIAL:
        wrote = Intake.objects.filter(
            channel=Channel.SOCIAL, sender=delivery.recipient, received_at__gt=now - WINDOW
        )
        return whatsapp.Chat(
            delivery.recipient, text, delivery.pk.hex, wrote.exists(), delivery.language
        )
    title = notifications.subject(claim, delivery.language)
    theirs = (
        Intake.objects.filter(claim=claim, sender=delivery.recipient)
        .exclude(mail_id="")
        .order_by("received_at")
        .values_list("mail_id", flat=True)
    )
    ours = (
        Delivery.objects.filter(
            claim=claim, recipient=delivery.recipient, channel=Channel.EMAIL, carried_by=None
        )
        .exclude(pk=delivery.pk)
        .exclude(message_id="")
        .order_by("created_at")
        .values_list("message_id", flat=True)
    )
    theirs, ours = [f"<{number}>" for number in theirs if number.isascii()], list(ours)
    address = settings.PALIER_REPLY_TO
    return email.Mail(
        to=delivery.recipient,
        subject=title,
        text=text,
        html=notifications.html(text, title, delivery.language),
        message_id=delivery.message_id,
        reply_to=marks.reply_address(address, claim.reference) if address else "",
        in_reply_to=(theirs or ours or [""])[-1],
        references=theirs[:1] + ours[-5:] + theirs[1:][-3:],
        automatic=not any(notifications.TABLE[row.event.name].by_hand for row in rows),
        files=mail_files.files_of(delivery, [row.event for row in rows], now),
    )


@transaction.atomic
def settle(number, receipt: Receipt, now: datetime) -> None:
    """Write what the provider answered; plan the next attempt or the next channel."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related(
            "claim__category",
            "claim__tenant",
            "claim__owner__unit",
            "claim__residence__unit",
            "event",
        )
        .get(pk=number)
    )
    if delivery.state not in WAITING:
        return  # its receipt arrived first
    delivery.answer = receipt.answer
    if receipt.ok:
        delivery.state, delivery.sent_at = State.SENT, now
        delivery.provider_id = receipt.provider_id[:120]
        _save(delivery)
        return
    if receipt.bad_address:
        mark_failing(delivery.channel, delivery.recipient, receipt.answer, now)
    delays = URGENT_MINUTES if delivery.claim.urgency in CALENDAR_URGENCIES else MINUTES
    if not receipt.permanent and delivery.attempts <= len(delays):
        delivery.state = State.RETRYING
        delivery.due_at = now + timedelta(minutes=delays[delivery.attempts - 1])
        _save(delivery)
        _schedule(delivery, delivery.due_at, now)
        return
    fail(delivery, now)


def _save(delivery: Delivery) -> None:
    """What is true of a carrier is true of what it carried."""
    delivery.save(
        update_fields=["state", "answer", "sent_at", "delivered_at", "provider_id", "due_at"]
    )
    delivery.carries.update(
        state=delivery.state, sent_at=delivery.sent_at, delivered_at=delivery.delivered_at
    )


def mark_failing(channel: str, address: str, reason: str, now: datetime) -> None:
    FailingAddress.objects.get_or_create(
        channel=channel, address=address, defaults={"reason": reason[:2000], "since": now}
    )


def fail(delivery: Delivery, now: datetime) -> None:
    """Give up on this channel: the next one, and a note to whoever owns the claim."""
    delivery.state = State.FAILED
    _save(delivery)
    tried = set(
        Delivery.objects.filter(event=delivery.event_id).values_list("channel", "recipient")
    )
    left = [w for w in ways(delivery.claim) if (w.channel, w.address) not in tried]
    with translation.override(settings.LANGUAGE_CODE):
        words = {
            "channel": Channel(delivery.channel).label,
            "who": delivery.recipient.replace("\n", ", "),
            "why": delivery.answer[:200] or "—",
        }
        text = _("Our message by %(channel)s did not reach %(who)s: %(why)s.") % words
        if left:
            next_one = Channel(left[0].channel).label
            text += " " + _("We now try by %(channel)s.") % {"channel": next_one}
        else:
            text += " " + _("There is no other way: please reach this person yourself.")
    note(delivery.claim, text, now)
    if left:
        for row in (delivery, *delivery.carries.select_related("event__claim")):
            row.event.claim = delivery.claim
            _queue(row.event, left[0], row.facts, now, now, fallback_of=row)


@transaction.atomic
def receipt_of(delivery: Delivery, status: str, answer: str, now: datetime) -> None:
    """A receipt that came later: ``delivered``, ``soft``, ``hard`` or ``lost``. Any order, any
    number. ``lost`` is for good like ``hard``, but says nothing against the address.

    What was delivered stays delivered, and one failure makes one fallback.
    """
    row = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related(
            "claim__category",
            "claim__tenant",
            "claim__owner__unit",
            "claim__residence__unit",
            "event",
        )
        .get(pk=delivery.carried_by_id or delivery.pk)
    )
    if row.state in (State.DELIVERED, State.FAILED):
        return
    row.answer = answer[:2000]
    if status == "delivered":
        row.state, row.delivered_at = State.DELIVERED, now
        row.sent_at = row.sent_at or now
        _save(row)
    elif status in ("hard", "lost"):
        if status == "hard":
            mark_failing(row.channel, row.recipient, answer, now)
        fail(row, now)
    elif row.state == State.SENT:
        row.state = State.QUEUED  # so that settle() plans the next attempt
        row.save(update_fields=["state"])
        settle(row.pk, Receipt(False, answer=answer), now)
