"""The table is the truth: every state × role × transition is tried through the action."""

import pytest

from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.kit.choices import State
from tests.factories import leak, member

pytestmark = pytest.mark.long

FACTS = {
    "text": "bonjour",
    "reason": "other",
    "due": "2030-01-02T10:00:00+00:00",
    "category": "PLO-03",
    "place": "1 rue du Lin",
    "tenant": "someone",
    "into": "another",
}


@pytest.fixture
def claim(landlord):
    return leak(landlord, now())


@pytest.mark.parametrize("state", State.values)
def test_every_transition_from_every_state(claim, landlord, state):
    agent = member(landlord["north"], Role.AGENT)
    facts = {**FACTS, "desk": landlord["south"].desks.first().pk, "visit_at": now()}
    facts["promise_at"] = facts["visit_at"]
    for name, row in workflow.TRANSITIONS.items():
        for actor in (Actor.member(agent), Actor.TENANT):
            Claim.objects.system("test").filter(pk=claim.pk).update(state=state)
            call = dict(claim=claim, transition=name, actor=actor, now=now(), **facts)
            if state in row.sources and actor.role in row.roles:
                advance(**call)
                assert claim.state == (row.target or state)
            else:
                with pytest.raises(workflow.NotAllowed):
                    advance(**call)
                assert Claim.objects.system("test").get(pk=claim.pk).state == state


def test_only_the_tenant_says_that_it_is_fixed():
    assert workflow.TRANSITIONS["say_fixed"].roles == {Role.TENANT}


def test_an_old_version_is_a_conflict(claim, landlord):
    agent = member(landlord["north"], Role.AGENT)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=now(), version=1
    )
    with pytest.raises(Conflict):
        advance(
            claim=claim,
            transition=Event.REPORT_DONE,
            actor=Actor.member(agent),
            now=now(),
            version=1,
        )


def test_a_missing_fact_is_refused(claim, landlord):
    agent = member(landlord["north"], Role.AGENT)
    with pytest.raises(ValueError, match="reason"):
        advance(
            claim=claim, transition=Event.REFUSE, actor=Actor.member(agent), now=now(), text="non"
        )


def test_a_reply_may_take_the_steps_that_need_a_text_alone():
    """Each state has one such step at most, and those before the end have both."""
    for state in State.values:
        found = workflow.reply_steps(state, Role.AGENT)
        assert set(found) <= {State.WAITING_TENANT, State.DONE}
        for target, name in found.items():
            row = workflow.TRANSITIONS[name]
            assert (row.target, row.needs) == (target, {"text"})
        possible = {State.WAITING_TENANT, State.DONE} if state in workflow.WORKING else set()
        assert set(found) == possible
        assert not workflow.reply_steps(state, Role.TENANT)
    one_each = [
        row.target
        for row in workflow.TRANSITIONS.values()
        if row.needs == {"text"} and row.target in workflow.REPLIED_TO
    ]
    assert sorted(one_each) == sorted(workflow.REPLIED_TO)
