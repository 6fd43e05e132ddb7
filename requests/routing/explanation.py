"""Explain a claim's desk from its stored decision: facts, rules tried, rule that decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.models import Membership
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.routing import RoutingInput
from requests.routing.conditions import FIELDS, first_failing_condition
from requests.routing.decide import HOUSE, SAFETY
from requests.routing.decision_models import RoutingDecision
from requests.routing.figures import corrections
from requests.routing.forms import ASSETS, TITLES, labels
from requests.routing.models import RuleVersion
from requests.routing.rule_names import HOUSE_NAMES, rule_name
from requests.routing.views import HOUSE_SENTENCES

OVERRIDES = (Event.HAND_OVER, Event.RECLASSIFY, Event.RELOCATE)
FIXED = {rule.key: rule for rule in (*SAFETY, *HOUSE)}


def _versions(keys: list[str], at: datetime) -> dict[str, RuleVersion]:
    """Return the version that each written rule had at the instant ``at``, by its key."""
    written: list[UUID] = []
    for key in keys:
        if key not in FIXED:
            try:
                written.append(UUID(key))
            except ValueError:
                continue
    found: dict[str, RuleVersion] = {}
    rows = RuleVersion.objects.filter(rule__in=written, at__lte=at).order_by("version")
    for row in rows.select_related("author"):
        found[str(row.rule_id)] = row
    return found


def _step(
    key: str,
    decision: RoutingDecision,
    facts: RoutingInput,
    versions: dict[str, RuleVersion],
    words: dict[str, dict[Any, Any]],
) -> dict[str, Any]:
    """Return one rule that was tried: its name, its version and the first condition that failed."""
    row = versions.get(key)
    conditions = row.conditions if row else FIXED[key].conditions if key in FIXED else {}
    name = "" if key == decision.rule else first_failing_condition(conditions, facts)
    return {
        "name": row.name if row else rule_name(key),
        "version": row.version if row else None,
        "author": row.author if row else None,
        "fixed": key in HOUSE_NAMES,
        "sentence": HOUSE_SENTENCES.get(key, ""),
        "applied": key == decision.rule,
        "condition": TITLES.get(name, ""),
        "wanted": [words.get(name, {}).get(value, value) for value in conditions.get(name, [])],
    }


def why(claim: Claim, membership: Membership) -> dict[str, Any]:
    """Return what the page shows: the latest decision and what people changed since the first."""
    decision = claim.decisions.select_related("desk__unit").order_by("at").last()
    words = labels(None) | {"asset": dict(ASSETS)}
    page: dict[str, Any] = {"decision": decision, "facts": [], "steps": [], "amended": []}
    page["overrides"] = list(
        claim.events.filter(name__in=OVERRIDES).select_related("actor").order_by("at")
    )
    if decision is None:
        return page
    facts = RoutingInput.from_dict(decision.facts)
    for name in FIELDS:
        value = getattr(facts, name)
        values = list(value) if isinstance(value, tuple) else [] if value in (None, "") else [value]
        if values:
            page["facts"].append((TITLES[name], [words[name].get(v, v) for v in values]))
    versions = _versions(decision.considered, decision.at)
    page["steps"] = [_step(key, decision, facts, versions, words) for key in decision.considered]
    if membership.unit_id == (claim.residence.unit_id if claim.residence else None):
        page["amended"] = [
            item for item in corrections(membership, words) if item["code"] == claim.category.code
        ]
    return page
