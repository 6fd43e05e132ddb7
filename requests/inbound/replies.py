"""Turn what arrives from outside into an entry of its conversation, or a new claim.

``thread_matching`` finds the conversation, ``new_claims`` files when there is none. A sender who is
not known in the conversation, or not proven, is shown as such and changes nothing.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.channels import reasons
from requests.channels.mail.bounces import COMPLAINT, PASSED_ON
from requests.channels.mail.refusals import NOT_THE_ADDRESS, Meaning
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record, touch
from requests.conversation import photo_requests
from requests.dangers import actions as dangers
from requests.filing.actions import Filing
from requests.inbound import short_answers
from requests.inbound.new_claims import contacts_of, file_new_claim
from requests.inbound.outcomes import (
    danger_reason,
    keep_files,
    leave_to_a_person,
    mark_read,
    report_missing_files,
    sender_unreadable,
    set_aside,
    unread_words,
)
from requests.inbound.reply import Later, NeedsAPerson, Reply
from requests.inbound.thread_matching import conversation_of, follow_merges, takes_part
from requests.kit.choices import ENDED, Channel, State
from requests.notifications import outgoing
from requests.notifications.models import Delivery, FailingAddress
from requests.suggestions import danger
from tenants.actions import senders
from tenants.contact_strength import Grade

# What the inbound adapters use of the actions.
__all__ = ["Later", "NeedsAPerson", "Reply", "UnknownDelivery", "apply_reply", "apply_receipt"]


log = logging.getLogger(__name__)
MOST_SHOWN = 4000  # characters of what could not be read
# What becomes of a message that came back. Only a dead address is left out from then on.
STATUS_OF: Mapping[str, str] = {
    Meaning.DEAD: "hard",
    Meaning.REFUSED: "lost",
    Meaning.REPUTATION: "lost",
    Meaning.FULL: "soft",
    Meaning.LATER: "soft",
}


class UnknownDelivery(Exception):
    """A receipt of a message that we do not know."""


@transaction.atomic
def apply_reply(*, intake_id: UUID, reply: Reply, now: datetime) -> Intake:
    """Put one input where it belongs: claim and message in one transaction, once.

    Raises ``NeedsAPerson``, and whatever ``file_claim`` raises.
    """
    intake = _locked(intake_id)
    if intake.state != Intake.State.NEW:
        return intake
    duplicate = _duplicate_of(intake)
    if duplicate is not None:
        return set_aside(intake, reply, reasons.coded("double"), duplicate)
    if reply.bounce:
        return _bounced(intake, reply, now)
    intake.belongs = False
    claim = conversation_of(intake, reply, now)
    if (
        claim is None
        and reply.automatic
        and (_speaks_of_danger(reply) or _may_be_a_persons(intake, reply, now))
    ):
        return file_new_claim(intake, reply, None, now, answered=False)
    if claim is None and reply.automatic and intake.channel == Channel.EMAIL:
        return leave_to_a_person(intake, reply, reasons.coded("automatic", mark=reply.automatic))
    if claim is None and reply.automatic:
        return set_aside(intake, reply, reasons.coded("automatic_other"))
    if claim is None:
        return file_new_claim(intake, reply, None, now)
    return _add_to_claim(intake, reply, follow_merges(claim), now)


def _locked(intake_id: UUID) -> Intake:
    """Return the row, locked, without the raw bytes: written back, they would be sent twice.

    When another worker or a person holds it, this raises OperationalError at once, and the job is
    tried again in seconds: two workers never wait for one message.
    """
    rows = Intake.objects.system("replying").select_for_update(of=("self",), nowait=True)
    return rows.defer("raw").get(pk=intake_id)


def _speaks_of_danger(reply: Reply) -> bool:
    return dangers.find(f"{reply.subject}\n{reply.text}") is not None


def _may_be_a_persons(intake: Intake, reply: Reply, now: datetime) -> bool:
    """Return whether somebody whom we know wrote it, though a list or a filter passed it on.

    A group address of ours makes a list of every first mail. It becomes a claim that no machine
    answers; what lists send from strangers stands in the tray.
    """
    if intake.channel != Channel.EMAIL or reply.automatic not in PASSED_ON or not reply.sender:
        return False
    return senders.find(reply.sender, now).grade != Grade.UNKNOWN


def _duplicate_of(intake: Intake) -> Intake | None:
    if not intake.fingerprint:
        return None
    read = (Intake.State.PARSED, Intake.State.FAILED)
    copies = (
        Intake.objects.system("replying")
        .filter(channel=intake.channel, fingerprint=intake.fingerprint, state__in=read)
        .exclude(pk=intake.pk)
    )
    without_claim = ExpressionWrapper(Q(claim__isnull=True), BooleanField())
    return copies.order_by(without_claim, "received_at").first()


def _bounced(intake: Intake, reply: Reply, now: datetime) -> Intake:
    """Record the bounce on the delivery; never in the conversation's state."""
    delivery = (
        Delivery.objects.system("replying")
        .filter(pk__in=reply.deliveries, channel=Channel.EMAIL)
        .select_related("claim")
        .first()
    )
    if delivery is None:
        return leave_to_a_person(intake, reply, reasons.coded("bounce"))
    if reply.bounce == COMPLAINT:
        _heed_complaint(delivery, now)
    elif status := STATUS_OF.get(reply.bounce):
        why = reply.bounce_why or reply.subject
        reason = reply.bounce if reply.bounce in NOT_THE_ADDRESS else ""
        outgoing.record_late_receipt(delivery, status, why, now, reason=reason)
    if delivery.claim is None:
        return set_aside(intake, reply, reasons.coded("bounce_of_no_request"))
    return mark_read(intake, reply, delivery.claim, None)


