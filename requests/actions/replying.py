"""What arrives from outside becomes an entry of its conversation, or a new claim.

An address proves nothing: what brings a message to a claim is a mark that we signed. Who is not
known in the conversation, or not proven, is shown as such and moves nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.access import in_force
from portal import phones
from portal.models import User
from requests.actions import answering, asking_photos, delivering
from requests.actions._advance import advance, record, touch
from requests.actions.filing import Filing, file_claim
from requests.actions.uploads import keep_received
from requests.choices import ENDED, OPEN, Channel, State
from requests.models import (
    Claim,
    Delivery,
    FailingAddress,
    Intake,
    Message,
)
from tenants.models import ContactPoint, Tenant

MOST_CLAIMS_AN_HOUR = 10


class NeedsAPerson(Exception):
    """Nothing is wrong with the input, but a machine must not decide (goes to the tray)."""


class Later(Exception):
    """It can be read once something else answers again."""


class Unknown(Exception):
    """A receipt of a message that we do not know."""


@dataclass(frozen=True)
class Reply:
    """What every inbound adapter makes of one input, whatever the channel.

    ``deliveries`` and ``marked`` are proven by our signature; ``answers`` are Message-IDs and
    ``named`` references that anybody could write. ``files`` are (name, type, bytes).
    """

    sender: str
    text: str
    sender_name: str = ""
    subject: str = ""
    folded: str = ""
    html: str = ""
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    too_big: list[str] = field(default_factory=list)
    deliveries: list[UUID] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    automatic: str = ""
    unreadable: str = ""  # of a kind that we cannot show; the sender is told
    bounce: str = ""
    bounce_why: str = ""
    verified: bool = False


@transaction.atomic
def take(*, intake_id, reply: Reply, now: datetime) -> Intake:
    """Put one input where it belongs: claim and message in one transaction, once.

    Raises ``NeedsAPerson``, and whatever ``file_claim`` raises.
    """
    intake = Intake.objects.select_for_update(of=("self",)).get(pk=intake_id)
    if intake.state != Intake.State.NEW:
        return intake
    twin = _twin(intake)
    if twin is not None:
        return _aside(intake, reply, _("The same message came to another of our mailboxes."), twin)
    if reply.bounce:
        return _bounced(intake, reply, now)
    intake.belongs = False
    claim = _conversation(intake, reply, now)
    if claim is None and reply.automatic:
        return _aside(intake, reply, _("Automatic, and of no known conversation."))
    if claim is None:
        return _new(intake, reply, None, now)
    return _into(intake, reply, _merged_into(claim), now)


def _twin(intake: Intake) -> Intake | None:
    if not intake.fingerprint:
        return None
    return (
        Intake.objects.filter(
            channel=intake.channel, fingerprint=intake.fingerprint, state=Intake.State.PARSED
        )
        .exclude(pk=intake.pk)
        .first()
    )


def _read(intake: Intake, reply: Reply) -> None:
    """What was understood is kept beside the raw input."""
    intake.sender, intake.sender_name = reply.sender[:254], reply.sender_name[:160]
    intake.subject, intake.text = reply.subject[:300], reply.text
    intake.folded, intake.html = reply.folded, reply.html
    intake.automatic, intake.verified = reply.automatic[:80], reply.verified


def _aside(intake: Intake, reply: Reply, why: str, twin: Intake | None = None) -> Intake:
    _read(intake, reply)
    intake.state, intake.error = Intake.State.DISCARDED, why
    intake.claim = twin.claim if twin else None
    intake.save()
    return intake


def _settle(intake: Intake, reply: Reply, claim: Claim, message: Message | None) -> Intake:
    _read(intake, reply)
    intake.state, intake.error = Intake.State.PARSED, ""
    intake.claim, intake.message = claim, message
    intake.save()
    return intake


def _bounced(intake: Intake, reply: Reply, now: datetime) -> Intake:
    """Tell the delivery; never the conversation's state."""
    delivery = (
        Delivery.objects.filter(pk__in=reply.deliveries, channel=Channel.EMAIL)
        .select_related("claim")
        .first()
    )
    if delivery is None:
        return _aside(intake, reply, _("Not delivered, but no message of ours is named."))
    if reply.bounce in ("hard", "soft"):
        delivering.receipt_of(delivery, reply.bounce, reply.bounce_why or reply.subject, now)
    return _settle(intake, reply, delivery.claim, None)


