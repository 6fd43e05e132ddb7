"""Send the six figures that prove a contact point, and tell the others that something changed.

What is written where is ``tenants.actions.contact_points``'.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from requests.identity.account_links import masked
from requests.identity.contact_checks import channel_of
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.models import Delivery
from tenants.actions import contact_points
from tenants.actions.contact_check import REACHABLE, is_sure
from tenants.homes import homes_of
from tenants.models import ContactPoint, PointCode, Tenant

REASON = contact_points.REASON


@transaction.atomic
def ask(point: ContactPoint, now: datetime) -> PointCode:
    """Make a code and queue its message; staff read it out where no message can go.

    Raises the errors of ``contact_points.ask_code``.
    """
    code = contact_points.ask_code(point, now)
    if channel := channel_of(point):
        with translation.override(point.tenant.language):
            subject = _("Your code")
        outgoing.queue(
            kind=Delivery.Kind.POINT_CODE,
            key=f"{code.pk}:{code.nonce}",
            channel=channel,
            recipient=point.value,
            subject=subject,
            facts={"code": code.pk, "nonce": code.nonce},
            unit=_unit(point.tenant, now),
            urgent=True,
            language=point.tenant.language,
            now=now,
        )
    return code


@transaction.atomic
def tell_others(point: ContactPoint, what: str, now: datetime) -> None:
    """Tell the other points of the person that ``point`` was ``added`` or ``removed``."""
    tenant = point.tenant
    others = tenant.contact_points.filter(is_sure(now), kind__in=REACHABLE, failing=False)
    for other in others.exclude(pk=point.pk):
        if not (channel := channel_of(other)):
            continue
        with translation.override(tenant.language):
            subject = _("Your contact details have changed")
        outgoing.queue(
            kind=Delivery.Kind.POINT_NOTICE,
            key=f"{point.pk}:{what}:{other.pk}:{now:%Y%m%d%H%M%S}",
            channel=channel,
            recipient=other.value,
            subject=subject,
            facts={"point": point.pk, "what": what},
            unit=_unit(tenant, now),
            language=tenant.language,
            now=now,
        )


def _unit(tenant: Tenant, now: datetime):
    homes = homes_of(tenant, timezone.localdate(now))
    return homes[0].staircase.building.residence.unit if homes else None


def hint(point: ContactPoint) -> str:
    """Return what its owner recognises, and nobody else: ``a…@example.org``, ``…34``."""
    return masked(point.value) if "@" in point.value else f"…{point.value[-2:]}"


class PointCodeKind(DeliveryKind):
    """The six figures that prove a contact point; computed on sending, never stored."""

    kind = Delivery.Kind.POINT_CODE
    rings_at_night = True

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether no newer code was asked for, and this one still lives."""
        code = _code(delivery)
        return code is not None and code.expires_at > now

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the code in the person's language."""
        code = _code(delivery)
        assert code is not None  # still_wanted() has just found it
        with translation.override(delivery.language):
            text = _(
                "%(landlord)s, code %(code)s: it shows that you read messages here. "
                "Tell it to nobody."
            )
            words = {"landlord": landlord.current(), "code": contact_points.digits(code)}
            return Content(text % words, delivery.subject)

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        """Stop showing the figures to staff."""
        PointCode.objects.system(REASON).filter(pk=delivery.facts["code"]).update(sent_at=now)

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Show the figures to staff again."""
        PointCode.objects.system(REASON).filter(pk=delivery.facts["code"]).update(sent_at=None)

    def advice(self, delivery: Delivery) -> str:
        """Return what to do about a code that did not leave."""
        code = _code(delivery)
        if code is None:
            return ""
        words = {"name": str(code.point.tenant)}
        next_step = _("Call %(name)s and read the code out: it is on their page.") % words
        return f"{failure_text(delivery)} {next_step}"


class PointNoticeKind(DeliveryKind):
    """What the other points of a person read when one was added or given up."""

    kind = Delivery.Kind.POINT_NOTICE

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the point is still as the notice says."""
        point = _point(delivery)
        return point is not None and point.failing == (delivery.facts["what"] == "removed")

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return what changed, hardly named, and whom to call."""
        point = _point(delivery)
        assert point is not None  # still_wanted() has just found it
        words = {"what": hint(point), "phone": landlord.current().phone}
        with translation.override(delivery.language):
            if delivery.facts["what"] == "removed":
                text = _("We no longer use %(what)s to reach you. Not your wish? Call %(phone)s.")
            else:
                text = _("%(what)s was added to reach you. If it was not you, call %(phone)s.")
            return Content(text % words, delivery.subject)


def _code(delivery: Delivery) -> PointCode | None:
    rows = PointCode.objects.system(REASON).select_related("point__tenant")
    return rows.filter(pk=delivery.facts["code"], nonce=delivery.facts["nonce"]).first()


def _point(delivery: Delivery) -> ContactPoint | None:
    return ContactPoint.objects.system(REASON).filter(pk=delivery.facts["point"]).first()
