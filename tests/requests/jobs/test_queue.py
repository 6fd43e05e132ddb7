"""Jobs are leased, counted before the effect, retried, and never lost with the broker."""

import errno
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import time_machine
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.db.models.functions import Now

from portal.clock import now
from portal.dev import supervisor
from requests import tasks
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.transitions import HOLD
from requests.jobs import queue, wake
from requests.jobs.models import Job
from requests.jobs.priorities import SENDING, WORK, Priority, priority_of
from tests.factories import leak, member, pass_time


@pytest.fixture
def claim(landlord):
    return leak(landlord, now(), contact_email="awa@example.test")


def test_draining_routes_and_tells_the_tenant(claim, mailoutbox):
    queue.drain(tasks.HANDLERS, now)
    claim.refresh_from_db()
    assert (claim.owner.unit.code, claim.owner.kind) == ("nord", "technical")
    assert claim.decisions.get().rule == "agency_of_the_dwelling"
    assert [m.to for m in mailoutbox] == [["awa@example.test"]]
    assert claim.spoken_reference in mailoutbox[0].subject
    assert not Job.objects.filter(done_at__isnull=True).exists()


def test_draining_twice_does_nothing_more(claim, mailoutbox):
    queue.drain(tasks.HANDLERS, now)
    queue.drain(tasks.HANDLERS, now)
    assert ClaimEvent.unscoped.filter(name=Event.ROUTED).count() == 1
    assert len(mailoutbox) == 1


def test_a_worker_that_dies_leaves_a_lease_that_expires(claim, settings):
    first = queue.lease_due()
    others = [job.pk for job in iter(queue.lease_due, None)]
    assert first.pk not in others
    assert queue.lease_due() is None
    pass_time(seconds=settings.PALIER_LEASE - 5)
    assert queue.lease_due() is None
    pass_time(seconds=10)
    assert queue.lease_due().attempts == 2


def test_leases_ignore_the_clock_of_this_machine(claim):
    with time_machine.travel(now() + timedelta(days=1)):
        assert queue.lease_due()
        while queue.lease_due():
            pass
        assert queue.lease_due() is None


def test_a_failing_job_waits_longer_each_time_and_stops(claim):
    waits = []

    def fail(*, key, now):
        raise RuntimeError("no mail server")

    for _ in range(12):
        queue.drain({"route": fail, "notify": fail}, now)
        row = Job.objects.annotate(seen=Now()).order_by("pk").first()
        waits.append(round((row.next_at - row.seen).total_seconds() / 60))
        pass_time(days=1)
    assert waits[:8] == [2, 4, 8, 16, 32, 64, 128, 0]
    assert set(Job.objects.values_list("attempts", flat=True)) == {Job.MAX_ATTEMPTS}
    assert "no mail server" in Job.objects.first().error
    assert Job.objects.dead().count() == 2
    assert not Job.objects.waiting().exists()


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("deadlock"),
        DatabaseError("no message"),
        InterfaceError("closed"),
        OSError(errno.ENOSPC, "no room"),
    ],
)
@pytest.mark.weakness("hiccup")
def test_a_hiccup_is_nobodys_attempt_and_is_tried_again_in_seconds(claim, error):
    Job.objects.filter(kind="notify").delete()
    waits = []

    def fail(*, key, now):
        raise error

    for _ in range(queue.MOST_HICCUPS):
        assert queue.drain({"route": fail}, now, most=1) == 1
        row = Job.objects.annotate(seen=Now()).get()
        waits.append(round((row.next_at - row.seen).total_seconds()))
        assert row.attempts == 0
        pass_time(minutes=1)
    assert waits[:6] == [2, 4, 8, 16, 30, 30]
    # What fails for ever is no hiccup: it ends as a dead letter.
    for _ in range(Job.MAX_ATTEMPTS):
        queue.drain({"route": fail}, now, most=1)
        pass_time(days=1)
    assert Job.objects.dead().count() == 1


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_an_outcome_is_written_again_when_the_server_died_meanwhile(monkeypatch, error):
    tried = []

    def update(**outcome):
        tried.append(outcome)
        if len(tried) == 1:
            raise error("server closed the connection unexpectedly")

    alone = SimpleNamespace(in_atomic_block=False, close_if_unusable_or_obsolete=lambda: None)
    monkeypatch.setattr(queue, "connection", alone)
    monkeypatch.setattr(queue, "PATIENCE", (0, 0))
    queue._write(SimpleNamespace(update=update), error="")
    assert tried == [{"error": ""}] * 2


