"""Random lives of a claim: whatever people try, in whatever order, its promises to them hold.

Hypothesis draws the steps. A second, smaller account of what happened is kept here by hand; it
knows nothing of the transition table.
"""

from collections import Counter
from copy import copy
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, Phase, seed, settings
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
from requests.jobs import queue
from requests.jobs.models import Job
from requests.kit.choices import ENDED, State
from requests.promises import escalation
from requests.promises.models import open_condition
from tests import factories, moments, trust

pytestmark = pytest.mark.long

# Whole, 2,000 lives of 50 steps: in parts, so that two workers share them and PostgreSQL may clean
# up between two parts what was rolled back.
PARTS, LIVES, STEPS = trust.size(1, 40), trust.size(8, 50), trust.size(25, 50)
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
COUNTS = """
SELECT (SELECT count(*) FROM requests_claimevent WHERE claim_id = %s),
       (SELECT count(*) FROM requests_job)"""


def lease_alone(priorities: object) -> Job | None:
    """Take the first due job as ``lease_due`` does, without what only other workers need.

    Two queries instead of ten: a fifth of the time of a life. tests/faults/test_lease.py has both.
    """
    due = Job.objects.waiting().filter(next_at__lte=Now())
    job = due.order_by("priority", "next_at", "pk").first()
    if job is not None:
        lease = Now() + timedelta(seconds=30)
        Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, next_at=lease)
        job.attempts += 1
    return job


