"""Tell the person that an account asks for their record: a code to their phone, a notice to all.

The linking itself is ``tenants.actions.account_link``'s.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from portal.models import User
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.models import Delivery
from tenants.actions import account_link
from tenants.actions.contact_check import is_sure
from tenants.homes import homes_of
from tenants.models import AccountLink, ContactPoint


def ask(*, user: User, code: str, last_name: str, origin: str, now: datetime) -> AccountLink:
    """Ask for the record behind a bill; the person is sent a code, or told that it is done.

    ``origin`` is the network address. Raises the errors of ``tenants.actions.account_link``.
    """
    account_link.count_try(user, origin, now)  # outside: no rollback refunds it
    with transaction.atomic():
        return _ask(user, code, last_name, now)


def _ask(user: User, code: str, last_name: str, now: datetime) -> AccountLink:
    link = account_link.ask(user=user, code=code, last_name=last_name, now=now)
    if link.linked_at:
        tell(link, now)
    elif outgoing.can_send_sms():
        outgoing.queue(
            kind=Delivery.Kind.LINK_CODE,
            key=str(link.pk),
            channel=Channel.SMS,
            recipient=link.phone,
            facts={"link": str(link.pk)},
            unit=_unit(link, now),
            urgent=True,
            language=link.tenant.language,
            now=now,
        )
    return link


def confirm(*, user: User, typed: str, now: datetime) -> AccountLink:
    """Link the account that copied the code, and tell everybody known.

    Raises ``WrongCode`` or ``AlreadyLinked`` of ``tenants.actions.account_link``.
    """
    link = account_link.check_code(user=user, typed=typed, now=now)  # the try stays counted
    with transaction.atomic():
        account_link.give(link, now=now, opens_at=now)
        tell(link, now)
    return link


def tell(link: AccountLink, now: datetime) -> None:
    """Queue the notice to every address and phone that we know of the person."""
    kinds = [ContactPoint.Kind.EMAIL]
    if outgoing.can_send_sms():
        kinds.append(ContactPoint.Kind.PHONE)
    for point in link.tenant.contact_points.filter(is_sure(now), kind__in=kinds, failing=False):
        mail = point.kind == ContactPoint.Kind.EMAIL
        with translation.override(link.tenant.language):
            subject = _("An account was linked to your home")
        outgoing.queue(
            kind=Delivery.Kind.LINK_NOTICE,
            key=f"{link.pk.hex}:{point.pk}",
            channel=Channel.EMAIL if mail else Channel.SMS,
            recipient=point.value,
            subject=subject,
            facts={"link": str(link.pk)},
            unit=_unit(link, now),
            urgent=True,
            language=link.tenant.language,
            now=now,
        )


def _unit(link: AccountLink, now: datetime):
    homes = homes_of(link.tenant, timezone.localdate(now))
    return homes[0].staircase.building.residence.unit if homes else None


def _link(delivery: Delivery) -> AccountLink | None:
    rows = AccountLink.objects.system("sending a code").select_related("tenant", "user")
    return rows.filter(pk=delivery.facts["link"]).first()


class LinkCodeKind(DeliveryKind):
    """The six figures that prove who asks for a record; computed on sending, never stored.

    While ``sent_at`` is empty, staff see the figures on the person's page and can read them out.
    """

    kind = Delivery.Kind.LINK_CODE
    rings_at_night = True

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the code can still link the account."""
        link = _link(delivery)
        if link is None or link.linked_at or link.ended_at:
            return False
        return link.expires_at is not None and link.expires_at > now

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the code in the person's language."""
        link = _link(delivery)
        assert link is not None  # still_wanted() has just found it
        with translation.override(delivery.language):
            text = _(
                "%(name)s, code %(code)s: it links an account to your home. Tell it to nobody."
            )
            words = {"name": landlord.current().name, "code": account_link.link_digits(link)}
            return Content(text % words)

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        """Stop showing the figures to staff."""
        AccountLink.objects.system("sending a code").filter(pk=delivery.facts["link"]).update(
            sent_at=now
        )

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Show the figures to staff again."""
        AccountLink.objects.system("sending a code").filter(pk=delivery.facts["link"]).update(
            sent_at=None
        )

    def advice(self, delivery: Delivery) -> str:
        """Return which person waits for a code; "" once the code has ended."""
        link = _link(delivery)
        if link is None:
            return ""
        words = {"name": str(link.tenant)}
        next_step = _("Call %(name)s and read the code out: it is on their page.") % words
        return f"{failure_text(delivery)} {next_step}"


class LinkNoticeKind(DeliveryKind):
    """What everybody known reads when an account was linked, with the way to end it."""

    kind = Delivery.Kind.LINK_NOTICE

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the account is still linked."""
        link = _link(delivery)
        return link is not None and link.ended_at is None

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return who was linked, hardly named, and the link that ends it."""
        link = _link(delivery)
        assert link is not None  # still_wanted() has just found it
        words = {
            "account": masked(link.user.email),
            "link": settings.PALIER_URL + reverse("end_link", args=[link.token]),
            "phone": landlord.current().phone,
        }
        with translation.override(delivery.language):
            text = _(
                "The account %(account)s was linked to your home, with the code on the rent bill."
                " If it was not you, end it here: %(link)s or call %(phone)s."
            )
            return Content(text % words, delivery.subject)


def masked(email: str) -> str:
    """Return an address that its owner recognises: ``a…@example.org``."""
    local, _at, host = email.partition("@")
    return f"{local[:1]}…@{host}"
