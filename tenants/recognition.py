"""Find who a newcomer may be among all records."""

from datetime import datetime

from django.db.models import Q

from portal.clock import now
from tenants.actions import contact_check
from tenants.matching import Match, Person, StatedIdentity, match
from tenants.models import ContactPoint, Tenant

REACHABLE = (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE)


def _name(tenant: Tenant) -> str:
    return f"{tenant.first_name} {tenant.last_name}"


def identify(given: StatedIdentity) -> Match:
    """Grade somebody who writes or calls. ``homes`` are dwelling ids as text.

    For channel adapters: only a ``KNOWN`` answer may link anything without a person, and the
    answer holds ids, never anybody's claims.
    """
    homes = [int(home) for home in given.homes]
    rows = (
        Tenant.objects.system("recognition")
        .filter(
            Q(contact_points__value__in=given.contacts, contact_points__kind__in=REACHABLE)
            | Q(occupancies__lease__dwelling__in=homes),
            merged_into__isnull=True,
        )
        .distinct()
        .prefetch_related("contact_points", "occupancies__lease")
    )
    return match(given, [_person(tenant, now()) for tenant in rows])


def _person(tenant: Tenant, moment: datetime) -> Person:
    points = [point for point in tenant.contact_points.all() if point.kind in REACHABLE]
    return Person(
        key=str(tenant.pk),
        name=_name(tenant),
        contacts=frozenset(point.value for point in points),
        proved=frozenset(
            point.value
            for point in points
            if point.verified and contact_check.may_hear_confidences(point, moment)
        ),
        homes=frozenset(str(stay.lease.dwelling_id) for stay in tenant.occupancies.all()),
    )
