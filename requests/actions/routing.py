"""Give a claim its desk and its promise, and keep the reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from agencies.models import Desk, Unit
from requests import deadlines
from requests.actions import promises
from requests.actions._advance import record
from requests.actions.calendars import calendar_of
from requests.actions.rules import active_rules, as_row, note_failures
from requests.models import Claim, RoutingDecision
from requests.routing import Facts, decide


def facts_of(claim: Claim, unit: Unit | None, *, open_now: bool) -> Facts:
    """What rules may look at; coded needs of the tenant that are still in force among them."""
    needs = claim.tenant.needs.all() if claim.tenant else []
    return Facts(
        category=claim.category.code,
        urgency=claim.urgency,
        handled_by=claim.category.handled_by,
        unit=unit.code if unit else None,
        unit_open=open_now,
        family=claim.category.family.code,
        channel=claim.channel,
        asset=claim.category.asset,
        sector=claim.residence.sector_id if claim.residence else None,
        residence=claim.residence_id,
        needs=tuple(sorted(n.code for n in needs if n.expires >= claim.filed_at.date())),
    )


@transaction.atomic
def route_claim(*, claim_id: UUID | str, now: datetime) -> RoutingDecision:
    """Decide once; a claim that already has its desk keeps it. Raises Desk.DoesNotExist."""
    claim = (
        Claim.objects.system("routing")
        .select_for_update(of=("self",))
        .select_related("category__family", "residence__unit", "tenant")
        .get(pk=claim_id)
    )
    if claim.routed_at:
        return claim.decisions.latest("at")
    head_office = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    unit = claim.residence.unit if claim.residence else None
    calendar = calendar_of(unit or head_office, now.date())
    facts = facts_of(claim, unit, open_now=deadlines.is_open(now, calendar))
    decision = decide(facts, [as_row(rule) for rule in active_rules(unit)])
    if decision.failed:
        note_failures(decision.failed, "not applicable")
    desk = Desk.objects.get(unit__code=decision.unit or head_office.code, kind=decision.desk)
    claim.owner = desk
    claim.routed_at = now
    claim.save(update_fields=["owner", "routed_at"])
    promises.begin(claim, now=now)
    stored = RoutingDecision.objects.create(
        claim=claim,
        desk=desk,
        rule=decision.rule,
        rule_version=decision.version,
        facts=facts.as_dict(),
        considered=list(decision.considered),
        at=now,
    )
    record(claim, "routed", now=now, role="system", desk=desk.pk, rule=decision.rule)
    return stored
