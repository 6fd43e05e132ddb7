"""Who writes from a number or an address: the rows behind ``tenants.contact_strength``."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from tenants.actions.contact_check import REACHABLE, is_current
from tenants.contact_strength import Holder, Sender, strength, who_writes
from tenants.matching import normal_contact
from tenants.models import ContactPoint, Occupancy

REASON = "recognising a sender"


def find(value: str, now: datetime, *, proven: bool = True) -> Sender:
    """Return who writes from ``value``, a phone or an e-mail in any form."""
    value = normal_contact(value)
    return find_all([value], now, proven=proven).get(value, Sender()) if value else Sender()


def find_all(values: Iterable[str], now: datetime, *, proven: bool = True) -> dict[str, Sender]:
    """Return the same for several values in their normal form: two queries, however many."""
    wanted = {value for value in values if value}
    if not wanted:
        return {}
    points = list(
        ContactPoint.objects.system(REASON).filter(
            kind__in=REACHABLE, value__in=wanted, tenant__merged_into__isnull=True
        )
    )
    homes: dict = defaultdict(set)
    if points:
        stays = Occupancy.objects.system(REASON).in_force(timezone.localdate(now))
        stays = stays.filter(tenant__in={point.tenant_id for point in points})
        for tenant, home in stays.values_list("tenant", "lease__dwelling"):
            homes[tenant].add(str(home))
    holders: dict[str, list[Holder]] = defaultdict(list)
    for point in points:
        worth = strength(verified=point.verified, proof=point.proof, failing=point.failing)
        holders[point.value].append(
            Holder(
                str(point.tenant_id),
                worth,
                frozenset(homes[point.tenant_id]),
                is_current(point, now),
            )
        )
    return {value: who_writes(rows, proven=proven) for value, rows in holders.items()}