@transaction.atomic
def take_receipt(
    *,
    intake_id,
    delivery: str,
    provider_id: str,
    status: str,
    why: str,
    now: datetime,
    channel: str = Channel.SMS,
) -> None:
    """A provider says what became of a message: ``delivered``, ``hard``, ``soft`` or "".

    ``delivery`` is our own number when the provider gives it back. Raises ``Unknown``.
    """
    try:
        wanted = Delivery.objects.filter(pk=UUID(hex=delivery))
    except ValueError:
        wanted = Delivery.objects.filter(provider_id=provider_id).exclude(provider_id="")
    row = wanted.filter(channel=channel).first()
    if row is None:
        raise Unknown(f"no message {provider_id}")
    if status:
        delivering.receipt_of(row, status, why, now)
    Intake.objects.filter(pk=intake_id, state=Intake.State.NEW).update(
        state=Intake.State.PARSED, claim=row.claim_id, subject=why[:300], automatic="receipt"
    )


def is_staff(address: str) -> bool:
    """Whether the address is an employee's: anybody can write it, so it is never believed."""
    user = User.objects.filter(email__iexact=address).first()
    return user is not None and in_force(user).exists()


def belongs(claim: Claim, channel: str, sender: str) -> bool:
    """Whether ``sender`` is one of the people of this conversation."""
    if not sender or (channel == Channel.EMAIL and is_staff(sender)):
        return False
    if channel in answering.NUMBERED:
        if phones.to_e164(claim.contact_phone) == sender:
            return True
    elif claim.contact_email.lower() == sender:
        return True
    if claim.tenant_id:
        for value in claim.tenant.contact_points.values_list("value", flat=True):
            if value.lower() == sender or phones.to_e164(value) == sender:
                return True
    return (
        claim.deliveries.filter(channel=channel, recipient=sender).exists()
        or claim.intakes.filter(channel=channel, sender=sender, belongs=True).exists()
    )


def _conversation(intake: Intake, reply: Reply, now: datetime) -> Claim | None:
    """The claim this belongs to: signed marks first; the rest only for people of the claim."""
    claims = Claim.objects.system("replying").select_related("tenant")
    sent = Delivery.objects.filter(pk__in=reply.deliveries).first()
    if sent:
        return claims.get(pk=sent.claim_id)
    if reply.marked:
        found = claims.filter(reference__in=reply.marked[:5]).order_by("-filed_at").first()
        if found:
            return found
    known = Intake.objects.filter(mail_id__in=reply.answers[:50], claim__isnull=False)
    guesses = list(claims.filter(pk__in=known.values("claim"))[:5]) if reply.answers else []
    guesses += list(claims.filter(reference__in=reply.named[:5]))
    if intake.channel in answering.NUMBERED:
        last = (
            Delivery.objects.filter(
                channel=intake.channel,
                recipient=reply.sender,
                created_at__gt=now - timedelta(days=settings.PALIER_REOPEN_DAYS),
            )
            .exclude(state=Delivery.State.QUEUED)
            .order_by("-created_at")
            .first()
        )
        if last:
            guesses.append(claims.get(pk=last.claim_id))
        theirs = claims.filter(channel=intake.channel, contact_phone=reply.sender, state__in=OPEN)[
            :2
        ]
        guesses += theirs if len(theirs) == 1 else []
    for claim in guesses:
        if belongs(claim, intake.channel, reply.sender):
            return claim
    return None


def _merged_into(claim: Claim) -> Claim:
    """The claim that a merged one was grouped with (fact ``into`` of its last ``merge`` event)."""
    for _step in range(5):
        if claim.state != State.MERGED:
            break
        event = claim.events.filter(name="merge").order_by("-at").first()
        target = event.facts.get("into") if event else None
        found = Claim.objects.system("replying").filter(pk=target).first() if target else None
        if found is None:
            break
        claim = found
    return claim


