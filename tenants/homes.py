"""Where an account lives today."""

from datetime import date

from agencies.models import Dwelling
from portal.memory import once
from tenants.models import Occupancy, Tenant


def current_homes(user, today: date) -> list[Dwelling]:
    """Return the dwellings where ``user`` lives on ``today``, newest lease first.

    Lease and occupancy must both be in force.
    """
    if user is None or not user.is_authenticated:
        return []
    # The page and its help beside ask the same.
    return once(("homes", user.pk, today), lambda: _homes(today, tenant__user=user))


def homes_of(tenant, today: date) -> list[Dwelling]:
    """Return the same for a tenant's record, with or without account."""
    return _homes(today, tenant=tenant)


def _homes(today: date, **whose) -> list[Dwelling]:
    stays = (
        Occupancy.objects.system("homes of a person")
        .in_force(today)
        .filter(**whose)
        .select_related("lease__dwelling__staircase__building__residence__unit")
        .order_by("-lease__starts", "lease__dwelling")
    )
    return list({stay.lease.dwelling_id: stay.lease.dwelling for stay in stays}.values())


def holder_of(dwelling: Dwelling, today: date) -> Tenant | None:
    """Return who holds the newest lease of ``dwelling`` in force on ``today``, or None.

    The newest lease, because an import leaves the lease of a former tenant open; the longest there
    when that lease has several holders. For filing in the tenant's name; what it returns is never
    shown to a caretaker.
    """
    row = (
        Occupancy.objects.system("homes of a person")
        .in_force(today)
        .filter(lease__dwelling=dwelling, capacity=Occupancy.Capacity.HOLDER)
        .select_related("tenant")
        .order_by("-lease__starts", "-lease", "starts", "pk")
        .first()
    )
    return row.tenant if row else None
