"""Propose an order for a claim, from the contracts in the database."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from agencies.models import Commitment, Equipment, MaintenanceContract, OnCallDuty, Unit
from portal.memory import once, remember
from requests.claims import equipment as equipment_finder
from requests.claims.models import Claim
from requests.promises import deadlines
from requests.routing.actions import calendar_of
from requests.work_orders import rules as order_rules


def _contracts_at(claim: Claim) -> QuerySet[MaintenanceContract]:
    """Return the contracts that may cover the place of ``claim``: those of it, and of all stock.

    Each with its commitments and with what it names of this place alone: one statement, however
    many residences a contract names.
    """
    unit = claim.residence.unit_id if claim.residence else None
    here = {"units": unit, "residences": claim.residence_id, "buildings": claim.building_id}
    rows = MaintenanceContract.objects.filter(contractor__active=True)
    places: dict[str, Any] = {}
    covers = Q()
    everywhere = Q()
    for name, key in here.items():
        through = getattr(MaintenanceContract, name).through
        column = f"{name[:-1]}_id"
        named = through.objects.filter(maintenancecontract=OuterRef("pk"))
        places[f"{name}_here"] = ArraySubquery(named.filter(**{column: key}).values(column))
        covers |= Q(Exists(named.filter(**{column: key})))
        everywhere &= ~Q(Exists(named))
    promised = Commitment.objects.filter(contract=OuterRef("pk"))
    pair = JSONObject(urgency="urgency", hours="hours")
    return rows.filter(covers | everywhere).annotate(
        **places, promised=ArraySubquery(promised.values(pair=pair))
    )


def _terms_of(contract: Any) -> order_rules.ContractTerms:
    """Return a contract of ``_contracts_at`` as plain data."""
    return order_rules.ContractTerms(
        id=contract.pk,
        contractor=contract.contractor_id,
        trade=contract.trade_id,
        starts=contract.starts,
        ends=contract.ends,
        families=frozenset(contract.families),
        categories=frozenset(contract.categories),
        equipment_kinds=frozenset(contract.equipment_kinds),
        units=frozenset(contract.units_here),
        residences=frozenset(contract.residences_here),
        buildings=frozenset(contract.buildings_here),
        always=contract.hours == MaintenanceContract.Hours.ALWAYS,
        flat_fee=contract.flat_fee,
        spend_limit=contract.spend_limit,
        commitments={one["urgency"]: one["hours"] for one in contract.promised},
    )


def equipment_of(claim: Claim) -> Equipment | None:
    """Return the piece of equipment that a collective fault is about, if any."""
    if claim.building is None:
        return None
    return equipment_finder.find_equipment(claim, claim.building.equipment.all())


def _duties(now: datetime) -> Iterator[order_rules.Duty]:
    """Give who is on call at ``now``; asked only when an emergency comes outside working hours."""
    for duty in OnCallDuty.objects.filter(starts__lte=now, ends__gt=now):
        yield order_rules.Duty(duty.trade_id, duty.contractor_id, duty.unit_id)


def propose_for(
    claim: Claim,
    *,
    now: datetime,
    worn: bool = False,
    trade: str = "",
    equipment: Equipment | None = None,
) -> order_rules.OrderProposal:
    """Return the proposal for ``claim`` at ``now``; ``trade`` (a code) limits it to one trade.

    ``worn``: the thing is worn out by age. ``equipment``: what it is about, where the category
    does not say so. Raises ValueError if the unit never opens.
    """
    unit = claim.residence.unit if claim.residence else None
    house = unit or Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    calendar = calendar_of(house, now.date())
    named, equipment = equipment, equipment or equipment_of(claim)
    facts = order_rules.OrderInput(
        category=claim.category.code,
        family=equipment_finder.FAMILY_OF[named.kind] if named else claim.category.family.code,
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
    contracts = _contracts_at(claim).select_related("contractor")
    if trade:
        contracts = contracts.filter(trade__code=trade)
    found = list(contracts)
    made = order_rules.propose(
        facts, [_terms_of(contract) for contract in found], calendar, _duties(now)
    )
    for contract in found:
        if contract.pk == made.contract:
            remember(_key(contract.pk), contract)
    return made


def contract_named(key: int) -> MaintenanceContract | None:
    """Return a contract with its contractor; once a page."""
    rows = MaintenanceContract.objects.select_related("contractor").filter(pk=key)
    return once(_key(key), rows.first)


def _key(contract: int) -> tuple:
    return ("contract", contract)
