"""Ask for mandates, send their consent codes, and act on claims as a proxy.

Each act on a claim records an event that names the mandate.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from portal.actor import Actor
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.models import Delivery
from tenants.actions import mandates
from tenants.homes import homes_of
from tenants.models import ConsentCode, Mandate, Tenant


@transaction.atomic
def ask(*, tenant: Tenant, given: dict, by, now: datetime) -> Mandate:
    """Ask for a mandate and queue the text message with its code.

    Without an SMS provider nothing is queued: staff read the code out on the phone. Raises the
    errors of ``tenants.actions.mandates.ask``.
    """
    mandate = mandates.ask(tenant=tenant, given=given, by=by, now=now)
    if outgoing.can_send_sms():
        homes = homes_of(tenant, timezone.localdate(now))
        outgoing.queue(
            kind=Delivery.Kind.CONSENT_CODE,
            key=str(mandate.code.pk),
            channel=Channel.SMS,
            recipient=mandate.code.phone,
            facts={"code": mandate.code.pk},
            unit=homes[0].staircase.building.residence.unit if homes else None,
            urgent=True,
            language=tenant.language,
            now=now,
        )
    return mandate


class ConsentCodeKind(DeliveryKind):
    """The six figures that prove a tenant's consent; they are computed on sending, never stored.

    The tenant has just asked for the code, so it is sent at any hour. While ``sent_at`` is empty,
    staff see the figures on the tenant's page and can read them out.
    """

    kind = Delivery.Kind.CONSENT_CODE
    rings_at_night = True

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the code can still confirm its mandate."""
        code = _code(delivery)
        if code is None or code.expires_at < now:
            return False
        return not (code.mandate.consent_at or code.mandate.revoked_at)

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the code in the tenant's language."""
        code = _code(delivery)
        assert code is not None  # still_wanted() has just found it
        with translation.override(delivery.language):
            text = _("%(landlord)s, code %(code)s: type it to let %(name)s act for you.")
            words = {
                "landlord": landlord.current().name,
                "code": mandates.consent_digits(code),
                "name": code.mandate.proxy_name,
            }
            return Content(text % words)

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        ConsentCode.objects.system("sending a consent code").filter(
            pk=delivery.facts["code"]
        ).update(sent_at=now)

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Show the figures to staff again."""
        ConsentCode.objects.system("sending a consent code").filter(
            pk=delivery.facts["code"]
        ).update(sent_at=None)

    def advice(self, delivery: Delivery) -> str:
        """Return which tenant waits for a code; "" once the code has ended."""
        code = _code(delivery)
        if code is None:
            return ""
        words = {"name": str(code.mandate.tenant)}
        next_step = _("Call %(name)s and read the code out: it is on their page.") % words
        return f"{failure_text(delivery)} {next_step}"


def _code(delivery: Delivery) -> ConsentCode | None:
    rows = ConsentCode.objects.system("sending a consent code").select_related("mandate__tenant")
    return rows.filter(pk=delivery.facts["code"]).first()


@transaction.atomic
def file(filing: Filing, *, actor: Actor, now: datetime) -> Claim:
    """File a claim for the tenant as their proxy; the event names the mandate."""
    return file_claim(filing, actor=actor, now=now)


@transaction.atomic
def write(*, claim: Claim, text: str, actor: Actor, now: datetime) -> Message:
    """Write on a claim of the tenant as their proxy."""
    message = conversation.from_tenant(claim=claim, text=text, actor=actor, now=now)
    _used(claim, "write", actor, now)
    return message


@transaction.atomic
def act(*, claim: Claim, transition: str, actor: Actor, now: datetime) -> None:
    """Take a tenant's step as their proxy. Raises the errors of ``advance``."""
    advance(claim=claim, transition=transition, actor=actor.as_tenant(), now=now)
    _used(claim, transition, actor, now)


def _used(claim: Claim, what: str, actor: Actor, now: datetime) -> None:
    proxy = str(actor.mandate.pk)
    record(claim, Event.PROXY_USED, actor=actor, now=now, what=what, proxy=proxy)
