"""Find the step that the rules propose for a claim, and the order it would place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone, translation

from agencies import landlord
from agencies.models import Contractor, Desk, MaintenanceContract, Membership, Unit
from agencies.unit_names import Article
from portal.access import Role
from requests.catalogue.kinds import Kind
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import CALENDAR_URGENCIES, EMERGENCIES, ENDED, Urgency
from requests.notifications.events import date_words, visit_words
from requests.promises import deadlines
from requests.promises.deadlines import full_minute
from requests.promises.outlook import Outlook
from requests.promises.working_time import calendar_of
from requests.proposals import custom_rules
from requests.proposals.rules import Proposal, Situation
from requests.routing import Rule as Row
from requests.routing.actions import routing_input
from requests.routing.expected_date import outlook_of
from requests.routing.forms import IN_AGENCY
from requests.routing.house_proposals import HOUSE
from requests.routing.rule_actions import as_row, proposing_rules
from requests.work_orders.open_slots import needs_somebody_home
from requests.work_orders.order_proposal import contract_named, propose_for
from requests.work_orders.rules import OrderProposal
from requests.work_orders.workflow import TO_DO, OrderState

MISSED = {"voicemail", "no_answer", "wrong"}
VISIT = timedelta(hours=2)
BY_CONTRACT = "contract"  # the key of an order that no written rule proposes


@dataclass(frozen=True)
class Work:
    """What is under way for a claim besides its own steps.

    ``contractor`` has the order, and is there before ``limit``; ``choosing``: the tenant was
    offered dates; ``incident``: it is dealt with together with others.
    """

    contractor: str = ""
    limit: datetime | None = None
    choosing: bool = False
    incident: bool = False


def is_grouped(claim: Claim) -> bool:
    """Return whether the claim is dealt with together with others."""
    member = getattr(claim, "in_incident", None)
    return member is not None and member.incident.closed_at is None


def work_of(claim: Claim) -> Work:
    """Return the order to do, the dates offered and the incident of a claim."""
    incident = is_grouped(claim)
    to_do = [order for order in claim.orders.all() if order.state in TO_DO]
    if not to_do:
        return Work(incident=incident)
    order = max(to_do, key=lambda order: order.number)
    offered = any(offer.closed_at is None for offer in order.offers.all())
    choosing = offered and order.state == OrderState.SENT
    return Work(order.contractor.name, order.respond_by, choosing, incident)


def owned_by(claim: Claim, membership: Membership) -> bool:
    """Return whether the member's unit has the claim now, or may act for who has it."""
    if claim.owner is None or claim.owner.unit_id == membership.unit_id:
        return True
    if membership.role == Role.ON_CALL and claim.urgency in CALENDAR_URGENCIES:
        return True
    return Claim.objects.lent_to(membership.unit_id).filter(pk=claim.pk).exists()


def proposal_for(
    claim: Claim,
    membership: Membership,
    events: Iterable[ClaimEvent],
    moment: datetime,
    *,
    outlook: Outlook | None = None,
) -> Proposal | None:
    """Return what is proposed for an open claim at ``moment``, in the tenant's language.

    ``events`` are those of the claim, oldest first; the landlord's own rules come before the
    built-in ones. Nothing is proposed to a unit that handed the claim over. ``outlook`` is the
    claim's at ``moment``, where the caller has it.
    """
    if claim.state in ENDED or not owned_by(claim, membership):
        return None
    if claim.category.kind == Kind.INSPECTION:  # what is proposed is written to tenants
        return None
    unit = claim.residence.unit if claim.residence else claim.owner.unit if claim.owner else None
    calendar = calendar_of(unit, timezone.localdate(moment)) if unit else None
    rows = [as_row(rule) for rule in proposing_rules(unit)]
    if not rows:
        return None
    done = frozenset(event.name for event in events)
    with translation.override(claim.language):
        situation = situation_of(
            claim, membership, events, moment, unit=unit, calendar=calendar, outlook=outlook
        )
        for row in _matching(rows, claim, calendar, moment):
            possible = custom_rules.StepOptions()
            if row.outcome.get("propose") != HOUSE:
                if calendar is None or claim.state not in custom_rules.FIRST_STATES:
                    continue
                possible = _step_options(row, claim, calendar, done, moment)
            if found := custom_rules.propose(row, situation, possible):
                return found
    return None


