"""Putting a claim right: another category or urgency, its place, its tenant; then routed again."""

from datetime import datetime

from django.db import transaction

from agencies.models import Dwelling, Residence, Staircase
from requests.actions import routing
from requests.actions._advance import advance
from requests.models import Category, Claim, ClaimEvent
from tenants.models import Tenant


def _again(claim: Claim, category: Category, urgency: str, residence, now: datetime):
    """Where the corrected claim goes. A promise already given is never put off."""
    return routing.plan(
        category=category,
        urgency=urgency,
        residence=residence,
        since=claim.filed_at,
        now=now,
        channel=claim.channel,
        tenant=claim.tenant,
    )


@transaction.atomic
def reclassify(
    *,
    claim: Claim,
    category: Category,
    urgency: str,
    reason: str,
    membership,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Another category or urgency, with its reason; what it was stays in the event.

    Raises what ``advance`` raises.
    """
    old = claim.category
    residence = claim.residence
    planned = _again(claim, category, urgency, residence, now)
    stored = routing.store(claim, planned, now)
    return advance(
        claim=claim,
        transition="reclassify",
        membership=membership,
        version=version,
        now=now,
        changes={"category_id": category.pk, "urgency": urgency, "owner_id": planned.desk.pk},
        category=category.code,
        urgency=urgency,
        was=old.code,
        reason=reason,
        desk=planned.desk.pk,
        decision=stored.pk,
    )


@transaction.atomic
def relocate(
    *,
    claim: Claim,
    place: Dwelling | Staircase | Residence,
    membership,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Link the claim to a place of the register and route it again. Raises what advance raises."""
    dwelling = place if isinstance(place, Dwelling) else None
    staircase = dwelling.staircase if dwelling else place if isinstance(place, Staircase) else None
    building = staircase.building if staircase else None
    residence = building.residence if building else place
    planned = _again(claim, claim.category, claim.urgency, residence, now)
    stored = routing.store(claim, planned, now)
    return advance(
        claim=claim,
        transition="relocate",
        membership=membership,
        version=version,
        now=now,
        changes={
            "dwelling_id": dwelling.pk if dwelling else None,
            "staircase_id": staircase.pk if staircase else None,
            "building_id": building.pk if building else None,
            "residence_id": residence.pk,
            "owner_id": planned.desk.pk,
        },
        place=str(place),
        desk=planned.desk.pk,
        decision=stored.pk,
    )


def identify(
    *, claim: Claim, tenant: Tenant, membership, now: datetime, version: int | None = None
) -> ClaimEvent:
    """Say which person of the register this is. Raises what ``advance`` raises."""
    return advance(
        claim=claim,
        transition="identify",
        membership=membership,
        version=version,
        now=now,
        changes={"tenant_id": tenant.pk},
        tenant=str(tenant.pk),
    )