class Life(RuleBasedStateMachine):
    """One claim, the people around it, and time."""

    def __init__(self, house: dict, people: dict[str, Actor], other: dict, tally: Counter) -> None:
        super().__init__()
        self.house, self.people, self.other, self.tally = house, people, other, tally
        self.outside = transaction.atomic()
        self.outside._from_testcase = True  # sending inside of it is no mistake
        self.outside.__enter__()
        self.clock = moments.at(moments.MOMENT)
        self.clock.__enter__()
        self.claim = factories.leak(
            house, now(), contact_email="awa@example.test", tenant=str(other["tenant"].pk)
        )
        self.later: list[ClaimEvent] = []
        self.tally["lives"] += 1
        self.has_changed = True
        self.seen = self.look()

    def teardown(self) -> None:
        self.clock.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.outside.__exit__(None, None, None)

    def row(self) -> Claim:
        return Claim.objects.system("test").get(pk=self.claim.pk)

    def look(self) -> tuple[Claim, tuple[int, int]]:
        """Return the claim, and how many events and jobs there are."""
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, [self.claim.pk])
            return self.row(), cursor.fetchone()

    def attempt(self, act, *, may_fail=REFUSED) -> ClaimEvent | None:
        """Do it, or see that a refusal changed nothing."""
        before, counts = self.seen
        self.tally["tried"] += 1
        try:
            with transaction.atomic():
                done = act(claim=copy(before), now=now())
        except may_fail:
            self.seen = self.look()
            after, counted = self.seen
            assert model_to_dict(after) == model_to_dict(before)
            assert counted == counts
            return None
        self.has_changed = True
        self.tally["done"] += 1
        assert self.row().version > before.version
        return done

    @rule(
        name=st.sampled_from(sorted(set(workflow.TRANSITIONS) - {Event.MERGE})),
        role=st.sampled_from(ROLES),
        days=st.integers(1, 20),
        whole=st.booleans(),
    )
    def step(self, name, role, days, whole):
        self.make(name, role, days if whole else 0)

    @rule(data=st.data(), role=st.sampled_from(ROLES), days=st.integers(1, 20))
    def a_button_is_pressed(self, data, role, days):
        """What the page offers; most steps that are drawn blindly are refused."""
        # A life that is withdrawn or merged at once is a short one.
        offered = workflow.allowed(self.seen[0].state, role) - {Event.WITHDRAW, Event.MERGE}
        if offered:
            self.make(data.draw(st.sampled_from(sorted(offered))), role, days)

    def make(self, name, role, days):
        """Try a step; without ``days`` its form is empty."""
        at = now() + timedelta(days=days)
        facts = {
            "text": "un mot",
            "reason": "tenant_upkeep",
            "desk": self.house["south"].desks.order_by("pk").first().pk,
            "due": at.isoformat(),
            "category": "PLO-03",
            "place": "ici",
            "tenant": str(self.other["tenant"].pk),
        }
        if name in {Event.PLAN}:
            facts["visit_at"] = at
        if name in {Event.INFORM}:
            facts["promise_at"] = at
        act = partial(advance, transition=name, actor=self.people[role], **(facts if days else {}))
        event = self.attempt(act)
        if event:
            self.later.append(event)

    @precondition(lambda self: self.seen[0].category_id != self.house["gas"].pk)
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

    @rule(nth=st.integers(1, 12))
    def merge(self, nth):
        if nth > 1:  # it ends a life, and is possible in most
            return
        act = partial(triage.merge, into=self.other["claim"], actor=self.people[Role.AGENT])
        if event := self.attempt(act):
            self.later.append(event)

    @rule(behind=st.integers(1, 3))
    def an_old_form_is_sent(self, behind):
        version = self.seen[0].version - behind
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
        later = now() + length  # before the clock goes back to the test's own moment
        self.clock.__exit__(None, None, None)
        self.clock = moments.at(later)
        self.clock.__enter__()
        self.later.clear()
        self.has_changed = True
        factories.pass_time(seconds=length.total_seconds())

    @rule()
    def the_worker_works(self):
        queue.drain(tasks.HANDLERS, now)
        escalation.sweep(now=now())
        self.has_changed = True
        assert not Job.objects.filter(attempts__gt=1).exists()  # nothing failed
        self.later.clear()

    @invariant()
    def promises_hold(self):
        """Look only after something changed: a refusal was seen to change nothing."""
        self.tally["steps"] += 1
        if not self.has_changed:
            return
        self.has_changed, self.seen = False, self.look()
        claim = self.seen[0]
        told = ClaimEvent.everything.filter(claim=claim).order_by("pk")
        told = list(told.only("name", "role", "state", "before", "undone_at"))
        self.the_row_is_what_its_events_say(claim, [e for e in told if e.undone_at is None])
        self.who_waits_has_a_date(claim)
        self.each_news_is_told_once(told)

    def the_row_is_what_its_events_say(self, claim, events):
        assert claim.state == events[-1].state
        moved = [event for event in events if event.before]
        for event, after in zip(moved, moved[1:], strict=False):
            assert after.before["state"] == event.state
        assert (claim.ended_at is not None) == (claim.state in ENDED)
        if claim.state in ENDED_BY:
            assert (moved[-1].name, moved[-1].role) in {
                (name, role) for name, roles in ENDED_BY[claim.state].items() for role in roles
            }

    def who_waits_has_a_date(self, claim):
        """An open claim that was routed always has a dated promise, or waits for the tenant."""
        if claim.routed_at is None:
            return
        open_ones = claim.promises.filter(open_condition())
        if claim.state in ENDED:
            assert not open_ones.exists()
        elif claim.state not in {State.DONE, State.WAITING_TENANT}:
            assert open_ones.filter(due_at__isnull=False).exists()

    def each_news_is_told_once(self, events):
        keys = [str(event.pk) for event in events]
        jobs = Job.objects.filter(kind=Job.Kind.NOTIFY, key__in=keys).values_list("key", flat=True)
        assert sorted(jobs) == sorted(str(e.pk) for e in events if e.undone_at is None)


@pytest.mark.trust
@pytest.mark.parametrize("part", range(PARTS))
def test_random_lives(landlord, part, monkeypatch):
    monkeypatch.setattr(queue, "lease_due", lease_alone)
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    other = factories.leak(landlord, now(), key="other", tenant=str(tenant.pk))
    north = landlord["north"]
    people = {
        role: Actor.member(factories.member(north, role))
        for role in ROLES
        if role not in {Role.TENANT, SYSTEM}
    }
    people |= {Role.TENANT: Actor.tenant(tenant.user), SYSTEM: Actor.SYSTEM}
    tally: Counter = Counter()
    # A seed of its own for each part: `--hypothesis-seed` would let all of them live the same.
    first = trust.seed()
    run_state_machine_as_test(
        seed(first + part)(
            lambda: Life(landlord, people, {"tenant": tenant, "claim": other}, tally)
        ),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(tally), f"PALIER_TRUST_SEED={first}")
    assert tally["lives"] >= LIVES
    if trust.WHOLE:
        assert tally["done"] > tally["lives"], "nearly everything that is drawn is refused"
