"""Write, switch, order and rehearse rules; every change leaves a version behind."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet

from agencies.models import Unit
from requests import routing
from requests.models import Claim, Rule, RuleSwitch, RuleVersion
from requests.routing.rehearsal import Outcome, Past, rehearse

MONTH = timedelta(days=30)


class RuleConflict(Exception):
    """The rule changed since the page was shown, or its name is taken."""


def as_row(rule: Rule) -> routing.Rule:
    """The rule as the pure side reads it."""
    return routing.Rule(
        key=str(rule.pk),
        conditions=rule.conditions,
        outcome=rule.outcome,
        unit=rule.unit.code if rule.unit else None,
        version=rule.version,
        name=rule.name,
    )


def active_rules(unit: Unit | None) -> QuerySet[Rule]:
    """Rules that bind the claims of ``unit``, in order: its own, then the landlord's."""
    rules = Rule.objects.filter(active=True).select_related("unit")
    if unit is None:
        return rules.filter(unit__isnull=True).order_by("position", "pk")
    return (
        rules.filter(Q(unit=unit) | Q(unit__isnull=True))
        .exclude(switches__unit=unit)
        .order_by(F("unit").asc(nulls_last=True), "position", "pk")
    )


@transaction.atomic
def save_rule(
    *,
    rule: Rule | None,
    unit: Unit | None,
    name: str,
    conditions: dict,
    outcome: dict,
    by,
    now: datetime,
    version: int | None = None,
) -> Rule:
    """Write a new rule (a draft, last in its scope) or the next version of ``rule``.

    Raises RuleConflict when ``version`` is not the one shown, or the name is taken in the scope.
    """
    if rule is None:
        last = Rule.objects.filter(unit=unit).aggregate(last=Max("position"))["last"]
        rule = Rule(unit=unit, position=0 if last is None else last + 1, version=0)
    else:
        rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if version is not None and rule.version != version:
            raise RuleConflict
    rule.name, rule.conditions, rule.outcome, rule.failure = name, conditions, outcome, ""
    return _keep(rule, by=by, now=now)


@transaction.atomic
def switch(*, rule: Rule, on: bool, by, now: datetime) -> Rule:
    """Switch a rule on or off for its whole scope."""
    locked = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if locked.active == on:
        return locked
    locked.active = on
    return _keep(locked, by=by, now=now)


def switch_here(*, rule: Rule, unit: Unit, on: bool, by, now: datetime) -> None:
    """An agency stops or takes up again a rule of the landlord's, for its own claims only."""
    if on:
        RuleSwitch.objects.filter(rule=rule, unit=unit).delete()
    else:
        RuleSwitch.objects.get_or_create(rule=rule, unit=unit, defaults={"author": by, "at": now})


@transaction.atomic
def restore(*, rule: Rule, version: int, by, now: datetime) -> Rule:
    """Make an earlier version the current one again, as a new version."""
    old = rule.versions.get(version=version)
    locked = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    locked.name, locked.conditions, locked.outcome = old.name, old.conditions, old.outcome
    locked.active, locked.failure = old.active, ""
    return _keep(locked, by=by, now=now)


@transaction.atomic
def move(*, rule: Rule, up: bool) -> None:
    """Exchange the rule with its neighbour in the same scope; at the end nothing happens."""
    scope = list(Rule.objects.select_for_update().filter(unit=rule.unit))
    place = next(n for n, r in enumerate(scope) if r.pk == rule.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(scope):
        return
    scope[place], scope[other] = scope[other], scope[place]
    for position, item in enumerate(scope):
        Rule.objects.filter(pk=item.pk).update(position=position)


def note_failures(keys: Iterable[str], why: str) -> None:
    """Keep the alarm on rules that could not be applied; the rules page and managers see it."""
    Rule.objects.filter(pk__in=list(keys)).update(failure=why[:200])


def rehearsed(*, rule: Rule, now: datetime, months: int = 12) -> Outcome:
    """Run ``rule`` as it is written on the claims of its scope over the last ``months``.

    Reads facts kept at the time and the desk people left each claim at. Raises RuleFailure.
    """
    others = list(active_rules(rule.unit).exclude(pk=rule.pk))
    above = [as_row(r) for r in others if _before(r, rule)]
    below = [as_row(r) for r in others if not _before(r, rule)]
    return rehearse(as_row(rule), above, below, _past(rule.unit, now - months * MONTH))


def _before(other: Rule, rule: Rule) -> bool:
    """Whether ``other`` is asked first: an agency's own rules come before the landlord's."""
    if other.unit_id != rule.unit_id:
        return other.unit_id is not None
    return (other.position, other.pk) < (rule.position, rule.pk)


def _past(unit: Unit | None, since: datetime) -> Iterable[Past]:
    claims = Claim.objects.system("rehearsal of a rule").filter(
        filed_at__gte=since, decisions__isnull=False, owner__isnull=False
    )
    if unit:
        claims = claims.filter(residence__unit=unit)
    rows = (
        claims.order_by("-filed_at", "pk", "decisions__at")
        .values_list(
            "pk", "decisions__facts", "owner__unit__kind", "owner__unit__code", "owner__kind"
        )
        .iterator(chunk_size=5000)
    )
    last = None
    for pk, facts, kind, code, desk in rows:
        if pk == last:
            continue  # only the first decision: what came later was a correction
        last = pk
        here = None if kind == Unit.Kind.HEAD_OFFICE else code
        yield Past(pk, routing.Facts.from_dict(facts), here, desk)


def _keep(rule: Rule, *, by, now: datetime) -> Rule:
    rule.version += 1
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise RuleConflict from error
    RuleVersion.objects.create(
        rule=rule,
        version=rule.version,
        name=rule.name,
        conditions=rule.conditions,
        outcome=rule.outcome,
        active=rule.active,
        author=by,
        at=now,
    )
    return rule