def _into(intake: Intake, reply: Reply, claim: Claim, now: datetime) -> Intake:
    """Add the entry to ``claim``; long after the end, begin a claim that follows it."""
    intake.belongs = belongs(claim, intake.channel, reply.sender)
    ended = claim.state in ENDED
    recent = claim.ended_at and now - claim.ended_at < timedelta(days=settings.PALIER_REOPEN_DAYS)
    if ended and not recent and not reply.automatic:
        return _new(intake, reply, claim, now)
    # Before anything of the claim is held: a visit locks contractor, order, claim, in this order.
    picked = (
        intake.belongs
        and not reply.automatic
        and answering.pick(claim, intake.channel, reply.text, now)
    )
    touch(claim)  # who is writing just now must read this first
    message = Message.objects.create(
        claim=claim,
        text=reply.text or reply.subject,
        direction=Message.Direction.IN,
        channel=intake.channel,
        at=now,
    )
    _keep_files(claim, message, reply, intake.channel, now)
    if reply.automatic:
        return _settle(intake, reply, claim, message)
    if reply.verified:
        FailingAddress.objects.filter(channel=intake.channel, address=reply.sender).delete()
    understood = picked or _move(claim, message, intake, reply, now)
    with translation.override(settings.LANGUAGE_CODE):
        if not intake.belongs:
            text = _("%(who)s is not known in this conversation. Check before you answer.")
            delivering.note(claim, text % {"who": reply.sender or "?"}, now)
        elif ended and not understood:
            text = _("The tenant wrote after the end. Should this claim be reopened?")
            delivering.note(claim, text, now)
    if reply.too_big:
        record(claim, "too_big", now=now, role="system", text=", ".join(reply.too_big)[:300])
    if reply.unreadable:
        record(claim, "unreadable", now=now, role="system")
    return _settle(intake, reply, claim, message)


def _move(claim: Claim, message: Message, intake: Intake, reply: Reply, now: datetime) -> bool:
    """The event of an incoming message; only people of the conversation move a claim.

    True when it is a digit that answers what we asked: nobody need read it.
    """
    if intake.belongs and answering.scored(claim, intake.channel, reply.text, now):
        record(claim, "message_in", now=now, role="tenant", message=str(message.pk))
        return True
    said = answering.yes_or_no(reply.text) if intake.channel in answering.NUMBERED else ""
    if intake.belongs and claim.state == State.WAITING_TENANT:
        advance(claim=claim, transition="tenant_answered", now=now, message=str(message.pk))
    elif intake.belongs and claim.state == State.DONE and said:
        advance(
            claim=claim,
            transition="say_fixed" if said == "yes" else "say_not_fixed",
            now=now,
            message=str(message.pk),
        )
        if said == "yes":
            record(claim, "feedback_asked", now=now, role="system")
    else:
        record(claim, "message_in", now=now, role="tenant", message=str(message.pk))
    if (
        intake.belongs
        and intake.channel in answering.NUMBERED
        and answering.plain(reply.text) == "photo"
    ):
        asking_photos.ask(claim=claim, now=now)
    return False


def _keep_files(claim, message, reply: Reply, channel: str, now: datetime) -> None:
    for name, _content_type, data in reply.files:
        keep_received(
            claim=claim,
            message=message,
            name=name,
            data=data,
            channel=channel,
            now=now,
        )


def _tenant(channel: str, reply: Reply) -> Tenant | None:
    """The one tenant whose verified contact point this is, when the sender is proven."""
    if not reply.verified or (channel == Channel.EMAIL and is_staff(reply.sender)):
        return None
    points = ContactPoint.objects.filter(value__iexact=reply.sender, verified=True)
    found = list(points.select_related("tenant")[:2])
    return found[0].tenant if len(found) == 1 else None


