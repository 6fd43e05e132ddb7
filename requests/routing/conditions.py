"""Conditions of a rule: each names a fact and the values it may have. All must hold. Pure."""

from collections.abc import Mapping

from requests.routing.facts import Facts

# What people may put in a rule, in the order of the sentence.
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
KNOWN = frozenset((*FIELDS, "unit", "handled_by"))


class RuleFailure(Exception):
    """A rule cannot be applied as it is written; somebody must mend it."""


def matches(conditions: Mapping[str, list], facts: Facts) -> bool:
    """Whether every condition holds; a fact of several values holds when one of them fits.

    Raises RuleFailure for a field that is no fact, or a condition without values.
    """
    return _first_miss(conditions, facts) is None


def failing(conditions: Mapping[str, list], facts: Facts) -> str:
    """The name of the first condition that does not hold; "" when all hold or one is unreadable."""
    try:
        return _first_miss(conditions, facts) or ""
    except RuleFailure:
        return ""


def readable(conditions: Mapping[str, list]) -> bool:
    """Whether every condition names a fact and has values."""
    return all(
        name in KNOWN and isinstance(values, list) and values for name, values in conditions.items()
    )


def _first_miss(conditions: Mapping[str, list], facts: Facts) -> str | None:
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


def covers(wide: Mapping[str, list], narrow: Mapping[str, list]) -> bool:
    """Whether every claim that fits ``narrow`` fits ``wide`` too, as far as the words tell."""
    return all(name in narrow and set(narrow[name]) <= set(values) for name, values in wide.items())


def overlap(one: Mapping[str, list], other: Mapping[str, list]) -> bool:
    """Whether some claim may fit both."""
    return all(
        name == "needs" or set(values) & set(other[name])
        for name, values in one.items()
        if name in other
    )
