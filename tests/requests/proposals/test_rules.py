"""Test that the rules propose the next step with its text, and never a refusal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.clock import now
from requests.claims.events import Event
from requests.claims.workflow import TRANSITIONS
from requests.kit.choices import State
from requests.proposals.rules import CALL, RULES, Situation, propose

BASE = Situation(state="received", what="Fuite", who="Sonia", unit="Agence Nord", phone="02 40")
LATER = now() + timedelta(days=2)
VISIT = {"slot_at": LATER, "slot_until": LATER, "slot": "jeudi"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Event.TAKE_CHARGE),
        ({"state": "in_review", **VISIT}, Event.PLAN),
        ({"state": "in_review", "visit_set": True, **VISIT}, None),
        ({"state": "in_review", "responsible": "tenant", **VISIT}, Event.ASK),
        ({"state": "in_review", "responsible": "tenant", "asked": True, **VISIT}, None),
        ({"state": "in_review", "administrative": True, **VISIT}, None),
        ({"state": "in_review", "administrative": True, "late": True}, Event.INFORM),
        ({"state": "waiting_tenant", "days": 1}, None),
        ({"state": "waiting_tenant", "days": 3}, Event.ASK),
        ({"state": "planned"}, None),
        ({"state": "planned", "visited": True}, Event.REPORT_DONE),
        ({"state": "in_progress", "late": True}, Event.INFORM),
        ({"state": "done"}, None),
        ({"state": "done", "days": 2}, CALL),
        ({"state": "done", "days": 9, "calls": 2}, Event.CLOSE_UNANSWERED),
        ({"state": "closed"}, None),
    ],
)
def test_each_state_has_its_step(changes, expected):
    found = propose(replace(BASE, next_promise_at=LATER, next_promise="jeudi", **changes))
    assert (found.transition if found else None) == expected


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("late", [True, False])
def test_what_is_proposed_is_allowed_and_never_a_refusal(state, late):
    situation = replace(
        BASE,
        state=state,
        late=late,
        next_promise_at=LATER,
        visited=late,
        days=9,
        calls=2 if late else 0,
        **VISIT,
    )
    for rule in RULES.values():
        found = rule(situation)
        if found is None or found.transition == CALL:
            continue
        row = TRANSITIONS[found.transition]
        assert state in row.sources
        assert found.transition != Event.REFUSE
        assert not row.needs - {"text", *found.values}
        assert found.text


def test_lateness_is_admitted_in_the_words():
    late = propose(replace(BASE, late=True, next_promise_at=LATER, next_promise="jeudi"))
    assert "jeudi" in late.text
    assert late.values == {"promise_at": LATER}