def _new(
    intake: Intake,
    reply: Reply,
    previous: Claim | None,
    now: datetime,
    tenant: Tenant | None = None,
) -> Intake:
    """File a claim; a person will say what it is about. A flood from one sender waits.

    ``tenant`` is whom a person recognised.
    """
    by_mail = intake.channel == Channel.EMAIL
    same = Q(contact_email=reply.sender) if by_mail else Q(contact_phone=reply.sender)
    recent = Claim.objects.system("replying").filter(
        same, channel=intake.channel, filed_at__gt=now - timedelta(hours=1)
    )
    if reply.sender and recent.count() >= MOST_CLAIMS_AN_HOUR:
        raise NeedsAPerson(f"{reply.sender}: more than {MOST_CLAIMS_AN_HOUR} claims in an hour")
    tenant = tenant or _tenant(intake.channel, reply)
    claim = file_claim(
        Filing(
            channel=intake.channel,
            key=str(intake.pk),
            category=settings.PALIER_UNSORTED_CATEGORY,
            words="\n\n".join(filter(None, [reply.subject, reply.text])) or "…",
            dwelling=_dwelling(tenant, now),
            tenant=str(tenant.pk) if tenant else None,
            contact_name=reply.sender_name[:120],
            contact_email=reply.sender if by_mail else "",
            contact_phone="" if by_mail else reply.sender[:30],
            language=tenant.language if tenant else settings.LANGUAGE_CODE,
        ),
        now=now,
    )
    intake.belongs = bool(reply.sender) and not is_staff(reply.sender)
    message = claim.messages.first()
    _keep_files(claim, message, reply, intake.channel, now)
    with translation.override(settings.LANGUAGE_CODE):
        if previous:
            intake.previous = previous
            words = {"old": previous.spoken_reference, "new": claim.spoken_reference}
            text = _("Request %(new)s follows request %(old)s, ended long ago.") % words
            delivering.note(claim, text, now)
            delivering.note(previous, text, now)
        if is_staff(reply.sender):
            text = _("This came from an employee's address: anybody can write it. Check first.")
            delivering.note(claim, text, now)
    if reply.too_big:
        record(claim, "too_big", now=now, role="system", text=", ".join(reply.too_big)[:300])
    if reply.unreadable:
        record(claim, "unreadable", now=now, role="system")
    return _settle(intake, reply, claim, message)


def _dwelling(tenant: Tenant | None, now: datetime) -> int | None:
    """Where the tenant lives today, when that is one place."""
    if tenant is None:
        return None
    today = timezone.localtime(now).date()
    living = tenant.occupancies.filter(starts__lte=today).filter(
        Q(ends__isnull=True) | Q(ends__gte=today)
    )
    homes = set(living.values_list("lease__dwelling", flat=True))
    return homes.pop() if len(homes) == 1 else None


@transaction.atomic
def attach_by_hand(*, intake: Intake, reply: Reply, claim: Claim, now: datetime, by) -> bool:
    """A person says where it belongs; False when somebody else was faster."""
    row = Intake.objects.select_for_update(of=("self",)).get(pk=intake.pk)
    if row.state not in Intake.SORTABLE:
        return False
    row.sorted_by, row.sorted_at = by, now
    message = Message.objects.create(
        claim=claim,
        text=reply.text or reply.subject or "…",
        direction=Message.Direction.IN,
        channel=row.channel,
        at=now,
    )
    _keep_files(claim, message, reply, row.channel, now)
    touch(claim)
    record(claim, "message_in", now=now, by=by, role="tenant", message=str(message.pk))
    row.fingerprint = ""  # a person decided: a twin that was read elsewhere does not forbid it
    _settle(row, reply, claim, message)
    return True


@transaction.atomic
def file_by_hand(
    *, intake: Intake, reply: Reply, now: datetime, by, tenant: Tenant | None = None
) -> Claim | None:
    """A person makes a claim of it, of ``tenant`` if that is known; None when somebody else was
    faster."""
    row = Intake.objects.select_for_update(of=("self",)).get(pk=intake.pk)
    if row.state not in Intake.SORTABLE:
        return None
    row.sorted_by, row.sorted_at, row.fingerprint = by, now, ""
    row.state = Intake.State.NEW
    return _new(row, reply, None, now, tenant).claim
