"""Find rules that conflict with each other, before one is switched on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from requests.routing.conditions import covers, overlap
from requests.routing.decide import SAFETY, Rule


@dataclass(frozen=True)
class Finding:
    """One problem of ``rule``, caused by the rule ``by`` above it.

    ``kind`` is "unreachable" when ``by`` takes all its claims, "conflict" when it takes some of
    them to another outcome.
    """

    kind: str
    rule: str
    by: str


def findings(rows: Sequence[Rule]) -> list[Finding]:
    """Return the problems of each row, in order. The safety rule counts as a row above."""
    found: list[Finding] = []
    for number, rule in enumerate(rows):
        proposes = "propose" in rule.outcome
        asked = [row for row in rows[:number] if ("propose" in row.outcome) == proposes]
        for earlier in asked if proposes else (*SAFETY, *asked):
            if earlier.unit and rule.unit and earlier.unit != rule.unit:
                continue
            same_scope = earlier.unit in (None, rule.unit)
            if same_scope and covers(earlier.conditions, rule.conditions):
                found.append(Finding("unreachable", rule.key, earlier.key))
                break
            different = dict(earlier.outcome) != dict(rule.outcome)
            if earlier not in SAFETY and different and overlap(earlier.conditions, rule.conditions):
                found.append(Finding("conflict", rule.key, earlier.key))
    return found
