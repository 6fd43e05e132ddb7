"""Random lives of a claim: whatever people try, in whatever order, its promises to them hold.

Hypothesis draws the steps. A second, smaller account of what happened is kept here by hand; it
knows nothing of the transition table.
"""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.access import Role
from portal.actor import SYSTEM, Actor
from portal.clock import now
from requests import tasks
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, TooLate, advance, undo
from requests.inbox import triage
from requests.jobs.models import Job
from requests.jobs.queue import drain
from requests.kit.choices import ENDED, State
from requests.promises import escalation
from requests.promises.models import open_condition
from tests import factories, moments, trust

LIVES, STEPS = trust.size(8, 2000), trust.size(25, 50)
# What fails in a short run is made smaller by a whole one.
PHASES = [phase for phase in Phase if trust.WHOLE or phase != Phase.shrink]
ROLES = (Role.TENANT, Role.AGENT, Role.AGENCY_MANAGER, Role.CALL_TAKER, Role.CONTRACTOR, SYSTEM)
DESK = {Role.AGENT, Role.AGENCY_MANAGER, Role.CALL_TAKER}
# Who ends a claim, by which step, in which state.
ENDED_BY = {
    State.CLOSED: {Event.SAY_FIXED: {Role.TENANT}, Event.CLOSE_UNANSWERED: DESK},
    State.REFUSED: {Event.REFUSE: DESK},
    State.WITHDRAWN: {Event.WITHDRAW: {Role.TENANT}},
    State.MERGED: {Event.MERGE: DESK},
}
REFUSED = (workflow.NotAllowed, Conflict, ValueError, TooLate)


