"""Homes whose leases contradict each other: two open ones, or one that the import lost."""

from datetime import date, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet

from agencies.models import Dwelling, Membership
from tenants.models import Lease, Occupancy

UNIT = "dwelling__staircase__building__residence__unit"


def _open(member: Membership, today: date) -> QuerySet[Lease]:
    """Return the leases of the member's stock that go on today."""
    rows = Lease.objects.visible_to(member)
    return rows.filter(Q(ends__isnull=True) | Q(ends__gte=today), starts__lte=today)


def _shown(rows: QuerySet[Lease], today: date) -> QuerySet[Lease]:
    """Load what a page says of a lease: its home and who lives there."""
    stays = (
        Occupancy.objects.system("people of visible leases")
        .in_force(today)
        .select_related("tenant")
        .order_by("pk")
    )
    return rows.select_related("dwelling__staircase__building__residence").prefetch_related(
        Prefetch("occupancies", stays, to_attr="people")
    )


def dwellings_in_conflict(member: Membership, today: date) -> QuerySet[Dwelling]:
    """Return the homes of the member's stock with more than one open lease."""
    doubled = (
        _open(member, today)
        .values("dwelling")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .values("dwelling")
    )
    return Dwelling.objects.filter(pk__in=doubled).order_by("staircase__street", "door", "pk")


def leases_of(homes: list[Dwelling], member: Membership, today: date) -> list[list[Lease]]:
    """Return the open leases of each home, the earlier first, with ``suggested``: its last day."""
    rows = _shown(_open(member, today), today).filter(dwelling__in=[home.pk for home in homes])
    by_home: dict[int, list[Lease]] = {home.pk: [] for home in homes}
    for lease in rows.order_by("starts", "pk"):
        by_home[lease.dwelling_id].append(lease)
    for found in by_home.values():
        for lease in found:
            # The day before the next one begins; of the last one nobody knows: yesterday.
            later = [other.starts for other in found if other.starts > lease.starts]
            day = min(later, default=today) - timedelta(days=1)
            lease.suggested = max(day, lease.starts)
    return list(by_home.values())


def missing(member: Membership, today: date) -> QuerySet[Lease]:
    """Return the open leases that the last import of the whole stock no longer contained."""
    rows = _open(member, today).filter(missing_since__isnull=False)
    return _shown(rows, today).order_by("missing_since", "reference")
