"""Who writes from a number or an address: the rows behind ``tenants.contact_strength``."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from portal.arrays import among
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
    """Return the same for several values in their normal form: one query, however many."""
    wanted = {value for value in values if value}
    return decide(points(wanted, now), now, proven=proven) if wanted else {}


def points(values: Iterable[str], now: datetime) -> QuerySet[ContactPoint]:
    """Return the points with these values, with ``homes``: where their people live today."""
    stays = Occupancy.objects.system(REASON).in_force(timezone.localdate(now))
    homes = stays.filter(tenant=OuterRef("tenant")).values("lease__dwelling")
    return (
        ContactPoint.objects.system(REASON)
        .filter(among("value", values), kind__in=REACHABLE, tenant__merged_into__isnull=True)
        .annotate(homes=ArraySubquery(homes))
    )


def decide(
    rows: Iterable[ContactPoint], now: datetime, *, proven: bool = True
) -> dict[str, Sender]:
    """Return who writes from the value of each of ``points``."""
    holders: dict[str, list[Holder]] = defaultdict(list)
    for point in rows:
        worth = strength(verified=point.verified, proof=point.proof, failing=point.failing)
        homes = frozenset(str(home) for home in point.homes)
        person = str(point.tenant_id)
        holders[point.value].append(Holder(person, worth, homes, is_current(point, now)))
    return {value: who_writes(found, proven=proven) for value, found in holders.items()}
