"""Order an inspection, and file what was found."""

from datetime import datetime
from typing import Any

from django.db import transaction

from agencies.models import Building, Contractor, Equipment, MaintenanceContract
from portal.actor import Actor
from requests.catalogue.kinds import INSPECTIONS, Kind
from requests.catalogue.models import Category, Family
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.inspections.queries import key_of
from requests.kit.choices import Channel, Responsible, State, Urgency
from requests.routing.actions import route_claim
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import WorkOrder
from requests.work_orders.rules import OrderProposal

CODE = f"{INSPECTIONS}-01"


FAMILY = {
    "label_fr": "Vérifications du patrimoine",
    "label_en": "Inspections of the stock",
    "tile": "other",
    "picto": "other",
    "position": 99,
}
# Not offered (``active``) to whoever files a request.
MATTER = {
    "label_fr": "Vérification",
    "label_en": "Inspection",
    "plain_language_fr": "Vérification demandée par le bailleur",
    "plain_language_en": "Inspection asked for by the landlord",
    "responsible": Responsible.LANDLORD,
    "urgency": Urgency.A3,
    "ack_hours": 48,
    "resolve_days": 15,
    "handled_by": "agency_technical",
    "asset": "building",
    "tile": "other",
    "active": False,
}


def category() -> Category:
    """Return the matter of all inspections; the first one writes it."""
    family, _new = Family.objects.get_or_create(code=INSPECTIONS, defaults=FAMILY)
    found, _new = Category.objects.get_or_create(code=CODE, defaults={"family": family, **MATTER})
    return found


def place_of(place: Any) -> dict[str, Any]:
    """Return a place as a filing names it; equipment by its street door or building, and label."""
    if not isinstance(place, Equipment):
        return {type(place).__name__.lower(): place.pk}
    where = {"staircase": place.staircase_id} if place.staircase_id else {}
    return {**(where or {"building": place.building_id}), "place_note": place.label}


def unfiled(place: Any) -> Claim:
    """Return the request that an inspection of ``place`` would be, to ask contracts about it."""
    building: Building | None = None
    staircase = None
    if isinstance(place, Equipment):
        building, staircase = place.building, place.staircase
    elif isinstance(place, Building):
        building = place
    elif hasattr(place, "building"):
        building, staircase = place.building, place
    residence = building.residence if building else place
    known = Category.objects.select_related("family").filter(code=CODE).first()
    matter = known or Category(code=CODE, family=Family(code=INSPECTIONS, **FAMILY), **MATTER)
    return Claim(
        category=matter,
        urgency=matter.urgency,
        residence=residence,
        building=building,
        staircase=staircase,
    )


@transaction.atomic
def order_inspection(
    *,
    place: Any,
    key: str,
    contractor: Contractor,
    contract: MaintenanceContract | None,
    description: str,
    proposal: OrderProposal,
    actor: Actor,
    now: datetime,
) -> WorkOrder:
    """File an inspection of ``place``, take it in charge, and send its order.

    ``key`` (a UUID of the form) makes a repeat harmless: the order sent first is returned. Nobody
    lives in what is inspected, so no message goes to a tenant. Raises TooExpensive, KeyReused.
    """
    filing = Filing(
        channel=Channel.WEB, key=key_of(place, key), category=category().code, **place_of(place)
    )
    claim = file_claim(filing, actor=actor, now=now)
    if sent := WorkOrder.objects.system("inspection").filter(claim=claim).first():
        return sent
    route_claim(claim_id=claim.pk, now=now)
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=actor, now=now)
    order = create_order(
        claim=claim,
        contractor=contractor,
        contract=contract,
        description=description,
        payer=proposal.payer,
        why=proposal.why,
        respond_by=proposal.respond_by,
        actor=actor,
        now=now,
    )
    send_order(order=order, actor=actor, now=now)
    return order


def may_file_report(claim: Claim) -> bool:
    """Return whether the company has said what it found, and nobody has filed that yet."""
    return claim.state == State.DONE and claim.category.kind == Kind.INSPECTION


@transaction.atomic
def file_report(
    *, claim: Claim, text: str, actor: Actor, now: datetime, version: int | None = None
) -> ClaimEvent:
    """Close an inspection whose report was read; ``text`` says what follows. Raises NotAllowed."""
    if not may_file_report(claim):
        raise workflow.NotAllowed("no report of an inspection waits")
    return advance(
        claim=claim,
        transition=Event.CLOSE_UNANSWERED,
        actor=actor,
        version=version,
        now=now,
        text=text,
    )