def test_the_attempt_of_a_hiccup_that_another_worker_took_is_left_alone(claim):
    Job.objects.filter(kind="notify").delete()

    def slow(*, key, now):
        pass_time(minutes=2)
        assert queue.lease_due()
        raise OperationalError("terminated")

    queue.drain({"route": slow}, now, most=1)
    job = Job.objects.get()
    assert (job.attempts, job.hiccups, job.error) == (2, 0, "")


@pytest.mark.weakness("backlog")
def test_a_message_works_at_most_some_seconds(claim, monkeypatch):
    Job.objects.bulk_create(Job(kind="route", key=f"r{n}", next_at=Now()) for n in range(5))
    assert queue.drain({"route": lambda **_: None}, now, seconds=0) == 0
    seconds = iter([0, 1, 2, 4, 6])
    monkeypatch.setattr(queue, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    assert queue.drain({"route": lambda **_: None}, now, seconds=5) == 3
    assert queue.is_due()


def test_an_emergency_is_taken_first_then_sorting_then_the_rest(landlord):
    usual = leak(landlord, now(), key="usual")
    danger = leak(landlord, now(), key="gas")
    Job.objects.filter(key=str(danger.pk)).update(priority=Priority.EMERGENCY)
    Job.objects.filter(kind="notify").update(next_at=Now() - timedelta(hours=1))
    taken = [queue.lease_due() for _ in range(3)]
    assert [(job.kind, job.key) for job in taken[:2]] == [
        ("route", str(danger.pk)),
        ("route", str(usual.pk)),
    ]
    assert taken[2].kind == "notify"


def test_a_claim_of_danger_carries_its_priority_to_its_messages(landlord, mailoutbox):
    Category.objects.filter(code="PLO-03").update(urgency="U0")
    leak(landlord, now(), contact_email="awa@example.test")
    assert set(Job.objects.values_list("priority", flat=True)) == {Priority.EMERGENCY}
    queue.drain(tasks.HANDLERS, now, priorities=WORK)
    deliver = Job.objects.get(kind="deliver")
    assert (deliver.priority, deliver.done_at) == (Priority.SEND_EMERGENCY, None)
    tasks.send()
    assert len(mailoutbox) == 1


@pytest.mark.weakness("mail server hangs")
def test_workers_never_wait_for_a_mail_server(claim):
    queue.drain(tasks.HANDLERS, now, priorities=WORK)
    kinds = set(Job.objects.filter(done_at__isnull=True).values_list("kind", flat=True))
    assert kinds == {"deliver"}
    assert queue.is_due(SENDING)
    assert not queue.is_due(WORK)


def test_every_kind_is_worked_by_one_process():
    found = {priority_of(kind, emergency=flag) for kind in Job.Kind for flag in (True, False)}
    assert found == set(Priority)
    assert sorted((*WORK, *SENDING)) == sorted(Priority)


@pytest.mark.weakness("backlog")
def test_each_task_of_the_schedule_goes_to_a_queue_that_somebody_takes(settings):
    router = current_app.amqp.router
    taken = set((supervisor.WORKER[1] + "," + supervisor.SENDER[1]).split(","))
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == taken
    chosen = {
        entry["task"]: router.route({}, entry["task"])["queue"].name
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
    assert chosen[wake.DRAIN] == "work"
    assert chosen[wake.SEND] == "sending"
    assert chosen["requests.tasks.tick"] == chosen["requests.tasks.escalate"] == "sweeps"
    assert chosen["requests.tasks.poll_mailboxes"] == "long"
    compose = Path(supervisor.ROOT / "docker-compose.yml").read_text()
    assert f'"{supervisor.WORKER[1]}"' in compose
    assert f'"{supervisor.SENDER[1]}"' in compose


def test_a_worker_knows_each_task_of_the_schedule(settings):
    current_app.loader.import_default_modules()
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked - set(current_app.tasks) == set()


def test_a_job_that_always_fails_does_not_hold_the_others(claim):
    def fail(*, key, now):
        raise RuntimeError

    for _ in range(Job.MAX_ATTEMPTS):
        queue.drain({"route": tasks.HANDLERS["route"], "notify": fail}, now)
        pass_time(days=1)
    claim.refresh_from_db()
    assert claim.routed_at
    assert set(Job.objects.dead().values_list("kind", flat=True)) == {"notify"}


def test_a_job_that_kills_its_worker_is_counted_before_and_stops(claim):
    Job.objects.filter(kind="notify").delete()

    def kill(*, key, now):
        raise SystemExit

    for _ in range(Job.MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            queue.drain({"route": kill}, now)
        pass_time(minutes=2)
    assert queue.drain({"route": kill}, now) == 0
    assert Job.objects.dead().count() == 1


def test_a_slow_failure_does_not_free_a_row_that_another_worker_took(claim):
    Job.objects.filter(kind="notify").delete()

    def slow(*, key, now):
        pass_time(minutes=2)
        assert queue.lease_due()
        raise RuntimeError

    queue.drain({"route": slow}, now)
    assert queue.lease_due() is None
    assert Job.objects.get().error == ""


def test_a_hundred_hints_do_no_harm(claim, mailoutbox):
    for _ in range(100):
        tasks.drain()
        tasks.send()
    assert ClaimEvent.unscoped.filter(name=Event.ROUTED).count() == 1
    assert len(mailoutbox) == 1


def test_a_dead_broker_does_not_stop_filing(monkeypatch):
    calls = []

    def down(name, **kwargs):
        calls.append(name)
        raise redis.exceptions.ConnectionError("broker down")

    monkeypatch.setattr(wake, "_silent_until", 0.0)
    monkeypatch.setattr(current_app, "send_task", down)
    wake.wake()
    wake.wake()
    assert calls == [tasks.drain.name]  # a broker that hangs costs one page its time limit, not all


def test_a_drain_tells_of_its_commits_once_in_a_while_and_of_the_last_ones_at_its_end(monkeypatch):
    calls = []
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    monkeypatch.setattr(wake, "PAUSE", 60.0)
    monkeypatch.setattr(current_app, "send_task", lambda name, **_more: calls.append(name))
    with wake.sparingly():
        for _commit in range(3):
            wake.wake()
        wake.wake(wake.SEND)
        assert calls == [wake.DRAIN, wake.SEND]
    assert calls == [wake.DRAIN, wake.SEND, wake.DRAIN]
    wake.wake()
    wake.wake()
    assert calls[3:] == [wake.DRAIN, wake.DRAIN]


def test_a_person_tries_again_or_gives_up(claim, landlord):
    Job.objects.update(attempts=Job.MAX_ATTEMPTS, next_at=Now())
    first, second = Job.objects.order_by("pk")
    assert queue.retry(job=first)
    assert not queue.retry(job=first)
    boss = member(landlord["head"], "admin").user
    assert queue.give_up(job=second, reason="double", by=boss)
    assert not queue.give_up(job=second, reason="double", by=boss)
    second.refresh_from_db()
    assert (second.given_up_reason, second.given_up_by) == ("double", boss)
    assert queue.lease_due() == first
    assert queue.lease_due() is None


def test_a_reason_without_an_end_is_refused_by_the_database(claim):
    with pytest.raises(IntegrityError):
        Job.objects.update(given_up_reason="because")


def test_a_question_is_mailed_once(claim, client, landlord, mailoutbox):
    queue.drain(tasks.HANDLERS, now)
    mailoutbox.clear()
    client.force_login(member(landlord["north"], "agent").user)
    claim.refresh_from_db()
    data = {"version": claim.version, "text": "Une photo ?"}
    assert client.post(f"/agency/{claim.pk}/ask/", data).status_code == 302
    queue.drain(tasks.HANDLERS, now)
    assert mailoutbox == []  # it can still be undone
    pass_time(seconds=31)
    queue.drain(tasks.HANDLERS, lambda: now() + HOLD)
    assert [m.body.count("Une photo ?") for m in mailoutbox] == [1]


def test_after_a_restore_work_is_held_until_a_person_releases_it(claim, mailoutbox, capsys):
    call_command("outgoing", "hold")
    call_command("outgoing", "hold")
    assert queue.drain(tasks.HANDLERS, now) == 0
    assert "2 still held" in capsys.readouterr().out
    call_command("outgoing", "release", since="2999-01-01T00:00")
    assert queue.drain(tasks.HANDLERS, now) == 0
    call_command("outgoing", "release")
    assert queue.held_jobs().count() == 0
    queue.drain(tasks.HANDLERS, now)
    assert len(mailoutbox) == 1
    with pytest.raises(CommandError, match="no moment"):
        call_command("outgoing", "release", since="tomorrow")
