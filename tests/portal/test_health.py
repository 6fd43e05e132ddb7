"""`/readyz` names what is wrong; the technical follow-up shows it and lets a person end it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from portal import health
from portal.clock import now
from portal.models import Pulse
from requests import tasks
from requests.jobs.models import Job
from requests.operations.views import CHECKS
from tests.factories import member, pass_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive():
    for name in ("worker", "sender", "beat"):
        Pulse.beat(name)


@pytest.fixture
def dead(landlord):
    return Job.objects.create(
        kind="notify",
        key="41",
        next_at=Now(),
        attempts=Job.MAX_ATTEMPTS,
        error="SMTPRecipientsRefused({'awa.traore@example.test': (550, b'no')})",
    )


def age(name, **length):
    Pulse.objects.filter(name=name).update(at=Now() - timedelta(**length))


def test_ready_when_everything_works(client, alive):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"]
    assert set(answer.json()["checks"]) == {
        *health.LIMITS,
        *("database", "broker", "progress", "disk", "clock"),
    }


def test_a_fresh_start_is_not_ready_before_its_first_beat(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["culprits"] == ["worker", "sender", "beat"]


@pytest.mark.parametrize("name", ["worker", "sender", "beat"])
def test_silence_is_named(client, alive, name):
    age(name, seconds=61)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["culprits"]) == (503, [name])
    assert answer.json()["checks"][name]["age_seconds"] > 60


def test_a_live_process_is_not_progress(client, alive):
    Job.objects.create(kind="route", key="1", next_at=Now())
    assert client.get("/readyz").status_code == 200
    pass_time(minutes=3)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["culprits"]) == (503, ["progress"])


def test_work_that_waits_for_its_next_attempt_is_no_alarm(client, alive, dead):
    Job.objects.create(kind="route", key="1", next_at=Now() + timedelta(minutes=8), attempts=3)
    assert client.get("/readyz").status_code == 200


def test_a_dead_broker_is_named(client, alive, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json()["culprits"] == ["broker"]


def test_a_full_disk_is_named(client, alive, monkeypatch):
    full = SimpleNamespace(total=1000, free=49)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: full)
    assert client.get("/readyz").json()["culprits"] == ["disk"]


@pytest.mark.parametrize("seconds", [-31, 31])
def test_a_clock_that_jumped_is_named(client, alive, monkeypatch, seconds):
    jumped = now() + timedelta(seconds=seconds)
    monkeypatch.setattr(health, "_database_time", lambda: jumped)
    assert client.get("/readyz").json()["culprits"] == ["clock"]


def test_each_alarm_says_what_to_do(client, landlord, monkeypatch):
    wrong = [health.Check(name, False) for name in CHECKS]
    configured = {"backup", "antivirus", "bucket", "replica"}  # shown where they are
    assert set(CHECKS) == {check.name for check in health.checks()} | configured
    monkeypatch.setattr(health, "checks", lambda: wrong)
    client.force_login(member(landlord["head"], "admin").user)
    page = client.get(reverse("operations:health")).content.decode()
    for _label, trouble, action in CHECKS.values():
        assert str(trouble) in page
        assert str(action) in page


def test_a_dead_database_is_named_without_an_exception(client, monkeypatch):
    def down():
        raise OSError

    monkeypatch.setattr(health, "_database", down)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["culprits"]) == (503, ["database"])


def test_the_tasks_leave_their_pulse():
    tasks.drain()
    tasks.send()
    tasks.tick()
    assert set(Pulse.objects.values_list("name", flat=True)) == set(health.LIMITS)


def test_a_burst_of_beats_writes_once(django_assert_num_queries, alive):
    at = Pulse.objects.get(name="worker").at
    Pulse.beat("worker")
    assert Pulse.objects.get(name="worker").at == at


def test_follow_up_shows_dead_letters_without_the_people_in_them(client, landlord, alive, dead):
    client.force_login(member(landlord["head"], "admin").user)
    page = client.get(reverse("operations:health")).content.decode()
    assert "SMTPRecipientsRefused" in page
    assert "awa.traore" not in page


def test_the_administrator_tries_again(client, landlord, dead):
    client.force_login(member(landlord["head"], "admin").user)
    assert client.post(reverse("operations:retry", args=[dead.pk])).status_code == 302
    dead.refresh_from_db()
    assert dead.attempts == 0
    again = client.post(reverse("operations:retry", args=[dead.pk]), follow=True)
    assert again.status_code == 200
    assert client.post(reverse("operations:retry", args=[0])).status_code == 404


def test_giving_up_needs_a_reason_and_is_signed(client, landlord, dead):
    boss = member(landlord["head"], "admin").user
    client.force_login(boss)
    url = reverse("operations:give_up", args=[dead.pk])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "x" * 301}).status_code == 422
    assert client.post(url, {"reason": "Adresse fausse, appelée."}).status_code == 302
    dead.refresh_from_db()
    assert dead.done_at
    assert (dead.given_up_by, dead.given_up_reason) == (boss, "Adresse fausse, appelée.")


def test_head_office_reads_only(client, landlord, dead):
    client.force_login(member(landlord["head"], "head_office").user)
    answer = client.get(reverse("operations:health"))
    assert answer.status_code == 200
    assert "give-up" not in answer.content.decode()
    for name in ("retry", "give_up"):
        assert client.post(reverse(f"operations:{name}", args=[dead.pk])).status_code == 403


@pytest.mark.parametrize("role", ["agent", "agency_manager", "caretaker", "dpo"])
def test_others_do_not_see_it(client, landlord, role):
    client.force_login(member(landlord["north"], role).user)
    assert client.get(reverse("operations:health")).status_code == 403


def test_the_administrator_lands_there(client, landlord):
    client.force_login(member(landlord["head"], "admin").user)
    assert client.get("/enter/").url == "/console/"
