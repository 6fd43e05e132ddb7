"""Know whether a person still reads a contact point, and whether a need still stands.

A point that nobody confirmed for ``PALIER_CONTACT_MONTHS`` is asked about; one that stays without
an answer for ``PALIER_CONTACT_DAYS`` is not used for anything confidential any more. A need ends on
its day; before it, the person is asked once whether it goes on. Sending is the callers'.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from tenants.models import ContactPoint, Need, Occupancy

REASON = "contact checks"
REACHABLE = (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE)
NEED_LASTS = timedelta(days=365)
NEED_NOTICE = timedelta(days=30)


def waits() -> timedelta:
    """Return how long a point may stay without an answer."""
    return timedelta(days=settings.PALIER_CONTACT_DAYS)


def is_sure(now: datetime) -> Q:
    """Return what finds the points that confidential things may go to.

    Not those from which messages came back, that a file proposes against a person's word, or that
    only a message taught.
    """
    current = Q(asked_at__isnull=True) | Q(asked_at__gt=now - waits())
    learned = Q(origin=ContactPoint.Origin.LEARNED, verified=False)
    return current & Q(proposed=False, bounced_at__isnull=True) & ~learned


def is_current(point: ContactPoint, now: datetime) -> bool:
    """Return whether nothing came back from ``point``, and no question waits for too long."""
    answered = point.asked_at is None or point.asked_at > now - waits()
    return answered and point.bounced_at is None


def may_hear_confidences(point: ContactPoint, now: datetime) -> bool:
    """Return whether confidential things may go to ``point``: ``is_sure`` for one row."""
    learned = point.origin == ContactPoint.Origin.LEARNED and not point.verified
    return is_current(point, now) and not point.proposed and not learned


def stale_points(now: datetime) -> QuerySet[ContactPoint]:
    """Return the points of people who live here that nobody confirmed for long, not asked yet."""
    before = now - timedelta(days=settings.PALIER_CONTACT_MONTHS * 365 / 12)
    living = Occupancy.objects.system(REASON).in_force(timezone.localdate(now))
    return (
        ContactPoint.objects.system(REASON)
        .filter(
            kind__in=REACHABLE,
            failing=False,
            asked_at__isnull=True,
            confirmed_at__lt=before,
            tenant__merged_into__isnull=True,
            tenant__in=living.values("tenant"),
        )
        .select_related("tenant")
        .order_by("confirmed_at", "pk")
    )


def ending_needs(today: date) -> QuerySet[Need]:
    """Return the needs that end within a month and were not asked about."""
    return (
        Need.objects.system(REASON)
        .filter(expires__gte=today, expires__lte=today + NEED_NOTICE, asked_at__isnull=True)
        .select_related("tenant")
        .order_by("expires", "pk")
    )


def came_back(kind: str, value: str, now: datetime) -> None:
    """Write that messages come back from ``value`` for good: it may be somebody else's one day."""
    rows = ContactPoint.objects.system(REASON).filter(kind=kind, value=value)
    rows.filter(bounced_at__isnull=True).update(bounced_at=now)


def mark_asked(point: ContactPoint, now: datetime) -> bool:
    """Write that the person is asked; False when somebody did so or confirmed it meanwhile."""
    rows = ContactPoint.objects.system(REASON).filter(pk=point.pk, asked_at__isnull=True)
    return bool(rows.filter(confirmed_at=point.confirmed_at).update(asked_at=now))


def confirm(point: ContactPoint, now: datetime) -> None:
    """Write that the person reads it."""
    ContactPoint.objects.system(REASON).filter(pk=point.pk).update(
        confirmed_at=now, asked_at=None, bounced_at=None
    )


def keep_need(need: Need, today: date) -> None:
    """Let a need run a year from today."""
    Need.objects.system(REASON).filter(pk=need.pk).update(
        expires=max(need.expires, today + NEED_LASTS), asked_at=None
    )