def _heed_complaint(delivery: Delivery, now: datetime) -> None:
    """Send no more mail to somebody who called ours spam; their news go by the next channel."""
    outgoing.mark_failing(Channel.EMAIL, delivery.recipient, outgoing.COMPLAINT, now)
    if delivery.claim:
        with translation.override(settings.LANGUAGE_CODE):
            said = _("%(who)s called our mail spam: news go by another channel from now on.")
            outgoing.write_note(delivery.claim, said % {"who": delivery.recipient}, now)


@transaction.atomic
def fail(*, intake_id: UUID, reply: Reply | None, why: str, now: datetime) -> None:
    """Leave an input to a person because it could not be read, or must not be by a machine.

    What may be a danger becomes a claim all the same; only when that fails too does it wait.
    """
    intake = _locked(intake_id)
    if intake.state != Intake.State.NEW:
        return
    if not (reply and reply.bounce) and _file_unread(intake, reply, why, now):
        return
    try:
        with transaction.atomic():
            leave_to_a_person(intake, reply, why)
    except (DatabaseError, ValueError):  # What was read cannot be stored: its raw bytes are there.
        intake.refresh_from_db()
        leave_to_a_person(intake, None, why)


def _file_unread(intake: Intake, reply: Reply | None, why: str, now: datetime) -> bool:
    """Make a claim of an input that failed when it may be a danger; return whether it is made.

    Of one that could not be read at all, the words are those of its raw bytes.
    """
    if reply is None:
        words = unread_words(intake)
        reply = Reply(sender="", text=words[:MOST_SHOWN])
        if dangers.find(words) is None:
            return False
    elif not _speaks_of_danger(reply):
        return False
    try:
        with transaction.atomic():
            filed = file_new_claim(intake, reply, None, now, answered=not reply.automatic)
            if filed.claim:
                with translation.override(settings.LANGUAGE_CODE):
                    said = _("It could not be read as usual: %(why)s")
                    said %= {"why": reasons.say(why)[:300]}
                outgoing.write_note(filed.claim, said, now)
            return True
    except Exception:
        log.exception("what may be a danger could not be filed: it waits in the tray")
        intake.refresh_from_db()
        return False


def is_delivery_number(mark: str) -> bool:
    """Return whether ``mark`` has the form of what we hand over to get it back in receipts."""
    try:
        UUID(hex=mark)
    except ValueError:
        return False
    return True


@transaction.atomic
def apply_receipt(
    *,
    intake_id: UUID,
    delivery: str,
    provider_id: str,
    status: str,
    why: str,
    now: datetime,
    channel: str = Channel.SMS,
    reason: str = "",
) -> None:
    """Record what a provider says became of a message: ``status`` is a ``Fate``.

    ``reason`` is ``reputation`` when it refuses whatever comes from us. ``delivery`` is our own
    number when the provider gives it back. Raises ``UnknownDelivery``.
    """
    try:
        wanted = Delivery.objects.system("replying").filter(pk=UUID(hex=delivery))
    except ValueError:
        wanted = (
            Delivery.objects.system("replying")
            .filter(provider_id=provider_id)
            .exclude(provider_id="")
        )
    row = wanted.filter(channel=channel).first()
    if row is None:
        raise UnknownDelivery(f"no message {provider_id}")
    if status:
        outgoing.record_late_receipt(row, status, why, now, reason=reason)
    Intake.objects.system("replying").filter(pk=intake_id, state=Intake.State.NEW).update(
        state=Intake.State.PARSED, claim=row.claim_id, subject=why[:300], automatic="receipt"
    )


