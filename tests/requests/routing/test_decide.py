"""Conditions, decisions, conflicts and rehearsal, without a database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests.routing import RoutingInput, Rule, RuleFailure, decide
from requests.routing.conditions import covers, matches, overlap
from requests.routing.conflicts import findings
from requests.routing.rehearsal import PastClaim, rehearse

LEAK = RoutingInput(
    category="PLO-03",
    urgency="U3",
    handled_by="contractor_direct",
    unit="nord",
    unit_open=True,
    family="PLO",
    channel="web",
    asset="dwelling",
    sector=1,
    residence=7,
    needs=("stairs",),
)
TO_TENANCY = {"unit": "agency", "desk": "clientele"}
TO_CARETAKERS = {"unit": "agency", "desk": "caretakers"}


def rule(key="r", conditions=None, outcome=None, unit=None) -> Rule:
    return Rule(key, conditions or {}, outcome or TO_TENANCY, unit)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"family": ["PLO", "CHA"]}, True),
        ({"family": ["CHA"]}, False),
        ({"family": ["PLO"], "urgency": ["U1"]}, False),
        ({"needs": ["infant", "stairs"]}, True),
        ({"needs": ["infant"]}, False),
        ({"unit_open": [False]}, False),
        ({"sector": [1, 2], "residence": [7]}, True),
    ],
)
def test_all_conditions_must_hold(conditions, holds):
    assert matches(conditions, LEAK) is holds


@pytest.mark.parametrize("conditions", [{"colour": ["red"]}, {"family": []}, {"family": "PLO"}])
def test_a_condition_that_cannot_be_read_is_a_failure(conditions):
    with pytest.raises(RuleFailure):
        matches(conditions, LEAK)


def test_the_first_row_that_fits_decides_and_those_before_it_are_named():
    rows = [rule("no", {"family": ["CHA"]}), rule("yes"), rule("late", outcome=TO_CARETAKERS)]
    decision = decide(LEAK, rows)
    assert (decision.rule, decision.unit, decision.desk) == ("yes", "nord", "clientele")
    assert decision.considered == ("emergency_when_closed", "danger_without_place", "no", "yes")


def test_an_agency_rule_leaves_other_agencies_alone():
    rows = [rule("south", unit="sud", outcome=TO_CARETAKERS)]
    assert decide(LEAK, rows).rule == "agency_of_the_dwelling"


def test_nobody_can_stand_before_safety():
    gas = replace(LEAK, urgency="U0", unit_open=False)
    decision = decide(gas, [rule("mine")])
    assert (decision.rule, decision.unit, decision.desk) == (
        "emergency_when_closed",
        None,
        "on_call",
    )


@pytest.mark.parametrize(
    "broken",
    [
        rule("bad", {"colour": ["red"]}),
        rule("bad", outcome={"unit": "moon", "desk": "clientele"}),
        rule("bad", outcome={"unit": "agency", "desk": "kitchen"}),
    ],
)
def test_a_failing_rule_is_named_and_the_next_acts(broken):
    decision = decide(LEAK, [broken])
    assert decision.failed == ("bad",)
    assert decision.rule == "agency_of_the_dwelling"


def test_a_rule_behind_a_wider_one_is_unreachable():
    rows = [
        rule("wide", {"family": ["PLO"]}),
        rule("narrow", {"family": ["PLO"], "urgency": ["U3"]}),
    ]
    assert [(f.kind, f.rule, f.by) for f in findings(rows)] == [("unreachable", "narrow", "wide")]


def test_two_ends_for_the_same_claim_are_a_conflict():
    rows = [
        rule("one", {"family": ["PLO"]}),
        rule("two", {"urgency": ["U3"]}, TO_CARETAKERS),
        rule("three", {"family": ["CHA"]}, TO_CARETAKERS),
    ]
    found = [(f.kind, f.rule, f.by) for f in findings(rows)]
    assert ("conflict", "two", "one") in found
    assert not [f for f in found if f[1] == "three" and f[2] == "one"]


VALUES = st.lists(st.sampled_from(["PLO", "CHA", "ELE"]), min_size=1, unique=True)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "family": VALUES,
        "urgency": st.lists(st.sampled_from(["U1", "U3", "U5"]), min_size=1, unique=True),
        "needs": st.lists(st.sampled_from(["stairs", "infant"]), min_size=1, unique=True),
        "unit_open": st.lists(st.booleans(), min_size=1, unique=True),
    },
)
ANY_FACTS = st.builds(
    replace,
    st.just(LEAK),
    family=st.sampled_from(["PLO", "CHA", "ELE"]),
    urgency=st.sampled_from(["U1", "U3", "U5"]),
    needs=st.sampled_from([(), ("stairs",), ("infant",), ("infant", "stairs")]),
    unit_open=st.booleans(),
)


@given(one=CONDITIONS, other=CONDITIONS, facts=ANY_FACTS)
def test_covering_and_overlap_never_contradict_matching(one, other, facts):
    if covers(one, other) and matches(other, facts):
        assert matches(one, facts)
    if matches(one, facts) and matches(other, facts):
        assert overlap(one, other)


@given(rows=st.lists(CONDITIONS, max_size=4), facts=ANY_FACTS)
def test_there_is_always_exactly_one_decision(rows, facts):
    decision = decide(facts, [rule(str(n), c) for n, c in enumerate(rows)])
    assert decision.desk
    assert decision.considered[-1] == decision.rule


def test_rehearsal_tells_what_would_have_moved():
    past = [
        PastClaim("as people did", LEAK, "nord", "caretakers"),
        PastClaim("otherwise", LEAK, "nord", "technical"),
        PastClaim("another family", replace(LEAK, family="CHA"), "nord", "technical"),
        PastClaim("another agency", replace(LEAK, unit="sud"), "sud", "technical"),
        PastClaim("safety first", replace(LEAK, urgency="U0", unit_open=False), None, "on_call"),
    ]
    mine = rule("mine", {"family": ["PLO"]}, TO_CARETAKERS, "nord")
    result = rehearse(mine, [], [], past)
    assert result.read == 5
    assert result.touched == ["as people did", "otherwise"]
    assert result.otherwise == ["otherwise"]
    assert result.saved == ["as people did"]


def test_rehearsal_leaves_what_an_earlier_rule_takes():
    above = rule("above", {"urgency": ["U3"]})
    result = rehearse(rule("mine"), [above], [], [PastClaim(1, LEAK, "nord", "technical")])
    assert result.touched == []


def test_facts_survive_being_kept():
    assert RoutingInput.from_dict(LEAK.as_dict()) == LEAK
    assert RoutingInput.from_dict({**LEAK.as_dict(), "from_the_future": 1}) == LEAK
