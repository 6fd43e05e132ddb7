"""Test a rule on past claims before it is switched on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from requests.routing.conditions import matches
from requests.routing.decide import SAFETY, Rule, decide, place
from requests.routing.routing_input import RoutingInput


@dataclass(frozen=True)
class PastClaim:
    """One past claim: the facts of its routing, and the desk where people left it."""

    claim: object
    facts: RoutingInput
    unit: str | None  # None: head office
    desk: str
    did: bool = False  # people took the step that the rule would have proposed


@dataclass
class RehearsalResult:
    """The result of a test.

    ``touched``: claims that the rule decides. ``otherwise``: those of them that people put
    elsewhere. ``saved``: those routed elsewhere first, which people then moved to where this rule
    sends them at once. The lists hold the claims' keys in the order given, newest first. ``more``:
    there were more claims than were read.
    """

    read: int = 0
    more: bool = False
    touched: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)
    saved: list[Any] = field(default_factory=list)


def rehearse(
    rule: Rule, above: Iterable[Rule], below: Iterable[Rule], past: Iterable[PastClaim]
) -> RehearsalResult:
    """Apply ``rule`` at its place between the rows ``above`` and ``below`` it.

    Raises RuleFailure when the rule itself cannot be applied.
    """
    above, below = (*SAFETY, *above), tuple(below)
    result = RehearsalResult()
    for item in past:
        result.read += 1
        if rule.unit and rule.unit != item.facts.unit:
            continue
        if not matches(rule.conditions, item.facts):
            continue
        if any(_takes(earlier, item.facts) for earlier in above):
            continue
        result.touched.append(item.claim)
        target = place(rule.outcome, item.facts)
        if target != (item.unit, item.desk):
            result.otherwise.append(item.claim)
        else:
            before = decide(item.facts, below)
            if (before.unit, before.desk) != target:
                result.saved.append(item.claim)
    return result


def rehearse_proposal(
    rule: Rule, above: Iterable[Rule], past: Iterable[PastClaim]
) -> RehearsalResult:
    """Apply a rule that proposes; ``otherwise`` are the claims where people took another step.

    Raises RuleFailure when the rule cannot be read.
    """
    above = tuple(above)
    result = RehearsalResult()
    for item in past:
        result.read += 1
        if not _takes(rule, item.facts) or any(_takes(earlier, item.facts) for earlier in above):
            continue
        result.touched.append(item.claim)
        if not item.did:
            result.otherwise.append(item.claim)
    return result


def _takes(rule: Rule, facts: RoutingInput) -> bool:
    """Return whether the rule matches the facts."""
    return (not rule.unit or rule.unit == facts.unit) and matches(rule.conditions, facts)