def _add_to_claim(intake: Intake, reply: Reply, claim: Claim, now: datetime) -> Intake:
    """Add the entry to ``claim``; long after its end, file a claim that follows it."""
    intake.belongs = takes_part(claim, intake.channel, reply)
    ended = claim.state in ENDED
    recent = claim.ended_at and now - claim.ended_at < timedelta(days=settings.PALIER_REOPEN_DAYS)
    if ended and not recent and not reply.automatic:
        return file_new_claim(intake, reply, claim, now)
    # Before any row of the claim is locked: a visit locks contractor, order, claim, in this order.
    picked = (
        intake.belongs
        and not reply.automatic
        and short_answers.pick_date(claim, intake.channel, reply.text, now)
    )
    touch(claim)  # Somebody who is writing just now must read this first.
    message = Message.objects.create(
        claim=claim,
        text=reply.text or reply.subject,
        direction=Message.Direction.IN,
        channel=intake.channel,
        at=now,
        understood=picked,
    )
    left = keep_files(claim, message, reply, intake.channel, now)
    if reply.automatic:
        _show_to_staff(claim, message, reply, now)
        return mark_read(intake, reply, claim, message)
    stranger = None if intake.belongs else _stranger(intake, reply, claim)
    dangers.hear(claim=claim, message=message, now=now, sender=stranger)
    if reply.verified:
        FailingAddress.objects.system("replying").filter(
            channel=intake.channel, address=reply.sender
        ).delete()
    understood = picked or _move(claim, message, intake, reply, now)
    with translation.override(settings.LANGUAGE_CODE):
        if intake.channel == Channel.EMAIL and not reply.sender:
            outgoing.write_note(claim, sender_unreadable(reply), now)
        elif not intake.belongs:
            text = _("%(who)s is not known in this conversation. Check before you answer.")
            outgoing.write_note(claim, text % {"who": reply.sender or "?"}, now)
        elif ended and not understood:
            text = _("The tenant wrote after the end. Should this claim be reopened?")
            outgoing.write_note(claim, text, now)
    report_missing_files(claim, reply, now, left)
    return mark_read(intake, reply, claim, message)


def _stranger(intake: Intake, reply: Reply, claim: Claim) -> Filing:
    """Return a filing by a sender who is not known in the conversation of ``claim``."""
    return Filing(
        channel=intake.channel,
        key="",
        category=settings.PALIER_UNSORTED_CATEGORY,
        language=claim.language,
        **contacts_of(intake, reply),
    )


def _show_to_staff(claim: Claim, message: Message, reply: Reply, now: datetime) -> None:
    """Say that somebody wrote when a person may have, or when it speaks of a danger.

    A mark of a machine decides what is answered, not what is read; no state changes by it.
    """
    heard = danger.find_words(f"{reply.subject}\n{reply.text}")
    if heard or reply.automatic in PASSED_ON:
        record(claim, Event.MESSAGE_IN, actor=Actor.TENANT, now=now, message=str(message.pk))
    if heard:
        with translation.override(settings.LANGUAGE_CODE):
            outgoing.write_note(claim, reasons.say(danger_reason(heard)), now)
        unanswered = Filing(
            channel=message.channel,
            key="",
            category=settings.PALIER_UNSORTED_CATEGORY,
            contact_name=reply.sender[:120],
        )
        dangers.hear(claim=claim, message=message, now=now, sender=unanswered)


def _move(claim: Claim, message: Message, intake: Intake, reply: Reply, now: datetime) -> bool:
    """Write the event of an incoming message; only people of the conversation change a claim.

    Returns True when it is a digit that answers what we asked: nobody need read it.
    """
    tenant = Actor.TENANT
    if intake.belongs and short_answers.record_score(claim, intake.channel, reply.text, now):
        record(claim, Event.MESSAGE_IN, actor=tenant, now=now, message=str(message.pk))
        return True
    said = short_answers.yes_or_no(reply.text) if intake.channel in short_answers.NUMBERED else ""
    if intake.belongs and claim.state == State.WAITING_TENANT:
        step = Event.TENANT_ANSWERED
        advance(claim=claim, transition=step, actor=tenant, now=now, message=str(message.pk))
    elif intake.belongs and claim.state == State.DONE and said:
        advance(
            claim=claim,
            transition=Event.SAY_FIXED if said == "yes" else Event.SAY_NOT_FIXED,
            actor=tenant,
            now=now,
            message=str(message.pk),
        )
        if said == "yes":
            record(claim, Event.FEEDBACK_ASKED, actor=Actor.SYSTEM, now=now)
    else:
        record(claim, Event.MESSAGE_IN, actor=tenant, now=now, message=str(message.pk))
    if (
        intake.belongs
        and intake.channel in short_answers.NUMBERED
        and short_answers.plain(reply.text) == "photo"
    ):
        photo_requests.ask(claim=claim, actor=Actor.SYSTEM, now=now)
    return False