class Life(RuleBasedStateMachine):
    """One claim, the people around it, and time."""

    def __init__(self, house: dict, people: dict[str, Actor], other: dict) -> None:
        super().__init__()
        self.house, self.people, self.other = house, people, other
        self.outside = transaction.atomic()
        self.outside._from_testcase = True  # sending inside of it is no mistake
        self.outside.__enter__()
        self.clock = moments.at(moments.MOMENT)
        self.clock.__enter__()
        self.claim = factories.leak(
            house, now(), contact_email="awa@example.test", tenant=str(other["tenant"].pk)
        )
        self.later: list[ClaimEvent] = []
        self.steps = 0

    def teardown(self) -> None:
        self.clock.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.outside.__exit__(None, None, None)

    def row(self) -> Claim:
        return Claim.objects.system("test").get(pk=self.claim.pk)

    def attempt(self, act, *, may_fail=REFUSED) -> ClaimEvent | None:
        """Do it, or see that a refusal changed nothing."""
        before = self.row()
        counts = ClaimEvent.everything.filter(claim=before).count(), Job.objects.count()
        try:
            with transaction.atomic():
                done = act(claim=self.row(), now=now())
        except may_fail:
            after = self.row()
            assert model_to_dict(after) == model_to_dict(before)
            assert counts == (
                ClaimEvent.everything.filter(claim=before).count(),
                Job.objects.count(),
            )
            return None
        assert self.row().version > before.version
        self.steps += 1
        return done

    @rule(
        name=st.sampled_from(sorted(set(workflow.TRANSITIONS) - {Event.MERGE})),
        role=st.sampled_from(ROLES),
        days=st.integers(1, 20),
        whole=st.booleans(),
    )
    def step(self, name, role, days, whole):
        at = now() + timedelta(days=days)
        desk = self.house["south"].desks.order_by("pk").first()
        facts = {
            "text": "un mot",
            "reason": "tenant_upkeep",
            "desk": desk.pk,
            "due": at.isoformat(),
            "category": "PLO-03",
            "place": "ici",
            "tenant": str(self.other["tenant"].pk),
        }
        if name in {Event.PLAN}:
            facts["visit_at"] = at
        if name in {Event.INFORM}:
            facts["promise_at"] = at
        if not whole:
            facts = {}
        act = partial(advance, transition=name, actor=self.people[role], **facts)
        event = self.attempt(act)
        if event:
            self.later.append(event)

    @rule(role=st.sampled_from((Role.AGENT, Role.AGENCY_MANAGER)))
    def reclassify(self, role):
        act = partial(
            triage.reclassify,
            category=self.house["gas"],
            urgency="U0",
            reason="odeur",
            actor=self.people[role],
        )
        if event := self.attempt(act):
            self.later.append(event)

    @rule()
    def merge(self):
        act = partial(triage.merge, into=self.other["claim"], actor=self.people[Role.AGENT])
        if event := self.attempt(act):
            self.later.append(event)

    @rule(behind=st.integers(1, 3))
    def an_old_form_is_sent(self, behind):
        version = self.row().version - behind
        act = partial(
            advance, transition=Event.WITHDRAW, actor=self.people[Role.TENANT], version=version
        )
        assert self.attempt(act) is None

    @precondition(lambda self: self.later)
    @rule(role=st.sampled_from(ROLES))
    def take_it_back(self, role):
        event = self.later[-1]
        before = event.before
        claim = self.attempt(lambda claim, now: undo(event=event, actor=self.people[role], now=now))
        if claim is None:
            return
        self.later.pop()
        assert event.actor_id == self.people[role].user.pk
        assert claim.state == before["state"]

    @rule(length=st.sampled_from([timedelta(seconds=40), timedelta(hours=5), timedelta(days=4)]))
    def time_passes(self, length):
        self.clock.__exit__(None, None, None)
        self.clock = moments.at(now() + length)
        self.clock.__enter__()
        self.later.clear()
        factories.pass_time(seconds=length.total_seconds())

    @rule()
    def the_worker_works(self):
        drain(tasks.HANDLERS, now)
        escalation.sweep(now=now())
        assert not Job.objects.filter(attempts__gt=1).exists()  # nothing failed
        self.later.clear()

    @invariant()
    def the_row_is_what_its_events_say(self):
        claim = self.row()
        events = list(
            ClaimEvent.everything.filter(claim=claim, undone_at=None)
            .order_by("pk")
            .only("name", "role", "state", "before")
        )
        assert claim.state == events[-1].state
        moved = [event for event in events if event.before]
        for event, after in zip(moved, moved[1:], strict=False):
            assert after.before["state"] == event.state
        assert (claim.ended_at is not None) == (claim.state in ENDED)
        if claim.state in ENDED_BY:
            assert (moved[-1].name, moved[-1].role) in {
                (name, role) for name, roles in ENDED_BY[claim.state].items() for role in roles
            }

    @invariant()
    def who_waits_has_a_date(self):
        """An open claim that was routed always has a dated promise, or waits for the tenant."""
        claim = self.row()
        if claim.routed_at is None:
            return
        open_ones = claim.promises.filter(open_condition())
        if claim.state in ENDED:
            assert not open_ones.exists()
        elif claim.state not in {State.DONE, State.WAITING_TENANT}:
            assert open_ones.filter(due_at__isnull=False).exists()

    @invariant()
    def each_news_is_told_once(self):
        for event in ClaimEvent.everything.filter(claim=self.claim.pk):
            jobs = Job.objects.filter(kind=Job.Kind.NOTIFY, key=str(event.pk)).count()
            assert jobs == (0 if event.undone_at else 1)


@pytest.mark.trust
def test_random_lives(landlord):
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    other = factories.leak(landlord, now(), key="other", tenant=str(tenant.pk))
    north = landlord["north"]
    people = {
        role: Actor.member(factories.member(north, role))
        for role in ROLES
        if role not in {Role.TENANT, SYSTEM}
    }
    people |= {Role.TENANT: Actor.tenant(tenant.user), SYSTEM: Actor.SYSTEM}
    run_state_machine_as_test(
        lambda: Life(landlord, people, {"tenant": tenant, "claim": other}),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
