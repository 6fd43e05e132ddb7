"""Decide by ordered rules: the first that matches decides, and a default always matches. Pure.

There are three layers, in this order: the safety rule, which nobody can switch off; the rules that
agencies and the landlord wrote; the built-in rules, of which the last one always matches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agencies.desk_kinds import DeskKind
from requests.kit.choices import Urgency
from requests.routing.conditions import RuleFailure, matches
from requests.routing.routing_input import RoutingInput

KIND = DeskKind
BY_CATEGORY = "by_category"
HEAD_OFFICE_DESKS = {
    "hq_patrimoine": KIND.STOCK,
    "hq_gestion_locative": KIND.RENT,
    "hq_recouvrement": KIND.ARREARS,
    "hq_social": KIND.SOCIAL,
    "hq_legal": KIND.LEGAL,
    "hq_attribution": KIND.ALLOCATION,
}
AGENCY_DESKS = {
    "agency_technical": KIND.TECHNICAL,
    "contractor_direct": KIND.TECHNICAL,
    "oncall_contractor": KIND.TECHNICAL,
    "emergency_then_oncall": KIND.TECHNICAL,
    "agency_guardian": KIND.CARETAKERS,
    "agency_clientele": KIND.CLIENTELE,
    "crc": KIND.CLIENTELE,
}


@dataclass(frozen=True)
class Rule:
    """A rule as plain data: ``key`` is its permanent name, ``unit`` limits it to one agency.

    Empty conditions always match.

    ``outcome``: ``{"unit": "agency" | "head_office", "desk": a desk kind or "by_category"}``.
    """

    key: str
    conditions: Mapping[str, list]
    outcome: Mapping[str, str]
    unit: str | None = None
    version: int = 1
    name: str = ""


@dataclass(frozen=True)
class Decision:
    """The outcome of ``decide``; ``unit`` None means head office.

    ``rule`` is the key of the rule that decided; ``failed`` are the keys of rules that could not
    be applied.
    """

    unit: str | None
    desk: str
    rule: str
    version: int = 1
    considered: tuple[str, ...] = ()
    failed: tuple[str, ...] = field(default=())


SAFETY = (
    Rule(
        "emergency_when_closed",
        {"urgency": [Urgency.U0.value, Urgency.U1.value], "unit_open": [False]},
        {"unit": "head_office", "desk": KIND.ON_CALL.value},
    ),
    # Nobody can go there before somebody has asked where it is, at any hour.
    Rule(
        "danger_without_place",
        {"urgency": [Urgency.U0.value], "unit": [None]},
        {"unit": "head_office", "desk": KIND.ON_CALL.value},
    ),
)
HOUSE = (
    Rule(
        "head_office_matter",
        {"handled_by": sorted(HEAD_OFFICE_DESKS)},
        {"unit": "head_office", "desk": BY_CATEGORY},
    ),
    Rule(
        "unknown_place",
        {"unit": [None]},
        {"unit": "head_office", "desk": KIND.CONTACT_CENTRE.value},
    ),
    Rule(
        "agency_of_the_dwelling",
        {"handled_by": sorted(AGENCY_DESKS)},
        {"unit": "agency", "desk": BY_CATEGORY},
    ),
    Rule("default", {}, {"unit": "agency", "desk": KIND.CLIENTELE.value}),
)


def decide(facts: RoutingInput, rows: Iterable[Rule] = ()) -> Decision:
    """Return the decision of the first matching rule, with the keys of the rules tried before it.

    A rule that cannot be applied (unknown fact, impossible outcome) is named in ``failed`` and
    skipped: people see a warning, and the rules below it decide.
    """
    considered: list[str] = []
    failed: list[str] = []
    for rule in (*SAFETY, *rows, *HOUSE):
        considered.append(rule.key)
        try:
            if (rule.unit and rule.unit != facts.unit) or not matches(rule.conditions, facts):
                continue
            unit, desk = place(rule.outcome, facts)
        except RuleFailure:
            failed.append(rule.key)
            continue
        return Decision(unit, desk, rule.key, rule.version, tuple(considered), tuple(failed))
    raise AssertionError("the last of HOUSE matches everything")


def place(outcome: Mapping[str, str], facts: RoutingInput) -> tuple[str | None, str]:
    """Return the unit code (None: head office) and the desk kind. Raises RuleFailure."""
    where, desk = outcome.get("unit"), outcome.get("desk", "")
    if where == "head_office":
        unit, desks = None, HEAD_OFFICE_DESKS
    elif where == "agency" and facts.unit:
        unit, desks = facts.unit, AGENCY_DESKS
    else:
        raise RuleFailure(f"no unit for {where!r}")
    if desk == BY_CATEGORY:
        desk = desks.get(facts.handled_by, "")
    if desk not in KIND.values:
        raise RuleFailure(f"no desk {desk!r}")
    return unit, str(desk)
