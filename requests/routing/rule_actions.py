"""Write, switch, order and test rules; every change writes a version."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value

from agencies.models import Unit
from portal.arrays import among
from portal.database.readers import SYSTEM
from portal.database.streams import on_server
from portal.memory import once
from portal.models import User
from portal.windows import merged
from requests import routing
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.routing.conditions import FIELDS, is_readable
from requests.routing.decision_models import RoutingDecision
from requests.routing.house_proposals import HOUSE, TAKEN
from requests.routing.house_rows import CONCERNED, FIRST_POSITION, is_built_in
from requests.routing.models import Rule, RuleSwitch, RuleVersion
from requests.routing.rehearsal import PastClaim, RehearsalResult, rehearse, rehearse_proposal

MONTH = timedelta(days=30)
MOST_TRIED = 5000  # claims that a rehearsal reads: a year of an agency with 5,000 dwellings


def _happened(name: str) -> Exists:
    """Return the condition that the claim of a decision has an event ``name``."""
    return Exists(ClaimEvent.objects.of(claim=OuterRef("claim")).filter(name=name))


# Whether people took a step themselves, by the step that a rule proposes.
NEVER = Value(False)
STEPS_TAKEN = {
    "order": Exists(
        Claim.objects.system("rehearsal").filter(pk=OuterRef("claim"), orders__isnull=False)
    ),
    "visit": _happened(Event.PLAN),
    "answer": _happened(Event.ANSWER),
    "photo": _happened(Event.ASK),
    "hand_over": _happened(Event.HAND_OVER),
}


class RuleConflict(Exception):
    """The rule changed after the page was shown, or its name is taken."""


def as_row(rule: Rule) -> routing.Rule:
    """Return the rule as plain data for the pure functions."""
    return routing.Rule(
        key=str(rule.pk),
        conditions=rule.conditions,
        outcome=rule.outcome,
        unit=rule.unit.code if rule.unit else None,
        version=rule.version,
        name=rule.name,
    )


def active_rules(unit: Unit | None, *, proposing: bool = False) -> QuerySet[Rule]:
    """Return the rules for the claims of ``unit``, in order: its own, then the landlord's.

    Rules that send claims to desks or, with ``proposing``, rules that propose a step.
    """
    rules = Rule.objects.filter(active=True, outcome__has_key="propose")
    if not proposing:
        rules = Rule.objects.filter(active=True).exclude(outcome__has_key="propose")
    rules = rules.select_related("unit")
    if unit is None:
        return rules.filter(unit__isnull=True).order_by("position", "pk")
    return (
        rules.filter(Q(unit=unit) | Q(unit__isnull=True))
        .exclude(switches__unit=unit)
        .order_by(F("unit").asc(nulls_last=True), "position", "pk")
    )


def proposing_rules(unit: Unit | None) -> list[Rule]:
    """Return the active rules that propose a step to claims of ``unit``; asked once a page."""
    return once(proposing_key(unit), lambda: list(active_rules(unit, proposing=True)))


def proposing_key(unit: Unit | None) -> tuple:
    """Return the key of ``portal.memory`` for the rules of ``proposing_rules``."""
    return ("proposing rules", unit.pk if unit else None)


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules in the order of ``active_rules``."""
    last = max((rule.unit_id or 0 for rule in rules), default=0) + 1
    return sorted(rules, key=lambda rule: (rule.unit_id or last, rule.position, rule.pk))


