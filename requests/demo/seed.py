"""Write the whole demo landlord in one call: the same seed and day give the same rows."""

from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone, translation

from requests.claims.models import Claim
from requests.demo import (
    boards,
    channels,
    claims,
    console,
    exports,
    known_people,
    landlord,
    open_tasks,
    orders,
    past_orders,
    people,
    pictures,
    positions,
    privacy,
    promises,
    readings,
    rules,
    surveys,
    teamwork,
    webhooks,
    working_day,
)
from requests.demo.bulk_copy import Bulk
from requests.demo.world import World
from requests.identity import doubles
from requests.stock_insight import early_warning
from tenants.models import Tenant


@translation.override(settings.LANGUAGE_CODE)
def build(*, seed: int, dwellings: int, now: datetime) -> dict[str, Any]:
    """Write everything but the catalogue, which must exist; the landlord's tables must be empty.

    Call inside a transaction. Returns how many of what, and the digest of the rows.
    """
    rng = Random(seed)
    now = now.replace(microsecond=0)
    bulk = Bulk()
    desks = landlord.build_units(bulk)
    homes = landlord.build_stock(bulk, rng, dwellings)
    # Accounts are few and their passwords salted: they are written by the models, after their
    # units.
    bulk.flush()
    staff = landlord.build_staff(rng)
    local = timezone.localdate(now)
    holders = people.build(bulk, rng, homes, local, staff[None]["tenant"][0])
    world = World(bulk, rng, now, homes, holders, staff, desks, pictures.draw_all())
    working_day.build(world)
    claims.build(world)
    tenants, filed = bulk[Tenant].rows, bulk[Claim].rows
    digest = bulk.flush()
    _analyze()  # what follows looks rows up
    landlord.build_landlord()
    landlord.name_neighbourhoods()
    positions.build()
    promises.build(now)
    made = orders.build(rng, now)
    past_orders.build(rng, now)
    open_tasks.build(now)
    channels.build(now)
    filed += 1  # the danger of a public post
    rules.build(now)
    privacy.build(now)
    filed += known_people.build(now)
    filed += teamwork.build(now)
    readings.build(now)
    console.build(now)
    webhooks.build(now)
    exports.build(now)
    surveys.build(now)
    early_warning.renew(now)
    boards.build(now)
    _analyze()
    doubles.sweep(seconds=3_600)
    return {
        "dwellings": dwellings,
        "tenants": tenants,
        "claims": filed,
        "orders": made,
        "digest": digest,
    }


def _analyze() -> None:
    """Gather statistics: without them the planner takes each table for a small one."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
