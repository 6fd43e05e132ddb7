"""Test the reminder, the call and the check that come before a person may close a claim."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.closing import actions as closing
from requests.closing.models import ClosingStep, Feedback
from requests.jobs import queue
from requests.jobs.models import Job
from requests.work_orders.actions import advance_order
from tests import factories


@pytest.fixture
def done(order, claim):
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    claim.refresh_from_db()
    assert closing.sweep(now()) == 1
    return claim


def steps(claim):
    return {s.kind: s.state for s in claim.closing_steps.filter(turn=claim.reopened)}


def run(days):
    at = now() + timedelta(days=days, minutes=1)
    for job in Job.objects.filter(kind="closing", next_at__lte=at, done_at__isnull=True):
        closing.run_step(key=job.key, now=at)
        Job.objects.filter(pk=job.pk).update(done_at=at)


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
def test_the_ladder_climbs_at_three_seven_and_ten_days(done, landlord):
    assert closing.sweep(now()) == 0
    run(2)
    assert set(steps(done).values()) == {"planned"}
    run(3)
    assert steps(done) == {"reminder": "done", "call": "planned", "check": "planned"}
    assert done.events.filter(name=Event.CLOSING_REMINDER).count() == 1
    run(7)
    run(10)
    assert steps(done) == {"reminder": "done", "call": "due", "check": "due"}
    member = factories.member(landlord["north"], "agency_manager")
    assert not closing.may_close_unanswered(done)
    with pytest.raises(workflow.NotAllowed):
        closing.close_after_attempts(claim=done, text="x", actor=Actor.member(member), now=now())
    for step in ClosingStep.objects.filter(state="due"):
        closing.record_attempt(step=step, outcome="Personne", actor=Actor.member(member), now=now())
        with pytest.raises(workflow.NotAllowed):
            closing.record_attempt(
                step=step, outcome="Encore", actor=Actor.member(member), now=now()
            )
    closing.close_after_attempts(
        claim=done, text="Sans réponse", actor=Actor.member(member), now=now()
    )
    done.refresh_from_db()
    assert done.state == "closed"
    facts = done.events.get(name=Event.CLOSE_UNANSWERED).facts
    assert [a["kind"] for a in facts["attempts"]] == ["reminder", "call", "check"]


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
@pytest.mark.parametrize("answer", ["say_fixed", "say_not_fixed"])
def test_the_tenants_word_stops_it(done, answer):
    run(3)
    advance(claim=done, transition=answer, actor=Actor.TENANT, now=now())
    run(10)
    assert not done.closing_steps.filter(state__in=["due", "planned"]).exists()
    assert done.events.filter(name=Event.CLOSING_REMINDER).count() == 1


def test_a_second_end_has_its_own_attempts(done, order):
    run(3)
    advance(claim=done, transition=Event.SAY_NOT_FIXED, actor=Actor.TENANT, now=now())
    advance_order(
        order=order,
        transition="send_back",
        actor=Actor("caretaker"),
        now=now(),
        reason="non",
    )
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="bis"
    )
    done.refresh_from_db()
    assert closing.sweep(now()) == 1
    assert steps(done) == {"reminder": "planned", "call": "planned", "check": "planned"}


def test_a_claim_found_late_is_reminded_now_and_called_later(done):
    ClosingStep.objects.all().delete()
    at = now() + timedelta(days=100)
    closing.sweep(at)
    due = dict(done.closing_steps.values_list("kind", "due_at"))
    assert due["reminder"] <= at < due["call"] < due["check"]


def test_jobs_run_through_the_outbox(done):
    Job.objects.filter(kind="closing").update(next_at=now())
    queue.drain(tasks.HANDLERS, now)
    assert steps(done) == {"reminder": "done", "call": "due", "check": "due"}


def test_the_database_wants_a_name_and_an_outcome(done):
    with pytest.raises(IntegrityError), transaction.atomic():
        done.closing_steps.filter(kind="call").update(state="done", done_at=now())


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
def test_calls_for_the_desk_and_checks_for_the_caretaker(client, done, landlord):
    run(10)
    call, check = (ClosingStep.objects.get(kind=k) for k in ("call", "check"))
    url = reverse("closing_attempts")
    client.force_login(factories.member(landlord["south"], "agent").user)
    assert client.get(url).context["rows"] == []
    assert client.post(reverse("closing_attempt", args=[call.pk])).status_code == 404
    client.force_login(factories.member(landlord["north"], "caretaker").user)
    page = client.get(url)
    assert page.context["rows"] == [check]
    assert "0612345678" not in page.content.decode()
    assert client.post(reverse("closing_attempt", args=[call.pk])).status_code == 404
    assert client.post(reverse("closing_attempt", args=[check.pk])).status_code == 422
    noted = client.post(reverse("closing_attempt", args=[check.pk]), {"outcome": "C'est sec"})
    assert noted.status_code == 302
    check.refresh_from_db()
    assert (check.state, check.outcome) == ("done", "C'est sec")


def test_satisfaction_once_per_end(client, claim, done):
    url = reverse("feedback", args=[done.token])
    assert client.get(url).status_code == 200
    assert not Feedback.unscoped.exists()
    assert client.post(url, {"score": "9"}).status_code == 422
    for score in ("3", "1"):
        assert client.post(url, {"score": score, "word": "Bien"}).status_code in {200, 302}
    assert Feedback.unscoped.get().score == 3
    assert not closing.give_feedback(
        claim=done, score=1, word="", channel="web", actor=Actor.TENANT, now=now()
    )
    assert done.events.filter(name=Event.FEEDBACK).count() == 1


def test_satisfaction_is_not_asked_too_early(client, claim):
    url = reverse("feedback", args=[claim.token])
    client.post(url, {"score": "1"})
    assert not Feedback.unscoped.exists()


def test_what_was_said_by_voice_is_written_down_on_the_same_scale(client, done, agent):
    client.force_login(agent.user)
    page = reverse("feedback_said", args=[done.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"channel": "phone"}).status_code == 422
    answer = client.post(page, {"channel": "phone", "score": "3", "word": "Bien, mais tard"})
    assert answer.status_code == 302
    given = Feedback.unscoped.get()
    assert (given.score, given.channel) == (3, "phone")
    assert done.events.get(name=Event.FEEDBACK).actor == agent.user
    assert client.post(page, {"channel": "phone", "score": "1"}).status_code == 200
    assert Feedback.unscoped.get().score == 3


def test_a_sweep_asks_as_much_for_many_claims_as_for_one(make_claim, django_assert_num_queries):
    for many in (1, 4):
        for each in range(many):
            done = make_claim(f"{many}-{each}")
            Claim.objects.system("test").filter(pk=done.pk).update(state="done")
        with django_assert_num_queries(8):  # with a savepoint
            assert closing.sweep(now()) == many
    assert ClosingStep.objects.count() == Job.objects.filter(kind="closing").count() == 15
