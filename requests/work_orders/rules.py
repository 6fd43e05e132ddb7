"""Propose an order from a claim and the contracts in force, with the payer and the reason. Pure.

Upkeep is the tenant's by decree 87-712, except when the thing is worn out by age or dangerous. That
a repair is normally the tenant's is no refusal (docs/principles.md, C1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from requests.kit.choices import CALENDAR_URGENCIES, Responsible
from requests.promises import deadlines


class PayerReason(StrEnum):
    """The reason for the payer, as a code; ``forms.WHY`` has the texts."""

    BY_LAW = "by_law"
    IN_CONTRACT = "in_contract"
    NO_CONTRACT = "no_contract"
    NORMALLY_YOURS = "normally_yours"
    WORN = "worn"
    DANGER = "danger"
    SHARED = "shared"
    SOMEONE_ELSE = "someone_else"
    MAKE_SAFE = "make_safe"


@dataclass(frozen=True)
class OrderInput:
    """The facts of the claim. ``at`` is aware; ``open``: the agency is in its working hours."""

    category: str
    family: str
    urgency: str
    responsible: str
    at: datetime
    open: bool = True
    equipment: str | None = None
    unit: int | None = None
    residence: int | None = None
    building: int | None = None
    worn: bool = False
    resolve_hours: float = 120


@dataclass(frozen=True)
class ContractTerms:
    """One contract as plain data; empty places mean the whole stock. Dates are inclusive."""

    id: int
    contractor: int
    trade: int
    starts: date
    ends: date
    families: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    equipment_kinds: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()
    residences: frozenset[int] = frozenset()
    buildings: frozenset[int] = frozenset()
    always: bool = False
    flat_fee: bool = False
    spend_limit: Decimal = Decimal(0)
    commitments: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Duty:
    """The contractor on call for a trade now; ``unit`` None means everywhere."""

    trade: int
    contractor: int
    unit: int | None = None


@dataclass(frozen=True)
class OrderProposal:
    """The order that a person accepts or changes; ``contract`` None: no contract covers it."""

    contract: int | None
    contractor: int | None
    payer: str
    why: PayerReason
    emergency: bool
    spend_limit: Decimal
    respond_by: datetime


def _fault_rank(facts: OrderInput, terms: ContractTerms) -> int:
    """Return how closely the contract names the fault: 3 equipment, 2 category, 1 family, 0 not."""
    if facts.equipment and facts.equipment in terms.equipment_kinds:
        return 3
    if facts.category in terms.categories:
        return 2
    return 1 if facts.family in terms.families else 0


def _place_rank(facts: OrderInput, terms: ContractTerms) -> int:
    """Return how closely it names the place: 4 building, 3 residence, 2 unit, 1 stock, 0 not."""
    if facts.building in terms.buildings:
        return 4
    if facts.residence in terms.residences:
        return 3
    if facts.unit in terms.units:
        return 2
    return 0 if terms.units or terms.residences or terms.buildings else 1


def covering_contracts(
    facts: OrderInput, contracts: Iterable[ContractTerms]
) -> list[ContractTerms]:
    """Return the contracts in force that cover fault and place, the closest first."""
    day = facts.at.date()
    ranked = [
        ((_fault_rank(facts, terms), _place_rank(facts, terms)), terms)
        for terms in contracts
        if terms.starts <= day <= terms.ends
    ]
    covered = [(rank, terms) for rank, terms in ranked if all(rank)]
    return [terms for _rank, terms in sorted(covered, key=lambda r: (-r[0][0], -r[0][1], r[1].id))]


def _payer(facts: OrderInput, terms: ContractTerms | None, danger: bool) -> tuple[str, PayerReason]:
    """Return who pays, and why."""
    if terms and terms.flat_fee:
        return Responsible.CONTRACT, PayerReason.IN_CONTRACT
    if facts.responsible == Responsible.TENANT:
        if danger:
            return Responsible.LANDLORD, PayerReason.DANGER
        if facts.worn:
            return Responsible.LANDLORD, PayerReason.WORN
        return Responsible.TENANT, PayerReason.NORMALLY_YOURS
    if facts.responsible == Responsible.THIRD_PARTY:
        if danger:
            return Responsible.LANDLORD, PayerReason.MAKE_SAFE
        return Responsible.THIRD_PARTY, PayerReason.SOMEONE_ELSE
    if facts.responsible == Responsible.SHARED:
        return Responsible.SHARED, PayerReason.SHARED
    if facts.responsible == Responsible.CONTRACT and terms is None:
        return Responsible.LANDLORD, PayerReason.NO_CONTRACT
    return Responsible.LANDLORD, PayerReason.BY_LAW


def propose(
    facts: OrderInput,
    contracts: Iterable[ContractTerms],
    calendar: deadlines.Calendar,
    duties: Iterable[Duty] = (),
) -> OrderProposal:
    """Return contract, payer with the reason, and when the contractor must be there (UTC).

    Outside working hours an emergency goes to a day-and-night contract, else to the contractor on
    call for the trade of the covering contract. Raises ValueError if ``calendar`` never opens.
    """
    danger = facts.urgency in CALENDAR_URGENCIES
    emergency = danger and not facts.open
    found = covering_contracts(facts, contracts)
    terms = found[0] if found else None
    contractor = terms.contractor if terms else None
    if emergency and terms:
        day_and_night = next((c for c in found if c.always), None)
        if day_and_night:
            terms, contractor = day_and_night, day_and_night.contractor
        else:
            here = [d for d in duties if d.trade == terms.trade and d.unit in (facts.unit, None)]
            here.sort(key=lambda duty: duty.unit is None)
            contractor = here[0].contractor if here else contractor
    payer, why = _payer(facts, terms, danger)
    hours = terms.commitments.get(facts.urgency) if terms else None
    return OrderProposal(
        contract=terms.id if terms else None,
        contractor=contractor,
        payer=payer,
        why=why,
        emergency=emergency,
        spend_limit=terms.spend_limit if terms else Decimal(0),
        respond_by=deadlines.due_date(
            facts.at, facts.urgency, hours or facts.resolve_hours, calendar
        ),
    )
