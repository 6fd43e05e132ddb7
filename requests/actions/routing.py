"""Give a claim its desk and its promise, and keep the reason; or only say what they would be."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import holidays
from django.db import transaction
from django.db.models import Q

from agencies.models import Closure, Desk, Unit
from requests import deadlines
from requests.actions._advance import record
from requests.models import Category, Claim, RoutingDecision
from requests.routing import Decision, Facts, decide


def calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    """The unit's working time this year and next: hours, French public holidays, closures."""
    hours: dict[int, list] = {}
    for row in unit.hours.all():
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(holidays.country_holidays("FR", years=[around.year, around.year + 1]))
    closures = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True), last_day__gte=around)
    for closure in closures:
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))


@dataclass(frozen=True)
class Plan:
    """Where a claim goes and what is promised: desk, decision with its facts, instant in UTC."""

    desk: Desk
    decision: Decision
    facts: Facts
    promise_at: datetime


def plan(
    *, category: Category, urgency: str, unit: Unit | None, since: datetime, now: datetime
) -> Plan:
    """What routing would answer at ``now`` for a claim whose promise runs from ``since``.

    Writes nothing: the sentence said on the phone and the routing itself share it. ``unit``
    None means that the place is not known. Raises Desk.DoesNotExist.
    """
    head_office = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    calendar = calendar_of(unit or head_office, now.date())
    facts = Facts(
        category=category.code,
        urgency=urgency,
        handled_by=category.handled_by,
        unit=unit.code if unit else None,
        unit_open=deadlines.is_open(now, calendar),
    )
    decision = decide(facts)
    desk = Desk.objects.select_related("unit").get(
        unit__code=decision.unit or head_office.code, kind=decision.desk
    )
    promise = deadlines.promise(since, urgency, category.ack_hours, calendar)
    return Plan(desk, decision, facts, promise)


def store(claim: Claim, planned: Plan, now: datetime) -> RoutingDecision:
    """Keep why the claim is where it is."""
    return RoutingDecision.objects.create(
        claim=claim,
        desk=planned.desk,
        rule=planned.decision.rule,
        rule_version=planned.decision.version,
        facts=planned.facts.as_dict(),
        at=now,
    )


@transaction.atomic
def route_claim(*, claim_id: UUID | str, now: datetime) -> RoutingDecision:
    """Decide once; a claim that already has its desk keeps it. Raises Desk.DoesNotExist."""
    claim = (
        Claim.objects.system("routing")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit")
        .get(pk=claim_id)
    )
    if claim.routed_at:
        return claim.decisions.latest("at")
    planned = plan(
        category=claim.category,
        urgency=claim.urgency,
        unit=claim.residence.unit if claim.residence else None,
        since=claim.filed_at,
        now=now,
    )
    claim.owner = planned.desk
    claim.routed_at = now
    claim.promise_at = planned.promise_at
    claim.save(update_fields=["owner", "routed_at", "promise_at"])
    stored = store(claim, planned, now)
    record(
        claim, "routed", now=now, role="system", desk=planned.desk.pk, rule=planned.decision.rule
    )
    return stored
