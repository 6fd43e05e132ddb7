"""Promises that are made, paused, renewed and kept, and lateness that climbs once per level."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from agencies.models import Closure, Desk
from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.transitions import advance, undo
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.inbox import triage
from requests.jobs.models import Job
from requests.promises import actions as promises
from requests.promises import escalation
from requests.promises.models import EscalationStep, Pause, Promise, PromiseTerm
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.appointments import book, confirm, no_access
from tests.factories import contractor, leak, member, tenant
from tests.requests.promises.helpers import PARIS, TUESDAY, at, climb_all, open_promises, routed


def test_routing_promises_what_the_terms_say(landlord):
    claim = routed(landlord)
    due = open_promises(claim)
    # 24 h are one working day of eight hours: 9:00–12:30, 13:30–17:30, and half an hour more.
    assert due["acknowledgement"] == datetime(2026, 3, 4, 9, 0, tzinfo=PARIS)
    assert due["resolution"] == datetime(2026, 3, 10, 9, 0, tzinfo=PARIS)
    assert set(due) == {"acknowledgement", "take_charge", "first_visit", "resolution"}
    assert claim.promise_at == due["acknowledgement"]


def test_a_term_of_the_category_wins_over_the_urgencys(landlord):
    PromiseTerm.objects.create(kind="resolution", urgency="U3", hours=48)
    PromiseTerm.objects.create(kind="resolution", urgency="U3", category=landlord["leak"], hours=24)
    assert open_promises(routed(landlord))["resolution"] == datetime(2026, 3, 4, 9, tzinfo=PARIS)


def test_news_keeps_the_promise_and_the_next_date_is_shown(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=at(1))
    due = open_promises(claim)
    assert set(due) == {"first_visit", "resolution"}
    assert claim.promise_at == min(due.values())
    assert Promise.objects.get(claim=claim, kind="acknowledgement").kept_at == at(1)


def test_the_clock_stands_still_while_the_tenant_is_asked(landlord, agent):
    claim = routed(landlord)
    before = open_promises(claim)["resolution"]
    asked = {"transition": Event.ASK, "text": "Une photo ?"}
    advance(claim=claim, actor=Actor.member(agent), now=at(1), **asked)
    assert claim.promise_at is None
    # Two hours of work later the tenant answers: the date moves by two working hours.
    conversation.from_tenant(claim=claim, text="La voici", actor=Actor.TENANT, now=at(3))
    claim.refresh_from_db()
    assert open_promises(claim)["resolution"] == before + timedelta(hours=2)
    kept = Promise.objects.filter(claim=claim, kind="resolution").order_by("pk")
    assert [p.why for p in kept] == ["filed", "paused", "resumed"]


def test_a_closure_moves_the_dates_and_the_old_ones_are_kept(landlord):
    claim = routed(landlord)
    Closure.objects.create(
        unit=landlord["north"],
        first_day=date(2026, 3, 4),
        last_day=date(2026, 3, 4),
        label="Inventaire",
    )
    assert promises.renew_unit(landlord["north"], now=at(1)) == 4
    claim.refresh_from_db()
    assert claim.promise_at == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Promise.objects.filter(claim=claim, ended_at=at(1)).count() == 4
    assert promises.renew_unit(landlord["south"], now=at(1)) == 0


def test_a_hand_over_shows_the_date_that_was_said(landlord, agent):
    claim = routed(landlord)
    desk = Desk.objects.get(unit=landlord["head"], kind="legal")
    due = at(30)
    advance(
        claim=claim,
        transition=Event.HAND_OVER,
        actor=Actor.member(agent),
        now=at(1),
        desk=desk.pk,
        reason="Assurance",
        due=due.isoformat(),
    )
    assert claim.promise_at == due


def test_what_is_settled_promises_nothing_more(landlord, agent):
    claim = routed(landlord)
    advance(
        claim=claim,
        transition=Event.REFUSE,
        actor=Actor.member(agent),
        now=at(1),
        reason="not_ours",
        text="Voici pourquoi",
    )
    assert open_promises(claim) == {}
    assert claim.promise_at is None


def test_a_reopening_promises_anew(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(agent), now=at(1))
    advance(claim=claim, transition=Event.SAY_NOT_FIXED, actor=Actor.TENANT, now=at(26))
    assert set(open_promises(claim)) == {"acknowledgement", "resolution"}
    assert claim.promise_at > at(26)


def levels(claim) -> list:
    rows = claim.events.filter(name__in=[Event.LATE, Event.ESCALATED])
    return [(e.facts["promise"], e.facts["level"]) for e in rows]


def test_a_claim_nobody_touches_climbs_every_level_once(landlord):
    claim = routed(landlord)
    for hours in range(0, 24 * 12, 6):
        climb_all(at(hours))
        climb_all(at(hours - 5))  # the clock jumps back
    climbed = levels(claim)
    for kind in ("acknowledgement", "take_charge", "first_visit", "resolution"):
        for level in ("before", "due", "after"):
            assert climbed.count((kind, level)) == 1, (kind, level)


def test_the_tenant_is_told_of_lateness_with_a_new_date_before_asking(landlord):
    claim = routed(landlord)
    due = claim.promise_at
    climb_all(due)
    claim.refresh_from_db()
    event = claim.events.get(name=Event.LATE)
    assert claim.promise_at == datetime.fromisoformat(event.facts["new_date"])
    assert claim.promise_at == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Job.objects.filter(kind="notify", key=str(event.pk)).exists()


def test_a_kept_promise_never_climbs(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.ANSWER, actor=Actor.member(agent), now=at(1), text="Fait")
    assert climb_all(at(24 * 60)) == []
    assert levels(claim) == []


@pytest.mark.django_db(transaction=True)
def test_ten_workers_take_a_step_once():
    from tests.factories import landlord as made

    claim = routed(made())
    step = EscalationStep.objects.get(promise__kind="acknowledgement", level="due")

    def work(_number):
        try:
            return escalation.carry_out_step(step_id=step.pk, now=step.due_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(work, range(10))) == 1
    assert levels(claim) == [("acknowledgement", "due")]


def sent_order(claim, agent):
    made = create_order(
        claim=claim,
        contractor=contractor(),
        payer="landlord",
        why="by_law",
        description="Fuite",
        respond_by=at(48),
        actor=Actor.member(agent),
        now=at(0),
    )
    send_order(order=made, actor=Actor.member(agent), now=at(0))
    return made


def test_no_access_keeps_the_first_visit_and_stops_the_clock_until_a_new_date(landlord, agent):
    claim = routed(landlord)
    before = open_promises(claim)["resolution"]
    order = sent_order(claim, agent)
    hands = {"order": order, "actor": Actor.CONTRACTOR}
    book(**hands, starts=at(1), ends=at(2), now=at(0.2), channel="phone")
    confirm(**hands, now=at(0.3))
    no_access(**hands, text="Personne", now=at(1))
    claim.refresh_from_db()
    visit = Promise.objects.get(claim=claim, kind="first_visit", kept_at__isnull=False)
    assert visit.kept_at == at(1)
    assert open_promises(claim)["resolution"] is None
    assert claim.pauses.get().reason == "access"
    # News to the tenant do not open the door; a new date does, two working hours later.
    advance(
        claim=claim,
        transition=Event.INFORM,
        actor=Actor.member(agent),
        now=at(2),
        text="Nous revenons.",
        promise_at=at(48),
    )
    assert open_promises(claim)["resolution"] is None
    order.refresh_from_db()
    book(**hands, starts=at(26), ends=at(27), now=at(3), channel="phone")
    assert open_promises(claim)["resolution"] == before + timedelta(hours=2)


def test_report_and_identification_are_two_moments(landlord, agent):
    claim = routed(landlord)
    assert (claim.filed_at, claim.identified_at) == (TUESDAY, None)
    person = tenant(landlord["dwelling"])
    event = triage.identify(claim=claim, tenant=person, actor=Actor.member(agent), now=at(1))
    claim.refresh_from_db()
    assert (claim.filed_at, claim.identified_at) == (TUESDAY, at(1))
    undo(event=event, actor=Actor.member(agent), now=at(1))
    claim.refresh_from_db()
    assert claim.identified_at is None
    known = file_claim(
        Filing(
            channel="phone",
            key="known",
            category="PLO-03",
            dwelling=landlord["dwelling"].pk,
            tenant=str(person.pk),
        ),
        actor=Actor.TENANT,
        now=at(2),
    )
    assert known.identified_at == at(2)


def test_a_clock_that_goes_back_ends_a_pause_where_it_began(landlord):
    agent = Actor.member(member(landlord["north"], "agent"))
    claim = leak(landlord, now())
    step = {"claim": claim, "actor": agent}
    advance(**step, transition=Event.TAKE_CHARGE, now=now())
    advance(**step, transition=Event.ASK, text="Une photo ?", now=now())
    advance(**step, transition=Event.TENANT_ANSWERED, now=now() - timedelta(hours=5))
    pause = Pause.objects.get(claim=claim)
    assert pause.ends_at == pause.starts_at
