"""Give a claim its desk and its promise, and keep the reason."""

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

import holidays
from django.db import transaction
from django.db.models import Q

from agencies.models import Closure, Desk, Unit
from requests import deadlines
from requests.actions._advance import record
from requests.models import Claim, RoutingDecision
from requests.routing import Facts, decide


@lru_cache(maxsize=16)
def public_holidays(year: int) -> frozenset[date]:
    """French public holidays of ``year`` and the next; kept, since computing them is slow."""
    return frozenset(holidays.country_holidays("FR", years=[year, year + 1]))


def calendar_of(unit: Unit, around: date) -> deadlines.Calendar:
    """The unit's working time this year and next: hours, French public holidays, closures."""
    hours: dict[int, list] = {}
    for row in unit.hours.all():
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    off = set(public_holidays(around.year))
    closures = Closure.objects.filter(Q(unit=unit) | Q(unit__isnull=True), last_day__gte=around)
    for closure in closures:
        span = range(closure.first_day.toordinal(), closure.last_day.toordinal() + 1)
        off.update(map(date.fromordinal, span))
    return deadlines.Calendar(unit.time_zone, hours, frozenset(off))


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
    head_office = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    unit = claim.residence.unit if claim.residence else None
    calendar = calendar_of(unit or head_office, now.date())
    facts = Facts(
        category=claim.category.code,
        urgency=claim.urgency,
        handled_by=claim.category.handled_by,
        unit=unit.code if unit else None,
        unit_open=deadlines.is_open(now, calendar),
    )
    decision = decide(facts)
    desk = Desk.objects.get(unit__code=decision.unit or head_office.code, kind=decision.desk)
    claim.owner = desk
    claim.routed_at = now
    claim.promise_at = deadlines.promise(
        claim.filed_at, claim.urgency, claim.category.ack_hours, calendar
    )
    claim.save(update_fields=["owner", "routed_at", "promise_at"])
    stored = RoutingDecision.objects.create(
        claim=claim,
        desk=desk,
        rule=decision.rule,
        rule_version=decision.version,
        facts=facts.as_dict(),
        at=now,
    )
    record(claim, "routed", now=now, role="system", desk=desk.pk, rule=decision.rule)
    return stored
