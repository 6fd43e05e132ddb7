"""Find the step that the rules propose for a claim, and the order it would place."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone, translation

from agencies import landlord
from agencies.models import Contractor, Desk, MaintenanceContract, Unit
from portal.models import User
from portal.templatetags.palier import clock, day
from portal.templatetags.palier import moment as moment_text
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, Urgency
from requests.promises import deadlines
from requests.promises.working_time import calendar_of
from requests.proposals import custom_rules
from requests.proposals.rules import Proposal, Situation, propose
from requests.routing import Rule
from requests.routing.actions import routing_input
from requests.routing.forms import IN_AGENCY
from requests.routing.rule_actions import active_rules, as_row
from requests.work_orders.order_proposal import propose_for
from requests.work_orders.rules import OrderProposal

MISSED = {"voicemail", "no_answer", "wrong"}


def proposal_for(
    claim: Claim, user: User, events: Iterable[ClaimEvent], moment: datetime
) -> Proposal | None:
    """Return what is proposed for an open claim at ``moment``, in the tenant's language.

    ``events`` are those of the claim, oldest first; the landlord's own rules come first.
    """
    if claim.state in ENDED:
        return None
    unit = claim.residence.unit if claim.residence else claim.owner.unit if claim.owner else None
    since, calls = claim.filed_at, 0
    for event in events:
        if event.before and event.before.get("state") != event.state:
            since, calls = event.at, 0
        if event.name == Event.CALLED:
            calls = calls + 1 if event.facts.get("outcome") in MISSED else 0
    calendar = calendar_of(unit, timezone.localdate(moment)) if unit else None
    urgent = claim.urgency in CALENDAR_URGENCIES
    slot = promise = None
    if calendar and calendar.hours:
        length = timedelta(hours=2)
        ahead = timedelta(hours=1) if urgent else timedelta(days=1)
        slot = deadlines.free_slot(moment + ahead, length, calendar)
        promise = deadlines.promise(
            moment, claim.urgency, float(claim.category.ack_hours), calendar
        )
    with translation.override(claim.language):
        situation = Situation(
            state=claim.state,
            what=str(claim.category),
            who=user.first_name or str(user),
            unit=unit.name if unit else "",
            phone=(unit.phone if unit else "") or landlord.current().phone,
            responsible=claim.category.responsible,
            administrative=claim.urgency in {Urgency.A1, Urgency.A2, Urgency.A3, Urgency.A4},
            at_home=claim.category.asset == "dwelling",
            late=bool(claim.promise_at and claim.promise_at < moment),
            asked=any(event.name == Event.ASK for event in events),
            promise=moment_text(claim.promise_at),
            next_promise_at=promise,
            next_promise=moment_text(promise),
            slot_at=slot,
            slot_until=slot + timedelta(hours=2) if slot else None,
            slot=slot_words(slot, slot + timedelta(hours=2)) if slot else "",
            visited=bool(claim.visit_at and (claim.visit_until or claim.visit_at) < moment),
            days=(moment - since).days,
            calls=calls,
        )
        done = {event.name for event in events}
        found = custom_proposal(claim, situation, calendar=calendar, done=done, moment=moment)
        return found or propose(situation)


def slot_words(start: datetime, end: datetime) -> str:
    """Return the day and its two hours: « jeudi 27 novembre, entre 8 h et 10 h »."""
    return translation.gettext("%(day)s, between %(start)s and %(end)s") % {
        "day": day(start),
        "start": clock(start),
        "end": clock(end),
    }


def custom_proposal(
    claim: Claim,
    situation: Situation,
    *,
    calendar: deadlines.Calendar | None,
    done: Iterable[str],
    moment: datetime,
) -> Proposal | None:
    """Return the first possible step that a landlord's rule proposes, or None.

    ``done`` holds the names of the claim's events; ``moment`` is aware.
    """
    if situation.state not in custom_rules.FIRST_STATES or calendar is None:
        return None
    unit = claim.residence.unit if claim.residence else None
    rows = [as_row(rule) for rule in active_rules(unit, proposing=True)]
    if not rows:
        return None
    looked_at = routing_input(
        category=claim.category,
        urgency=claim.urgency,
        residence=claim.residence,
        calendar=calendar,
        now=moment,
        channel=claim.channel,
        tenant=claim.tenant,
    )
    for row in custom_rules.matching_rules(rows, looked_at):
        possible = _step_options(row, claim, calendar, frozenset(done), moment)
        if found := custom_rules.propose(row, situation, possible):
            return found
    return None


def order_of(row: Rule, claim: Claim, moment: datetime) -> OrderProposal:
    """Return the order that ``row`` proposes: by its trade's contract, else by the closest one."""
    return propose_for(claim, now=moment, trade=row.outcome.get("with", ""))


def _step_options(row, claim, calendar, done, moment) -> custom_rules.StepOptions:
    step, more = row.outcome.get("propose"), row.outcome.get("with", "")
    taken = set()
    if "hand_over" in done:
        taken.add("hand_over")
    if step == "order":
        # A confidential claim's order is written by a person: the contractor reads none of it.
        if claim.is_confidential or claim.orders.exists():
            return custom_rules.StepOptions(done=frozenset({"order"}))
        made = order_of(row, claim, moment)
        contractor = None
        if made.contractor:
            contractor = Contractor.objects.filter(pk=made.contractor).first()
        there_by = made.respond_by
        if within := row.outcome.get("within"):
            asked = deadlines.promise(moment, claim.urgency, within, calendar)
            there_by = min(asked, there_by) if asked else there_by
        return custom_rules.StepOptions(
            contractor=contractor.name if contractor else "",
            there_by=there_by,
            there_by_words=moment_text(there_by),
        )
    if step == "photo" and claim.attachments.exists():
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
    contract = MaintenanceContract.objects.filter(pk=made.contract).first()
    return contract if contract and contract.contractor_id == made.contractor else None
