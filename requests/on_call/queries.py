"""What somebody on call must see at a glance. Read only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from agencies.models import Contractor, Desk, MaintenanceContract, OnCallDuty, OnCallRung
from portal import phones
from requests.catalogue.danger_help import DangerHelp, help_for
from requests.claims.models import Claim
from requests.dangers import rings
from requests.dangers.ladder import Rung, in_force, rung_of
from requests.dangers.lists import danger_condition, is_danger, order_of_dangers
from requests.kit.choices import OPEN, State
from requests.notifications.models import Delivery
from requests.promises import deadlines
from requests.promises.working_time import calendar_of
from requests.work_orders.order_proposal import propose_for
from requests.work_orders.rules import OrderProposal

MOST = 40
SILENT = (Delivery.State.FAILED, Delivery.State.SUPPRESSED, Delivery.State.DROPPED)


def open_now(membership) -> list[Claim]:
    """Return what is open for the on-call desk, and every danger; dangers first, then by promise.

    Nothing of the desks that answer in working hours.
    """
    mine = Q(owner__kind=Desk.Kind.ON_CALL, state__in=OPEN - {State.DONE})
    rows = list(
        Claim.objects.visible_to(membership)
        .filter(mine | danger_condition())
        .select_related(
            "category", "tenant", "residence", "staircase", "dwelling__staircase", "owner__unit"
        )
        .order_by(order_of_dangers(), "promise_at", "filed_at")[:MOST]
    )
    for claim in rows:
        claim.in_danger = is_danger(claim)
        claim.place = claim.dwelling or claim.staircase or claim.residence or claim.place_note
    return rows


@dataclass(frozen=True)
class Ladder:
    """Who is rung now, for one unit or for all (``unit`` "")."""

    unit: str
    rungs: list[Rung]


def ladders(now: datetime) -> list[Ladder]:
    """Return the ladders that count at ``now``: the landlord's, then those of units."""
    by_unit: dict = {}
    for row in OnCallRung.objects.select_related("unit").order_by("unit__name", "position", "pk"):
        by_unit.setdefault(row.unit, []).append(
            Rung(row.name, phones.to_e164(row.phone), row.minutes, row.hours)
        )
    found = []
    for unit, rungs in by_unit.items():
        is_open = unit is not None and deadlines.is_open(now, calendar_of(unit, now.date()))
        found.append(Ladder(str(unit or ""), in_force(rungs, unit_open=is_open)))
    return sorted(found, key=lambda ladder: ladder.unit)


def duties(now: datetime) -> list[OnCallDuty]:
    """Return which company answers for which trade at ``now``."""
    rows = OnCallDuty.objects.filter(starts__lte=now, ends__gt=now, contractor__active=True)
    return list(rows.select_related("trade", "contractor", "unit").order_by("trade__label_fr"))


@dataclass(frozen=True)
class Ring:
    """One step of the ladder for one claim: who, the number, when they were rung."""

    name: str
    phone: str
    rung_at: datetime | None
    reached: bool
    next: bool


def ladder_of(claim: Claim, now: datetime) -> list[Ring]:
    """Return the people of the claim's ladder: who was rung, and who is next."""
    rungs = rings.rungs_for(claim, now)
    sent = Delivery.objects.of(claim=claim).filter(kind=Delivery.Kind.DANGER)
    made = {row.facts.get("number"): row for row in sent}
    coming = rung_of(rungs, max(made, default=-1) + 1)
    found = []
    for place, rung in enumerate(rungs):
        rows = [row for number, row in made.items() if number % len(rungs) == place]
        last = max(rows, key=lambda row: row.created_at, default=None)
        found.append(
            Ring(
                rung.name,
                rung.phone,
                last.created_at if last else None,
                last is not None and last.state not in SILENT,
                rung is coming,
            )
        )
    return found


def script_of(claim: Claim) -> DangerHelp | None:
    """Return whom to call and what to say first; None for what is no danger."""
    return help_for(claim.category.code) if is_danger(claim) else None


@dataclass(frozen=True)
class Emergency:
    """The order that the contract in force proposes now: to whom, under what, until when."""

    made: OrderProposal
    contractor: Contractor
    contract: MaintenanceContract | None


def emergency_order(claim: Claim, now: datetime) -> Emergency | None:
    """Return what may be ordered now, from the contracts and duties in force; None: nobody is."""
    if claim.state not in OPEN:
        return None
    made = propose_for(claim, now=now)
    contractor = Contractor.objects.filter(pk=made.contractor or 0, active=True).first()
    if contractor is None:
        return None
    contract = MaintenanceContract.objects.filter(pk=made.contract or 0).first()
    return Emergency(made, contractor, contract)
