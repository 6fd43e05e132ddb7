"""Read what is recorded of claims, as the pure measures take it: six statements for any number."""

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce

from agencies.models import Unit
from requests.catalogue.kinds import INSPECTIONS
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.figures.measures import Happening, Job, Pledge, Story, is_assisted
from requests.promises.models import Promise
from requests.work_orders.models import WorkOrder

WHY = "facts of figures"


@cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone; the landlord's when the unit has none."""
    return ZoneInfo(name or settings.TIME_ZONE)


def read(keys: Collection[UUID]) -> dict[UUID, Story]:
    """Return the stories of the claims with these keys; inspections have none, nobody asked."""
    zones = dict(Unit.objects.values_list("pk", "time_zone"))
    happenings: dict[UUID, list[Happening]] = defaultdict(list)
    for claim, name, at, role, proposed in (
        ClaimEvent.objects.system(WHY)
        .filter(claim__in=keys)
        .order_by("at", "pk")
        .values_list("claim_id", "name", "at", "role", "facts__proposed")
    ):
        kept = proposed.get("kept") if isinstance(proposed, dict) else None
        happenings[claim].append(Happening(name, at, role, kept))
    pledges: dict[UUID, list[Pledge]] = defaultdict(list)
    for claim, due, kept_at, ended in Promise.objects.filter(claim__in=keys).values_list(
        "claim_id", "due_at", "kept_at", "ended_at"
    ):
        if due:  # without a date while the clock is paused
            pledges[claim].append(Pledge(due, kept_at, ended))
    jobs: dict[UUID, list[Job]] = defaultdict(list)
    for claim, contractor, trade, sent, done in (
        WorkOrder.objects.system(WHY)
        .filter(claim__in=keys, sent_at__isnull=False, done_at__isnull=False)
        .values_list("claim_id", "contractor_id", "contract__trade__code", "sent_at", "done_at")
    ):
        jobs[claim].append(Job(contractor, trade or "", sent, done))
    found = {}
    for row in (
        Claim.objects.system(WHY)
        .filter(pk__in=keys)
        .exclude(category__family__code=INSPECTIONS)
        .values(
            "pk",
            "filed_at",
            "channel",
            "residence",
            "building",
            place=Coalesce("residence__unit", "owner__unit"),
            district=F("residence__priority_district"),
            neighbourhood=F("residence__district"),
            code=F("category__code"),
            family=F("category__family__code"),
        )
    ):
        key = row["pk"]
        found[key] = Story(
            filed=row["filed_at"],
            zone=zone(zones.get(row["place"], "")),
            happenings=happenings[key],
            pledges=pledges[key],
            jobs=jobs[key],
            about={
                "unit": row["place"] or 0,
                "residence": row["residence"] or 0,
                "building": row["building"] or 0,
                "family": row["family"],
                "category": row["code"],
                "channel": row["channel"],
                "assisted": is_assisted(happenings[key]),
                "district": bool(row["district"]),
                "neighbourhood": row["neighbourhood"] or "",
            },
        )
    return found
