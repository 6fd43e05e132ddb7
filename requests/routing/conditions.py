"""Conditions of a rule: each names a fact and its allowed values. All must hold. Pure."""

from collections.abc import Mapping
from typing import Any

from requests.routing.routing_input import RoutingInput

# The facts that people may use in a rule, in the order of the sentence.
FIELDS = (
    "family",
    "category",
    "urgency",
    "channel",
    "asset",
    "sector",
    "residence",
    "needs",
    "unit_open",
)
Conditions = Mapping[str, list[Any]]
KNOWN = frozenset((*FIELDS, "unit", "handled_by"))


class RuleFailure(Exception):
    """A rule cannot be applied as it is written; a person must correct it."""


def matches(conditions: Conditions, facts: RoutingInput) -> bool:
    """Return whether every condition holds; of a fact with several values, one must fit.

    Raises RuleFailure for an unknown fact or a condition without values.
    """
    return _first_miss(conditions, facts) is None


def first_failing_condition(conditions: Conditions, facts: RoutingInput) -> str:
    """Return the name of the first condition that fails; "" when none does or one is invalid."""
    try:
        return _first_miss(conditions, facts) or ""
    except RuleFailure:
        return ""


def is_readable(conditions: Conditions) -> bool:
    """Return whether every condition names a known fact and has values."""
    return all(
        name in KNOWN and isinstance(values, list) and values for name, values in conditions.items()
    )


def _first_miss(conditions: Conditions, facts: RoutingInput) -> str | None:
    """Return the name of the first condition that fails. Raises RuleFailure."""
    for name, values in conditions.items():
        if name not in KNOWN or not isinstance(values, list) or not values:
            raise RuleFailure(f"condition {name!r}")
        actual = getattr(facts, name)
        if isinstance(actual, tuple):
            if not set(actual) & set(values):
                return name
        elif actual not in values:
            return name
    return None


def covers(wide: Conditions, narrow: Conditions) -> bool:
    """Return whether every claim that fits ``narrow`` also fits ``wide``, judging by the values."""
    return all(name in narrow and set(narrow[name]) <= set(values) for name, values in wide.items())


def overlap(one: Conditions, other: Conditions) -> bool:
    """Return whether one claim may fit both."""
    return all(
        name == "needs" or set(values) & set(other[name])
        for name, values in one.items()
        if name in other
    )
