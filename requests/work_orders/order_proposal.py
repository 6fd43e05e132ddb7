"""Propose an order for a claim, from the contracts in the database."""

from datetime import datetime

from agencies.models import Equipment, MaintenanceContract, OnCallDuty, Unit
from requests.claims import equipment
from requests.claims.models import Claim
from requests.promises import deadlines
from requests.routing.actions import calendar_of
from requests.work_orders import rules as order_rules


def terms_of(contract: MaintenanceContract) -> order_rules.ContractTerms:
    """Return the contract as plain data; prefetch its places and commitments first."""
    return order_rules.ContractTerms(
        id=contract.pk,
        contractor=contract.contractor_id,
        trade=contract.trade_id,
        starts=contract.starts,
        ends=contract.ends,
        families=frozenset(contract.families),
        categories=frozenset(contract.categories),
        equipment_kinds=frozenset(contract.equipment_kinds),
        units=frozenset(u.pk for u in contract.units.all()),
        residences=frozenset(r.pk for r in contract.residences.all()),
        buildings=frozenset(b.pk for b in contract.buildings.all()),
        always=contract.hours == MaintenanceContract.Hours.ALWAYS,
        flat_fee=contract.flat_fee,
        spend_limit=contract.spend_limit,
        commitments={c.urgency: c.hours for c in contract.commitments.all()},
    )


def equipment_of(claim: Claim) -> Equipment | None:
    """Return the piece of equipment that a collective fault is about, if any."""
    if claim.building is None:
        return None
    return equipment.find_equipment(claim, claim.building.equipment.all())


def propose_for(
    claim: Claim, *, now: datetime, worn: bool = False, trade: str = ""
) -> order_rules.OrderProposal:
    """Return the proposal for ``claim`` at ``now``; ``trade`` (a code) limits it to one trade.

    ``worn``: the thing is worn out by age. Raises ValueError if the unit never opens.
    """
    unit = claim.residence.unit if claim.residence else None
    house = unit or Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    calendar = calendar_of(house, now.date())
    equipment = equipment_of(claim)
    facts = order_rules.OrderInput(
        category=claim.category.code,
        family=claim.category.family.code,
        urgency=claim.urgency,
        responsible=claim.category.responsible,
        at=now,
        open=deadlines.is_open(now, calendar),
        equipment=equipment.kind if equipment else None,
        unit=unit.pk if unit else None,
        residence=claim.residence_id,
        building=claim.building_id,
        worn=worn,
        resolve_hours=float(claim.category.resolve_days) * 24,
    )
    contracts = MaintenanceContract.objects.filter(contractor__active=True).prefetch_related(
        "units", "residences", "buildings", "commitments"
    )
    if trade:
        contracts = contracts.filter(trade__code=trade)
    duties = OnCallDuty.objects.filter(starts__lte=now, ends__gt=now)
    return order_rules.propose(
        facts,
        [terms_of(contract) for contract in contracts],
        calendar,
        [order_rules.Duty(d.trade_id, d.contractor_id, d.unit_id) for d in duties],
    )
