"""File a claim from a message that belongs to no conversation yet."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.access import is_employee
from portal.actor import Actor
from portal.phones import is_account
from requests.channels import reasons
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.dangers import actions as dangers
from requests.filing.actions import Filing, file_claim
from requests.inbound.outcomes import (
    keep_files,
    mark_read,
    report_missing_files,
    sender_unreadable,
)
from requests.inbound.reply import NeedsAPerson, Reply
from requests.inbound.thread_matching import claims_of_account
from requests.kit.choices import OPEN, Channel, Urgency
from requests.notifications import outgoing
from tenants.actions import senders
from tenants.contact_strength import Sender
from tenants.models import Tenant

MOST_CLAIMS_AN_HOUR = 10


def file_new_claim(
    intake: Intake,
    reply: Reply,
    previous: Claim | None,
    now: datetime,
    tenant: Tenant | None = None,
    answered: bool = True,
) -> Intake:
    """File a claim; a person will say what it is about. A flood from one sender waits.

    What may be a danger is filed as such, and does not wait: beyond the flood it joins the
    sender's danger that is open. ``previous`` is the ended claim that this one follows, ``tenant``
    whom a person recognised. ``answered`` False: a machine wrote it, which gets no answer.
    Raises ``NeedsAPerson``, and whatever ``file_claim`` raises.
    """
    by_mail = intake.channel == Channel.EMAIL
    same = Q(contact_email=reply.sender) if by_mail else Q(contact_phone=reply.sender)
    if is_account(reply.sender):
        same = Q(pk__in=claims_of_account(reply.sender))
    recent = Claim.objects.system("replying").filter(
        same, channel=intake.channel, filed_at__gt=now - timedelta(hours=1)
    )
    words = "\n\n".join(filter(None, [reply.subject, reply.text])) or "…"
    intake.urgent = dangers.find(words) is not None
    if reply.sender and recent.count() >= MOST_CLAIMS_AN_HOUR:
        open_danger = recent.filter(state__in=OPEN, urgency=Urgency.U0).last()
        if intake.urgent and open_danger:
            return _add_again(intake, reply, open_danger, now)
        if not intake.urgent:
            flood = {"sender": reply.sender, "most": MOST_CLAIMS_AN_HOUR}
            raise NeedsAPerson(reasons.coded("flood", **flood))
    is_staff = is_employee(reply.sender)
    unknown = not answered or not reply.sender or (by_mail and is_staff)
    sender = Sender() if unknown else senders.find(reply.sender, now, proven=reply.verified)
    tenant = tenant or _person(sender.author)
    speaks = tenant or _person(sender.person)
    contacts = contacts_of(intake, reply) if answered else {"contact_name": _name(reply)}
    filing = Filing(
        channel=intake.channel,
        key=str(intake.pk),
        category=settings.PALIER_UNSORTED_CATEGORY,
        words=words,
        dwelling=_dwelling(tenant, now) if tenant else _key(sender.home),
        tenant=str(tenant.pk) if tenant else None,
        language=speaks.language if speaks else settings.LANGUAGE_CODE,
        **contacts,
    )
    claim = file_claim(filing, actor=Actor.TENANT, now=now)
    intake.belongs = bool(reply.sender) and not is_staff
    message = claim.messages.first()
    left = keep_files(claim, message, reply, intake.channel, now)
    with translation.override(settings.LANGUAGE_CODE):
        if previous:
            intake.previous = previous
            names = {"old": previous.spoken_reference, "new": claim.spoken_reference}
            text = _("Request %(new)s follows request %(old)s, ended long ago.") % names
            outgoing.write_note(claim, text, now)
            outgoing.write_note(previous, text, now)
        if by_mail and not reply.sender:
            outgoing.write_note(claim, sender_unreadable(reply), now)
        if is_staff:
            text = _("This came from an employee’s address: anybody can write it. Check first.")
            outgoing.write_note(claim, text, now)
        if claim.tenant_id is None and claim.dwelling_id:
            outgoing.write_note(claim, place_is_a_guess(), now)
    report_missing_files(claim, reply, now, left)
    return mark_read(intake, reply, claim, message)


def contacts_of(intake: Intake, reply: Reply) -> dict[str, Any]:
    """Return the name and address of the sender, as the contact of a filing."""
    by_mail = intake.channel == Channel.EMAIL or "@" in reply.sender
    return {
        "contact_name": reply.sender_name[:120],
        "contact_email": reply.sender if by_mail else "",
        "contact_phone": "" if by_mail or is_account(reply.sender) else reply.sender[:30],
    }


def _name(reply: Reply) -> str:
    """Return how people find the sender who gets no answer."""
    return (reply.sender_name or reply.sender)[:120]


def _add_again(intake: Intake, reply: Reply, claim: Claim, now: datetime) -> Intake:
    """Add the input to the danger that its sender told already."""
    message = Message.objects.create(
        claim=claim,
        text=reply.text or reply.subject,
        direction=Message.Direction.IN,
        channel=intake.channel,
        at=now,
    )
    keep_files(claim, message, reply, intake.channel, now)
    record(claim, Event.MESSAGE_IN, actor=Actor.TENANT, now=now, message=str(message.pk))
    intake.belongs = True
    return mark_read(intake, reply, claim, message)


def place_is_a_guess() -> str:
    """Say where the place of a request without author comes from."""
    return _(
        "The place is that of the home to which this number or address belongs. "
        "Nobody has confirmed yet who wrote."
    )


def _key(text: str | None) -> int | None:
    return int(text) if text else None


def _person(key: str | None) -> Tenant | None:
    return Tenant.objects.system("recognising a sender").filter(pk=key).first() if key else None


def _dwelling(tenant: Tenant, now: datetime) -> int | None:
    """Return where the tenant lives today, when that is one place."""
    today = timezone.localtime(now).date()
    living = tenant.occupancies.in_force(today)
    homes = set(living.values_list("lease__dwelling", flat=True))
    return homes.pop() if len(homes) == 1 else None
