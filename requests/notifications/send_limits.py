"""When a message may go out: the hours of a phone, and how many messages one recipient gets."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from agencies.models import Unit
from requests.kit.choices import Channel, Urgency
from requests.notifications.kinds import kind_of
from requests.notifications.models import Delivery
from requests.promises.working_time import may_ring
from tenants.models import ContactPoint

# Most messages to one recipient on one claim; over all, each kind has its own ``most_an_hour``.
CAPS = (
    (timedelta(minutes=10), 10),
    (timedelta(hours=1), 25),
    (timedelta(hours=10), 100),
)


def may_ring_at(delivery: Delivery, now: datetime) -> datetime:
    """Return the first instant at which the recipient's phone may ring for it."""
    person = delivery.claim.tenant if delivery.claim else None
    own = (person.texts_from, person.texts_until) if person else (None, None)
    return may_ring(_home(delivery), _loudness(delivery), now, own)


def is_over_cap(delivery: Delivery, now: datetime) -> bool:
    """Return whether one more message to the recipient passes a cap (docs/principles.md, M7)."""
    sent = (
        Delivery.objects.system("sending")
        .filter(recipient=delivery.recipient, carried_by__isnull=True, attempts__gt=0)
        .exclude(pk=delivery.pk)
    )
    hour = now - timedelta(hours=1)
    limits = {"hour": (Q(due_at__gt=hour), kind_of(delivery).most_an_hour)}
    if delivery.claim_id:
        for number, (span, most) in enumerate(CAPS):
            lately = Q(claim=delivery.claim_id, due_at__gt=now - span)
            limits[f"cap_{number}"] = (lately, most)
    longest = max(timedelta(hours=1), *(span for span, _most in CAPS))
    counted = sent.filter(due_at__gt=now - longest).aggregate(
        **{name: Count("pk", filter=lately) for name, (lately, _most) in limits.items()}
    )
    if any(counted[name] >= most for name, (_lately, most) in limits.items()):
        return True
    if delivery.channel != Channel.SMS or not kind_of(delivery).to_strangers:
        return False
    # A number that only the sender of a form gave: strangers could have us text the whole world.
    known = ContactPoint.objects.system("sending").filter(kind=ContactPoint.Kind.PHONE)
    if known.filter(value=delivery.recipient).exists():
        return False
    texts = Delivery.objects.system("sending").filter(
        channel=Channel.SMS, attempts__gt=0, due_at__gt=hour
    )
    strangers = texts.filter(~Exists(known.filter(value=OuterRef("recipient"))))
    return strangers.exclude(pk=delivery.pk).count() >= settings.PALIER_SMS_TO_STRANGERS


def _home(delivery: Delivery) -> Unit | None:
    """Return the unit whose clock and holidays the recipient lives by."""
    claim = delivery.claim
    if claim is None:
        return delivery.unit
    if claim.residence:
        return claim.residence.unit
    return claim.owner.unit if claim.owner else None


def _loudness(delivery: Delivery) -> str:
    """Return the urgency that decides whether a phone may ring at night."""
    if kind_of(delivery).rings_at_night:
        return Urgency.U0
    return delivery.claim.urgency if delivery.claim else Urgency.U4