@transaction.atomic
def save_rule(
    *,
    rule: Rule | None,
    unit: Unit | None,
    name: str,
    conditions: dict[str, list[Any]],
    outcome: dict[str, Any],
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Rule:
    """Write a new rule (a draft, last in its scope) or the next version of ``rule``.

    Raises RuleConflict when ``version`` is not the one shown, or the name is taken in the scope.
    """
    if rule is None:
        # The built-in ones stay behind.
        last = Rule.objects.filter(unit=unit, position__lt=FIRST_POSITION).aggregate(
            last=Max("position")
        )["last"]
        rule = Rule(unit=unit, position=0 if last is None else last + 1, version=0)
    else:
        rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if version is not None and rule.version != version:
            raise RuleConflict
    rule.name, rule.conditions, rule.outcome, rule.failure = name, conditions, outcome, ""
    return _save(rule, by=by, now=now)


@transaction.atomic
def switch(*, rule: Rule, on: bool, by: User | None, now: datetime) -> Rule:
    """Switch a rule on or off for its whole scope."""
    locked = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if locked.active == on:
        return locked
    locked.active = on
    return _save(locked, by=by, now=now)


def switch_here(*, rule: Rule, unit: Unit, on: bool, by: User | None, now: datetime) -> None:
    """Switch a rule of the landlord on or off for the claims of one agency."""
    if on:
        RuleSwitch.objects.filter(rule=rule, unit=unit).delete()
    else:
        RuleSwitch.objects.get_or_create(rule=rule, unit=unit, defaults={"author": by, "at": now})


@transaction.atomic
def restore(*, rule: Rule, version: int, by: User | None, now: datetime) -> Rule:
    """Make an earlier version the current one again, as a new version."""
    old = rule.versions.get(version=version)
    locked = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    locked.name, locked.conditions, locked.outcome = old.name, old.conditions, old.outcome
    locked.active, locked.failure = old.active, ""
    return _save(locked, by=by, now=now)


@transaction.atomic
def move(*, rule: Rule, up: bool) -> None:
    """Exchange the rule with its neighbour in the same scope; do nothing at the end of the list."""
    rows = Rule.objects.select_for_update().filter(unit=rule.unit)
    built_in = is_built_in(rule)
    scope = [row for row in rows if row.proposes == rule.proposes and is_built_in(row) == built_in]
    place = next(n for n, r in enumerate(scope) if r.pk == rule.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(scope):
        return
    positions = [item.position for item in scope]
    scope[place], scope[other] = scope[other], scope[place]
    for position, item in zip(positions, scope, strict=True):
        Rule.objects.filter(pk=item.pk).update(position=position)


def is_broken(rule: Rule) -> bool:
    """Return whether ``rule`` failed when it was last applied, or is invalid."""
    return bool(rule.failure) or not is_readable(rule.conditions)


def record_failures(keys: Iterable[str], why: str) -> None:
    """Mark the rules that could not be applied; the rules page and managers see it."""
    Rule.objects.filter(pk__in=list(keys)).update(failure=why[:200])


def run_rehearsal(*, rule: Rule, now: datetime, months: int = 12) -> RehearsalResult:
    """Test ``rule`` on the claims of its scope filed in the last ``months`` (of 30 days).

    Of more than ``MOST_TRIED`` claims, on the newest: ``result.more`` says so. Uses the facts
    stored at the time and the desk where people left each claim. Raises RuleFailure.
    """
    others = list(active_rules(rule.unit, proposing=rule.proposes).exclude(pk=rule.pk))
    above = [as_row(r) for r in others if _before(r, rule)]
    below = [as_row(r) for r in others if not _before(r, rule)]
    found = _past_keys(rule.unit, now - months * MONTH)
    keys = found[:MOST_TRIED]
    if rule.proposes:
        # What a built-in rule proposes depends on the day: none takes a claim from another.
        above = [row for row in above if row.outcome.get("propose") != HOUSE]
        if rule.outcome["propose"] == HOUSE:
            name = rule.outcome.get("with", "")
            if name in CONCERNED:
                keys = _concerned(keys, CONCERNED[name])
            did = _happened(TAKEN[name]) if name in TAKEN else NEVER
        else:
            did = STEPS_TAKEN.get(rule.outcome["propose"], NEVER)
        result = rehearse_proposal(as_row(rule), above, _past(keys, rule.conditions, did))
    else:
        result = rehearse(as_row(rule), above, below, _past(keys, rule.conditions, NEVER))
    result.read = len(keys)
    result.more = len(found) > MOST_TRIED
    return result


def _before(other: Rule, rule: Rule) -> bool:
    """Return whether ``other`` comes first: an agency's own rules come before the landlord's."""
    if other.unit_id != rule.unit_id:
        return other.unit_id is not None
    return (other.position, other.pk) < (rule.position, rule.pk)


def _past_keys(unit: Unit | None, since: datetime) -> list[UUID]:
    """Return the newest routed claims of the scope filed since ``since``, and one where more are.

    A unit's are those of its stock. An index reads either share in the order of filing.
    """
    claims = Claim.objects.system("rehearsal of a rule").filter(
        filed_at__gte=since, routed_at__isnull=False
    )
    shares = [claims]
    if unit:
        own = claims.filter(unit=unit, beside__isnull=True, residence__isnull=False)
        shares = [own, claims.filter(beside=unit)]
    return [key for _at, key in merged(shares, ("-filed_at", "-pk"), None, MOST_TRIED + 1)]


def _concerned(keys: list[UUID], condition: Q) -> list[UUID]:
    """Return those of ``keys`` that a built-in rule speaks of."""
    claims = Claim.objects.system("rehearsal of a rule").filter(condition, among("pk", keys))
    return list(claims.order_by().values_list("pk", flat=True).distinct())


def _past(keys: list[UUID], conditions: dict[str, Any], did: Exists | Value) -> Iterable[PastClaim]:
    """Yield the claims of ``keys``, newest first, with the facts of their first decision.

    Later decisions are corrections. The database only leaves out claims that cannot fit the
    conditions; ``rehearse`` decides. ``did``: whether people took the step, by the claim of a
    decision.
    """
    # Decisions are read and joined, in one pass each. Asked of each claim instead, the facts of its
    # first decision would be looked for again by every condition that names them.
    decisions = RoutingDecision.objects.using(SYSTEM)
    earlier = decisions.filter(claim=OuterRef("claim")).filter(
        Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk"))
    )
    rows = decisions.filter(~Exists(earlier), among("claim", keys), facts__isnull=False)
    for name, values in conditions.items():
        if name in FIELDS and name != "needs" and isinstance(values, list):
            rows = rows.filter(**{f"facts__{name}__in": values})
    rows = rows.annotate(did=did).order_by("-claim__filed_at", "claim")
    columns = ("claim", "facts", "claim__owner__unit__kind", "claim__owner__unit__code")
    found = on_server(rows.values_list(*columns, "claim__owner__kind", "did"), size=5000)
    for pk, facts, kind, code, desk, taken in found:
        here = None if kind == Unit.Kind.HEAD_OFFICE else code
        yield PastClaim(pk, routing.RoutingInput.from_dict(facts), here, desk, taken)


def _save(rule: Rule, *, by: User | None, now: datetime) -> Rule:
    """Save the rule as its next version. Raises RuleConflict when its name is taken."""
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