def situation_of(
    claim: Claim,
    membership: Membership,
    events: Iterable[ClaimEvent],
    moment: datetime,
    *,
    unit: Unit | None,
    calendar: deadlines.Calendar | None,
    outlook: Outlook | None = None,
) -> Situation:
    """Return what the rules read of a claim; its texts are in the active language."""
    since, calls, spoken, visit_set = claim.filed_at, 0, False, False
    for event in events:
        if event.before and event.before.get("state") != event.state:
            since, calls, spoken = event.at, 0, False
        if event.name in {Event.PLAN, Event.UNPLAN}:
            visit_set = event.name == Event.PLAN
        if event.name == Event.CALLED:
            missed = event.facts.get("outcome") in MISSED
            calls, spoken = (calls + 1 if missed else 0), True
    work, outlook = work_of(claim), outlook or outlook_of(claim, moment)
    slot = next_promise = promise = None
    if calendar and calendar.hours:
        ahead = timedelta(hours=1) if claim.urgency in CALENDAR_URGENCIES else timedelta(days=1)
        slot = deadlines.free_slot(moment + ahead, VISIT, calendar)
    if outlook:
        promise = outlook.after(Event.TAKE_CHARGE)
        next_promise = outlook.first_answer()
        if work.limit and moment < work.limit < next_promise:
            next_promise = full_minute(outlook.nearest_attended(work.limit))
    user = membership.user
    return Situation(
        state=claim.state,
        what=str(claim.category),
        who=user.first_name or str(user),
        unit=unit.name if unit else "",
        article=unit.article if unit else Article.AUTOMATIC,
        phone=(unit.phone if unit else "") or landlord.current().phone,
        responsible=claim.category.responsible,
        administrative=claim.urgency in {Urgency.A1, Urgency.A2, Urgency.A3, Urgency.A4},
        at_home=needs_somebody_home(claim),
        danger=claim.urgency in EMERGENCIES,
        spoken=spoken,
        ordered=bool(work.contractor),
        visit_set=visit_set and claim.visit_at is not None and claim.visit_at > moment,
        incident=work.incident,
        late=bool(claim.promise_at and claim.promise_at < moment),
        asked=any(event.name == Event.ASK for event in events),
        promise_at=promise,
        promise=date_words(promise),
        next_promise_at=next_promise,
        next_promise=date_words(next_promise),
        slot_at=slot,
        slot_until=slot + VISIT if slot else None,
        slot=visit_words(slot, slot + VISIT) if slot else "",
        visited=bool(claim.visit_at and (claim.visit_until or claim.visit_at) < moment),
        days=(moment - since).days,
        calls=calls,
    )


def _matching(
    rows: list[Row], claim: Claim, calendar: deadlines.Calendar | None, moment: datetime
) -> Iterable[Row]:
    """Return the rows whose conditions hold, in order; reads the facts only when a row asks."""
    if not any(row.conditions or row.unit for row in rows):
        return rows
    if calendar is None:
        return [row for row in rows if not row.conditions and not row.unit]
    looked_at = routing_input(
        category=claim.category,
        urgency=claim.urgency,
        residence=claim.residence,
        calendar=calendar,
        now=moment,
        channel=claim.channel,
        tenant=claim.tenant,
    )
    return custom_rules.matching_rules(rows, looked_at)


def order_of(row: Row, claim: Claim, moment: datetime) -> OrderProposal:
    """Return the order that ``row`` proposes: by its trade's contract, else by the closest one."""
    return propose_for(claim, now=moment, trade=row.outcome.get("with", ""))


def order_by_contract(
    claim: Claim, membership: Membership, moment: datetime, made: OrderProposal | None = None
) -> Proposal | None:
    """Return the order under the contract that covers the claim; None without a contract.

    None also once something was ordered, or where an incident is dealt with as a whole. In the
    tenant's language; ``made`` is what the contracts propose to a claim without orders, where the
    caller has it.
    """
    first = claim.state in custom_rules.FIRST_STATES and owned_by(claim, membership)
    if not first or claim.is_confidential or (made is None and claim.orders.all()):
        return None
    made = made or propose_for(claim, now=moment)
    contract = contract_of(made)
    if contract is None or is_grouped(claim):
        return None
    there_by = full_minute(made.respond_by)
    with translation.override(claim.language):
        found = custom_rules.propose_order(
            str(claim.category),
            custom_rules.StepOptions(
                contractor=contract.contractor.name,
                there_by=there_by,
                there_by_words=date_words(there_by),
            ),
        )
    return found and replace(found, rule=str(contract), key=BY_CONTRACT)


def _step_options(row, claim, calendar, done, moment) -> custom_rules.StepOptions:
    step, more = row.outcome.get("propose"), row.outcome.get("with", "")
    taken = set()
    if "hand_over" in done:
        taken.add("hand_over")
    if step == "order":
        # A confidential claim's order is written by a person: the contractor reads none of it.
        if claim.is_confidential or claim.orders.all():
            return custom_rules.StepOptions(done=frozenset({"order"}))
        made = order_of(row, claim, moment)
        contractor = None
        if made.contractor:
            contractor = Contractor.objects.filter(pk=made.contractor).first()
        there_by = made.respond_by
        if within := row.outcome.get("within"):
            asked = deadlines.due_date(moment, claim.urgency, within, calendar)
            there_by = min(asked, there_by)
        there_by = full_minute(there_by)
        return custom_rules.StepOptions(
            contractor=contractor.name if contractor else "",
            there_by=there_by,
            there_by_words=date_words(there_by),
        )
    if step == "photo" and claim.attachments.all():
        taken.add("photo")
    desk = None
    if step == "hand_over":
        desks = Desk.objects.filter(kind=more).exclude(pk=claim.owner_id).select_related("unit")
        if more in IN_AGENCY:
            unit = claim.residence.unit_id if claim.residence else None
            desk = desks.filter(unit=unit).first()
        else:
            desk = desks.filter(unit__kind=Unit.Kind.HEAD_OFFICE).first()
    return custom_rules.StepOptions(
        desk=desk.pk if desk else None,
        desk_name=str(desk) if desk else "",
        done=frozenset(taken),
    )


def contract_of(made: OrderProposal) -> MaintenanceContract | None:
    """Return the contract of a proposed order if its own contractor is proposed, else None."""
    if made.contract is None:
        return None
    contract = contract_named(made.contract)
    return contract if contract and contract.contractor_id == made.contractor else None
