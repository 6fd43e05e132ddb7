"""Find the conversation that an input belongs to, and whether its sender takes part in it.

Reads only.

An address proves nothing: only a mark that we signed brings a message to a claim.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from agencies.access import is_employee
from portal import phones
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.inbound import short_answers
from requests.inbound.reply import Reply
from requests.kit.choices import OPEN, Channel, State
from requests.notifications.models import Delivery
from tenants.actions import senders
from tenants.contact_strength import Grade


def is_participant(claim: Claim, channel: str, sender: str) -> bool:
    """Return whether ``sender`` is one of the people of this conversation."""
    if not sender or (channel == Channel.EMAIL and is_employee(sender)):
        return False
    if channel in short_answers.NUMBERED:
        if phones.to_e164(claim.contact_phone) == sender:
            return True
    elif claim.contact_email.lower() == sender:
        return True
    if claim.tenant:
        alive = claim.tenant.contact_points.filter(failing=False)
        for value in alive.values_list("value", flat=True):
            if value.lower() == sender or phones.to_e164(value) == sender:
                return True
    return (
        claim.deliveries.of_conversations().filter(channel=channel, recipient=sender).exists()
        or claim.intakes.filter(channel=channel, sender=sender, belongs=True).exists()
    )


def takes_part(claim: Claim, channel: str, reply: Reply) -> bool:
    """Return whether who wrote is one of the people of this conversation, by either name."""
    return any(is_participant(claim, channel, name) for name in (reply.sender, reply.account))


def conversation_of(intake: Intake, reply: Reply, now: datetime) -> Claim | None:
    """Return the claim this belongs to.

    Signed marks come first; the rest only counts for people of the claim.
    """
    claims = Claim.objects.system("replying").select_related("tenant")
    sent = (
        Delivery.objects.system("replying")
        .of_conversations()
        .filter(pk__in=reply.deliveries)
        .first()
    )
    if sent:
        return claims.get(pk=sent.claim_id)
    if reply.marked:
        found = claims.filter(reference__in=reply.marked[:5]).order_by("-filed_at").first()
        if found:
            return found
    if reply.printed and (found := _of_letters(claims, reply)):
        return found
    guesses = _written_by_anybody(claims, reply)
    if intake.channel in short_answers.NUMBERED:
        for name in dict.fromkeys(filter(None, (reply.sender, reply.account))):
            guesses += _of_number(claims, intake.channel, name, reply, now)
    for claim in guesses:
        if takes_part(claim, intake.channel, reply):
            return claim
    return None


def _of_letters(claims: QuerySet[Claim], reply: Reply) -> Claim | None:
    """Return the one request that the photographed letters are about.

    None for letters that were not posted: nobody but us can hold them.
    """
    posted = Delivery.objects.system("replying").filter(
        pk__in=reply.printed, channel=Channel.LETTER, letter__posted_on__isnull=False
    )
    found = list(claims.filter(pk__in=posted.of_conversations().values("claim"))[:2])
    return found[0] if len(found) == 1 else None


def _written_by_anybody(claims: QuerySet[Claim], reply: Reply) -> list[Claim]:
    """Return the claims whose messages it answers, then those it names. Neither proves anything."""
    known = Intake.objects.system("replying").filter(
        mail_id__in=reply.answers[:50], claim__isnull=False
    )
    answered = list(claims.filter(pk__in=known.values("claim"))[:5]) if reply.answers else []
    return answered + list(claims.filter(reference__in=reply.named[:5]))


def _of_number(
    claims: QuerySet[Claim], channel: str, number: str, reply: Reply, now: datetime
) -> list[Claim]:
    """Return the claims that we last wrote to this number about, then the only one open for it.

    ``number`` may be a messaging account.

    None for free words from a number of several homes that were written to: what one home says
    must not stand in the conversation of another.
    """
    sent = (
        Delivery.objects.system("replying")
        .of_conversations()
        .filter(
            channel=channel,
            recipient=number,
            created_at__gt=now - timedelta(days=settings.PALIER_REOPEN_DAYS),
        )
        .exclude(state=Delivery.State.QUEUED)
    )
    last = sent.order_by("-created_at").first()
    if not short_answers.is_short(reply.text):
        shared = senders.find(number, now).grade == Grade.SHARED
        authors = set(claims.filter(pk__in=sent.values("claim")).values_list("tenant", flat=True))
        if shared and len(authors) > 1:
            return []
    told = [claims.get(pk=last.claim_id)] if last else []
    same = claims.filter(contact_phone=number)
    if phones.is_account(number):
        same = claims.filter(pk__in=claims_of_account(number))
    theirs = list(same.filter(channel=channel, state__in=OPEN)[:2])
    return told + (theirs if len(theirs) == 1 else [])


def claims_of_account(account: str) -> QuerySet:
    """Return the claims (their keys) in whose conversation a messaging account wrote."""
    wrote = Intake.objects.system("replying").filter(
        channel=Channel.SOCIAL, sender=account, belongs=True, claim__isnull=False
    )
    return wrote.values("claim")


def follow_merges(claim: Claim) -> Claim:
    """Return the claim that ``claim`` was merged into (``into`` of its last ``merge`` event)."""
    for _step in range(5):
        if claim.state != State.MERGED:
            break
        event = claim.events.filter(name=Event.MERGE).order_by("-at").first()
        target = event.facts.get("into") if event else None
        found = Claim.objects.system("replying").filter(pk=target).first() if target else None
        if found is None:
            break
        claim = found
    return claim
