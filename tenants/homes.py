"""Where an account lives today: what filing, home page and caretaker's name are drawn from."""

from datetime import date

from django.db.models import Q

from agencies.models import Dwelling
from tenants.models import Occupancy, Tenant


def current_homes(user, today: date) -> list[Dwelling]:
    """Dwellings of ``user``'s leases and occupancies in force on ``today``, newest lease first."""
    if user is None or not user.is_authenticated:
        return []
    return _homes(today, tenant__user=user)


def homes_of(tenant, today: date) -> list[Dwelling]:
    """The same for a tenant's record, with or without account."""
    return _homes(today, tenant=tenant)


def _homes(today: date, **whose) -> list[Dwelling]:
    path = "leases__occupancies"
    whose = {f"{path}__{name}": value for name, value in whose.items()}
    return list(
        Dwelling.objects.filter(
            Q(**{f"{path}__ends__isnull": True}) | Q(**{f"{path}__ends__gte": today}),
            Q(leases__ends__isnull=True) | Q(leases__ends__gte=today),
            **{f"{path}__starts__lte": today},
            **whose,
        )
        .select_related("staircase__building__residence__unit")
        .order_by("-leases__starts", "pk")
        .distinct()
    )


def holder_of(dwelling: Dwelling, today: date) -> Tenant | None:
    """Who holds the lease of ``dwelling`` on ``today``; the longest there when there are several.

    For filing in the tenant's name; what it returns is never shown to a caretaker.
    """
    row = (
        Occupancy.objects.filter(
            Q(ends__isnull=True) | Q(ends__gte=today),
            Q(lease__ends__isnull=True) | Q(lease__ends__gte=today),
            lease__dwelling=dwelling,
            lease__starts__lte=today,
            capacity=Occupancy.Capacity.HOLDER,
            starts__lte=today,
        )
        .select_related("tenant")
        .order_by("starts", "pk")
        .first()
    )
    return row.tenant if row else None
