"""Ask people whether a contact point is still theirs, by that point itself; and remind of needs.

The link of the message shows nothing of the person: whoever reads a number that was given away
learns that somebody had it before.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from portal import phones
from portal.dates import full_day
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind
from requests.notifications.models import Delivery
from tenants.actions import contact_check
from tenants.homes import homes_of
from tenants.models import ContactPoint, Need, Tenant

MOST = 200  # of one sweep: an hour's messages
LINK_LIFE = timedelta(days=90)
SALT = "requests.identity.contact_check"


def sweep(now: datetime) -> int:
    """Ask about points that grew old and needs that end soon; return how many."""
    asked = 0
    for point in contact_check.stale_points(now)[:MOST]:
        with transaction.atomic():
            if contact_check.mark_asked(point, now):
                _ask(point, now)
                asked += 1
    today = timezone.localdate(now)
    for need in contact_check.ending_needs(today)[:MOST]:
        with transaction.atomic():
            rows = Need.objects.system(contact_check.REASON).filter(pk=need.pk)
            if rows.filter(asked_at__isnull=True).update(asked_at=now):
                _remind(need, now)
                asked += 1
    return asked


def channel_of(point: ContactPoint) -> str:
    """Return the channel by which a point can be asked; "" for a person's call alone."""
    if point.kind == ContactPoint.Kind.EMAIL:
        return Channel.EMAIL
    by_text = outgoing.can_send_sms() and phones.takes_sms(point.value)
    return Channel.SMS if by_text else ""


def _ask(point: ContactPoint, now: datetime) -> None:
    """Queue the question; a landline is asked by whoever calls next: the record says so."""
    if not (channel := channel_of(point)):
        return
    with translation.override(point.tenant.language):
        subject = _("Do you still read this address?")
    outgoing.queue(
        kind=Delivery.Kind.CONTACT_CHECK,
        key=f"{point.pk}:{now:%Y%m%d}",
        channel=channel,
        recipient=point.value,
        subject=subject,
        facts={"point": point.pk},
        unit=_unit(point.tenant, now),
        language=point.tenant.language,
        now=now,
    )


def _remind(need: Need, now: datetime) -> None:
    """Queue the reminder to the best point that is sure; which need it is stays unsaid."""
    points = need.tenant.contact_points.filter(
        contact_check.is_sure(now), kind__in=contact_check.REACHABLE, failing=False
    ).order_by("-preferred", "-verified", "pk")
    point = next((point for point in points if channel_of(point)), None)
    if point is None:
        return
    with translation.override(need.tenant.language):
        subject = _("Is it still so?")
    outgoing.queue(
        kind=Delivery.Kind.CONTACT_CHECK,
        key=f"need:{need.pk}:{need.expires:%Y%m%d}",
        channel=channel_of(point),
        recipient=point.value,
        subject=subject,
        facts={"need": need.pk},
        unit=_unit(need.tenant, now),
        language=need.tenant.language,
        now=now,
    )


def _unit(tenant: Tenant, now: datetime):
    homes = homes_of(tenant, timezone.localdate(now))
    return homes[0].staircase.building.residence.unit if homes else None


def token(point: ContactPoint) -> str:
    """Return the secret of the link in the question; another value of the point ends it."""
    return signing.dumps([point.pk, point.value], salt=SALT)


def find(given: str) -> ContactPoint | None:
    """Return the point of a link; None for a wrong, old or outdated one."""
    try:
        key, value = signing.loads(given, salt=SALT, max_age=LINK_LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = ContactPoint.objects.system(contact_check.REASON).select_related("tenant")
    return rows.filter(pk=key, value=value).first()


class ContactCheckKind(DeliveryKind):
    """Is this address or number still yours? Or: something that you need ends soon."""

    kind = Delivery.Kind.CONTACT_CHECK

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether nobody has answered meanwhile."""
        if need := delivery.facts.get("need"):
            rows = Need.objects.system(contact_check.REASON)
            return rows.filter(pk=need, asked_at__isnull=False).exists()
        point = _point(delivery)
        return point is not None and point.asked_at is not None and not point.failing

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the question in the person's language, without a word of what we know of them."""
        with translation.override(delivery.language):
            if need := delivery.facts.get("need"):
                row = Need.objects.system(contact_check.REASON).get(pk=need)
                words = {
                    "day": full_day(row.expires),
                    "page": settings.PALIER_URL + reverse("my:contacts"),
                    "phone": landlord.current().phone,
                }
                text = _(
                    "A need that you told us about ends on %(day)s. To keep it, log in: "
                    "%(page)s or call %(phone)s."
                )
                return Content(text % words, delivery.subject)
            point = _point(delivery)
            assert point is not None  # still_wanted() has just found it
            words = {
                "link": settings.PALIER_URL + reverse("contact_check", args=[token(point)]),
                "phone": landlord.current().phone,
                "days": str(settings.PALIER_CONTACT_DAYS),
            }
            text = _(
                "Do you still read messages here? Say so within %(days)s days: %(link)s or call "
                "%(phone)s. Without an answer we send nothing confidential here any more."
            )
            return Content(text % words, delivery.subject)


def _point(delivery: Delivery) -> ContactPoint | None:
    rows = ContactPoint.objects.system(contact_check.REASON)
    return rows.filter(pk=delivery.facts.get("point")).first()
