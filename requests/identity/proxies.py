"""What a proxy does on claims: each use leaves an event that names the mandate."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from portal import sms
from portal.actor import Actor
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from tenants.actions import mandates
from tenants.models import ConsentCode, Mandate, Tenant


@transaction.atomic
def ask(*, tenant: Tenant, given: dict, by, now: datetime) -> Mandate:
    """``tenants.actions.mandates.ask``, and the job that sends its code."""
    mandate = mandates.ask(tenant=tenant, given=given, by=by, now=now)
    enqueue(Job.Kind.CONSENT, mandate.code.pk)
    return mandate


def send_code(*, key: str, now: datetime) -> None:
    """Send a consent code by text message. Without a provider, staff read it out on the phone.

    Outside any transaction: the lease of the job counted the attempt and keeps other workers
    away, then the message leaves, then ``sent_at`` is written. A repeat after success sends
    nothing; a worker that dies before writing sends the same code twice. Raises OSError.
    """
    code = (
        ConsentCode.objects.select_related("mandate__tenant")
        .filter(pk=key, sent_at__isnull=True, expires_at__gte=now)
        .first()
    )
    if code is None or not settings.PALIER_SMS:
        return
    with translation.override(code.mandate.tenant.language):
        text = gettext("Palier code %(code)s: type it to let %(name)s act for you.") % {
            "code": mandates.figures(code),
            "name": code.mandate.proxy_name,
        }
    sms.send(code.phone, text)
    ConsentCode.objects.filter(pk=code.pk, sent_at__isnull=True).update(sent_at=now)


@transaction.atomic
def file(filing: Filing, *, actor: Actor, now: datetime) -> Claim:
    """File for the tenant as their proxy; the mandate stands among the facts."""
    return file_claim(filing, actor=actor, now=now)


@transaction.atomic
def write(*, claim: Claim, text: str, actor: Actor, now: datetime) -> Message:
    """Write on a claim of the tenant as their proxy."""
    message = conversation.from_tenant(claim=claim, text=text, actor=actor, now=now)
    _used(claim, "write", actor, now)
    return message


@transaction.atomic
def act(*, claim: Claim, transition: str, actor: Actor, now: datetime) -> None:
    """Take a step that is the tenant's as their proxy. Raises what ``advance`` raises."""
    advance(claim=claim, transition=transition, actor=actor.as_tenant(), now=now)
    _used(claim, transition, actor, now)


def _used(claim: Claim, what: str, actor: Actor, now: datetime) -> None:
    proxy = str(actor.mandate.pk)
    record(claim, Event.PROXY_USED, actor=actor, now=now, what=what, proxy=proxy)
