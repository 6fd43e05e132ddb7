"""Record that two similar records are two people, as a person found."""

from datetime import datetime

from tenants.models import Distinct, Tenant


def declare(*, one: Tenant, other: Tenant, by, now: datetime) -> Distinct:
    """Record it once, whatever the order; do nothing for one and the same record."""
    first, second = sorted((one, other), key=lambda tenant: tenant.pk)
    if first.pk == second.pk:
        return Distinct(one=first, other=second)
    made, _created = Distinct.objects.system("two people kept apart").get_or_create(
        one=first, other=second, defaults={"by": by, "at": now}
    )
    return made
