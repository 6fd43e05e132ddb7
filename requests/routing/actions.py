"""Route a claim: give it its desk and its promises, and store the reason; or only preview it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from agencies.models import Desk, Residence, Unit
from portal.actor import Actor
from portal.memory import reading_once
from requests.catalogue.models import Category
from requests.claims import effects
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import moved_date, record
from requests.promises import actions as promises
from requests.promises import deadlines
from requests.promises.store import is_on_call
from requests.promises.working_time import calendar_of
from requests.routing import Decision, RoutingInput, decide
from requests.routing.decision_models import RoutingDecision
from requests.routing.rule_actions import active_rules, as_row, record_failures
from tenants.models import Tenant


@dataclass(frozen=True)
class Plan:
    """The result of routing: the desk, the decision with its facts, the promised instant in UTC."""

    desk: Desk
    decision: Decision
    facts: RoutingInput
    promise_at: datetime


def plan(
    *,
    category: Category,
    urgency: str,
    residence: Residence | None,
    since: datetime,
    now: datetime,
    channel: str = "",
    tenant: Tenant | None = None,
) -> Plan:
    """Return the result of routing at ``now`` for a claim whose promise counts from ``since``.

    Writes nothing; routing and the preview shown during a call both use it. ``residence`` None
    means that the place is not known. Raises Desk.DoesNotExist.
    """
    head_office = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    unit = residence.unit if residence else None
    calendar = calendar_of(unit or head_office, now.date())
    facts = routing_input(
        category=category,
        urgency=urgency,
        residence=residence,
        calendar=calendar,
        now=now,
        channel=channel,
        tenant=tenant,
    )
    decision = decide(facts, [as_row(rule) for rule in active_rules(unit)])
    desk = Desk.objects.select_related("unit").get(
        unit__code=decision.unit or head_office.code, kind=decision.desk
    )
    news = promises.first_news_date(
        category=category,
        urgency=urgency,
        since=since,
        calendar=calendar,
        on_call=is_on_call(desk),
    )
    return Plan(desk, decision, facts, news)


def routing_input(
    *,
    category: Category,
    urgency: str,
    residence: Residence | None,
    calendar: deadlines.Calendar,
    now: datetime,
    channel: str = "",
    tenant: Tenant | None = None,
) -> RoutingInput:
    """Return the facts that rules may test, at ``now``."""
    unit = residence.unit if residence else None
    needs = tenant.needs.all() if tenant else ()
    return RoutingInput(
        category=category.code,
        urgency=urgency,
        handled_by=category.handled_by,
        unit=unit.code if unit else None,
        unit_open=deadlines.is_open(now, calendar),
        family=category.family.code,
        channel=channel,
        asset=category.asset,
        sector=residence.sector_id if residence else None,
        residence=residence.pk if residence else None,
        needs=tuple(sorted(n.code for n in needs if n.expires >= now.date())),
    )


def store(claim: Claim, planned: Plan, now: datetime) -> RoutingDecision:
    """Store the decision, and mark the rules that could not be applied."""
    if planned.decision.failed:
        record_failures(planned.decision.failed, "not applicable")
    return RoutingDecision.objects.create(
        claim=claim,
        desk=planned.desk,
        rule=planned.decision.rule,
        rule_version=planned.decision.version,
        facts=planned.facts.as_dict(),
        considered=list(planned.decision.considered),
        at=now,
    )


@reading_once()
@transaction.atomic
def route_claim(*, claim_id: UUID | str, now: datetime) -> RoutingDecision:
    """Route a claim once and return its decision. Raises Desk.DoesNotExist.

    A claim that is already routed keeps its desk.
    """
    claim = (
        Claim.objects.system("routing")
        .select_for_update(of=("self",))
        .select_related("category__family", "residence__unit", "tenant")
        .get(pk=claim_id)
    )
    if claim.routed_at:
        return claim.decisions.latest("at")
    planned = plan(
        category=claim.category,
        urgency=claim.urgency,
        residence=claim.residence,
        since=claim.filed_at,
        now=now,
        channel=claim.channel,
        tenant=claim.tenant,
    )
    claim.owner = planned.desk
    claim.routed_at = now
    claim.save(update_fields=["owner", "routed_at"])
    effects.after_routing(claim, now)
    stored = store(claim, planned, now)
    record(
        claim,
        Event.ROUTED,
        actor=Actor.SYSTEM,
        now=now,
        desk=planned.desk.pk,
        rule=planned.decision.rule,
        **moved_date(None, claim),
    )
    return stored
