"""Promises that are made, paused, renewed and kept, and lateness that climbs once per level."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from agencies.models import Closure, Desk
from requests.actions import conversation, escalation, promises
from requests.actions._advance import advance
from requests.actions.filing import Filing, file_claim
from requests.actions.routing import route_claim
from requests.models import Claim, EscalationStep, Job, Promise, PromiseTerm
from tests.factories import member

PARIS = ZoneInfo("Europe/Paris")
# A Tuesday morning, half an hour after the agency opened.
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=PARIS).astimezone(UTC)


def at(hours: float) -> datetime:
    return TUESDAY + timedelta(hours=hours)


def routed(landlord, key="k") -> Claim:
    claim = file_claim(
        Filing(channel="web", key=key, category="PLO-03", dwelling=landlord["dwelling"].pk),
        now=TUESDAY,
    )
    route_claim(claim_id=claim.pk, now=TUESDAY)
    claim.refresh_from_db()
    return claim


def open_promises(claim) -> dict:
    rows = Promise.objects.filter(claim=claim, kept_at=None, ended_at=None)
    return {p.kind: p.due_at for p in rows}


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")


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
    advance(claim=claim, transition="take_charge", membership=agent, now=at(1))
    due = open_promises(claim)
    assert set(due) == {"first_visit", "resolution"}
    assert claim.promise_at == min(due.values())
    assert Promise.objects.get(claim=claim, kind="acknowledgement").kept_at == at(1)


def test_the_clock_stands_still_while_the_tenant_is_asked(landlord, agent):
    claim = routed(landlord)
    before = open_promises(claim)["resolution"]
    advance(claim=claim, transition="ask", membership=agent, now=at(1), text="Une photo ?")
    assert claim.promise_at is None
    # Two hours of work later the tenant answers: the date moves by two working hours.
    conversation.from_tenant(claim=claim, text="La voici", now=at(3))
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
        transition="hand_over",
        membership=agent,
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
        transition="refuse",
        membership=agent,
        now=at(1),
        reason="not_ours",
        text="Voici pourquoi",
    )
    assert open_promises(claim) == {}
    assert claim.promise_at is None


def test_a_reopening_promises_anew(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition="report_done", membership=agent, now=at(1))
    advance(claim=claim, transition="say_not_fixed", now=at(26))
    assert set(open_promises(claim)) == {"acknowledgement", "resolution"}
    assert claim.promise_at > at(26)


def climb_all(now) -> list:
    escalation.sweep(now=now)
    due = Job.objects.filter(kind="escalate", done_at=None)
    climbed = [job.key for job in due if escalation.climb(step_id=job.key, now=now)]
    due.update(done_at=now)
    return climbed


def levels(claim) -> list:
    rows = claim.events.filter(name__in=["late", "escalated"])
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
    event = claim.events.get(name="late")
    assert claim.promise_at == datetime.fromisoformat(event.facts["new_date"])
    assert claim.promise_at == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Job.objects.filter(kind="notify", key=str(event.pk)).exists()


def test_a_kept_promise_never_climbs(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition="answer", membership=agent, now=at(1), text="Fait")
    assert climb_all(at(24 * 60)) == []
    assert levels(claim) == []


@pytest.mark.django_db(transaction=True)
def test_ten_workers_take_a_step_once():
    from tests.factories import landlord as made

    claim = routed(made())
    step = EscalationStep.objects.get(promise__kind="acknowledgement", level="due")

    def work(_number):
        try:
            return escalation.climb(step_id=step.pk, now=step.due_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(work, range(10))) == 1
    assert levels(claim) == [("acknowledgement", "due")]
