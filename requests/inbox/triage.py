"""Correct a claim: another category or urgency, its place, its tenant; then route it again."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from agencies.models import Dwelling, Membership, Residence, Staircase
from portal.actor import Actor
from portal.database.related_rows import kept
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.claims.workflow import NotAllowed
from requests.kit.choices import OPEN
from requests.routing import actions as routing
from requests.work_orders.workflow import ENDED as ORDER_ENDED
from tenants.models import Tenant


def _plan_again(
    claim: Claim, category: Category, urgency: str, residence: Residence | None, now: datetime
) -> routing.Plan:
    """Return where the corrected claim goes. A promise already given is never moved to later."""
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
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Set another category or urgency, with the reason; the event records the former ones.

    Raises what ``advance`` raises.
    """
    old = claim.category
    residence = claim.residence
    planned = _plan_again(claim, category, urgency, residence, now)
    stored = routing.store(claim, planned, now)
    return advance(
        claim=claim,
        transition=Event.RECLASSIFY,
        actor=actor,
        version=version,
        now=now,
        changes={
            "category_id": category.pk,
            "urgency": urgency,
            "danger": "",
            "owner_id": planned.desk.pk,
        },
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
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> ClaimEvent:
    """Link the claim to a place of the register and route it again.

    Raises what ``advance`` raises.
    """
    dwelling, staircase, building = None, None, None
    if isinstance(place, Residence):
        residence = place
    else:
        dwelling = place if isinstance(place, Dwelling) else None
        staircase = place.staircase if isinstance(place, Dwelling) else place
        building = staircase.building
        residence = building.residence
    planned = _plan_again(claim, claim.category, claim.urgency, residence, now)
    stored = routing.store(claim, planned, now)
    return advance(
        claim=claim,
        transition=Event.RELOCATE,
        actor=actor,
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
    *,
    claim: Claim,
    tenant: Tenant,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    learn: bool = False,
) -> ClaimEvent:
    """Say which person of the register this is. Raises what ``advance`` raises.

    ``learn``: they wrote it themselves, and are known by that number or address from now on.
    """
    return advance(
        claim=claim,
        transition=Event.IDENTIFY,
        actor=actor,
        version=version,
        now=now,
        changes={"tenant_id": tenant.pk},
        tenant=str(tenant.pk),
        learn=learn,
    )


@transaction.atomic
def identify_together(
    *, claim: Claim, others: Collection[Claim], tenant: Tenant, actor: Actor, now: datetime, **how
) -> list[ClaimEvent]:
    """Say who filed ``claim`` and ``others``, an event each; ``how`` as for ``identify``.

    What somebody else linked or ended meanwhile stays as it is. Raises what ``advance`` raises
    for ``claim``.
    """
    ids = [claim.pk, *(other.pk for other in others)]
    rows = Claim.objects.system("linking a sender").select_for_update(of=("self",))
    fresh = {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}
    events = [identify(claim=claim, tenant=tenant, actor=actor, now=now, **how)]
    for other in others:
        if fresh[other.pk].tenant_id is None and fresh[other.pk].state in OPEN:
            events.append(identify(claim=other, tenant=tenant, actor=actor, now=now))
    return events


def same_person(claim: Claim, membership: Membership) -> list[Claim]:
    """Return the open claims of the same person that ``membership`` sees, to merge this one into.

    Nobody else's: mail to the merged one goes on in the other, and must reveal nothing. None at all
    while an order of this one runs.
    """
    if any(order.state not in ORDER_ENDED for order in claim.orders.all()):
        return []
    if claim.tenant_id and kept(claim, "of_the_same") == []:
        return []
    who = Q(tenant=claim.tenant_id) if claim.tenant_id else Q(pk=None)
    if not claim.tenant_id and claim.contact_email:
        who = Q(tenant=None, contact_email__iexact=claim.contact_email)
    elif not claim.tenant_id and claim.contact_phone:
        who = Q(tenant=None, contact_phone=claim.contact_phone)
    found = Claim.objects.visible_to(membership).filter(who, state__in=OPEN)
    return list(found.exclude(pk=claim.pk).select_related("category").order_by("-filed_at")[:20])


@transaction.atomic
def merge(
    *, claim: Claim, into: Claim, actor: Actor, now: datetime, version: int | None = None
) -> ClaimEvent:
    """End ``claim`` in favour of ``into``, an open one of the same person.

    Raises ``NotAllowed`` for any other, and what advance raises.
    """
    # Lock both, always in one order, so that neither is merged away meanwhile.
    ids = [claim.pk, into.pk]
    list(
        Claim.objects.system("merge")
        .select_for_update(of=("self",))
        .filter(pk__in=ids)
        .order_by("pk")
    )
    if into.pk not in [other.pk for other in same_person(claim, actor.membership)]:
        raise NotAllowed("not an open claim of the same person")
    return advance(
        claim=claim,
        transition=Event.MERGE,
        actor=actor,
        version=version,
        now=now,
        into=str(into.pk),
        other=into.spoken_reference,
    )
