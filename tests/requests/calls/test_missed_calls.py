"""Missed calls: one task per number, who it is, and what came of calling back."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portal.clock import now
from requests import tasks
from requests.channels import signatures
from requests.channels.models import Intake
from requests.inbound.missed_call_models import CallAttempt, MissedCall
from requests.jobs import queue
from tests.factories import contact, member, tenant

KEY, NUMBER = "k" * 20, "+33639981234"


@pytest.fixture(autouse=True)
def _key(settings):
    settings.PALIER_HOOK_KEY = KEY


def ring(number=NUMBER, id="1", event="missed", minutes_ago=0, key=KEY, **more):
    at = (now() - timedelta(minutes=minutes_ago)).isoformat()
    body = json.dumps({"id": id, "event": event, "from": number, "at": at, **more}).encode()
    stamp = int(now().timestamp())
    headers = {
        "X-Palier-Timestamp": str(stamp),
        "X-Palier-Signature": signatures.sign(key, stamp, body),
    }
    answer = Client().generic("POST", "/hooks/calls/", body, headers=headers)
    queue.drain(tasks.HANDLERS, now)
    return answer.status_code


@pytest.fixture
def awa(landlord):
    person = tenant(landlord["dwelling"])
    contact(person, NUMBER)
    return person


@pytest.fixture
def taker(landlord, client):
    made = member(landlord["head"], "call_taker")
    client.force_login(made.user)
    return made


def test_many_calls_of_one_number_are_one_task_with_its_tenant(awa, taker, client):
    for n in range(3):
        assert ring(id=str(n), minutes_ago=9 - n) == 202
        assert ring(id=str(n), minutes_ago=9 - n) == 202
    ring(number="02 40 00 11 22", id="x")
    row = MissedCall.unscoped.get(number=NUMBER)
    assert row.times == 3
    page = client.get("/calls/missed/").content.decode()
    assert "Awa Traoré" in page
    assert "06 39 98 12 34" in page
    assert "02 40 00 11 22" in page
    assert "/calls/?tel=%2B33639981234" in page
    assert "/calls/missed/" in client.get("/calls/").content.decode()


def test_no_answer_comes_back_and_ends_after_three(awa, taker, client):
    ring()
    row = MissedCall.unscoped.get()
    for tries in (1, 2, 3):
        answer = client.post(f"/calls/missed/{row.pk}/", {"outcome": "no_answer", "note": ""})
        assert answer.status_code == 302
        row.refresh_from_db()
        assert row.attempts.count() == tries
        assert bool(row.done_at) is (tries == 3)
    assert client.post(f"/calls/missed/{row.pk}/", {"outcome": "reached"}).status_code == 404
    ring(id="2")
    assert MissedCall.unscoped.filter(done_at=None).count() == 1


@pytest.mark.parametrize("outcome", ["reached", "voicemail", "wrong"])
def test_who_was_reached_is_done_with(awa, taker, client, outcome):
    ring()
    row = MissedCall.unscoped.get()
    assert client.post(f"/calls/missed/{row.pk}/", {"note": "x"}).status_code == 422
    client.post(f"/calls/missed/{row.pk}/", {"outcome": outcome, "note": "Rappelée"})
    row.refresh_from_db()
    assert row.done_at
    made = CallAttempt.unscoped.get()
    assert (made.outcome, made.note, made.by) == (outcome, "Rappelée", taker.user)


def test_a_call_that_was_taken_ends_the_task_in_any_order(awa, landlord):
    ring(id="1", minutes_ago=10)
    ring(id="2", event="answered", minutes_ago=2)
    assert not MissedCall.unscoped.filter(done_at=None).exists()
    ring(id="3", minutes_ago=5)  # told late: it was before the one that was taken
    assert MissedCall.unscoped.count() == 1
    ring(id="4", event="ringing")
    assert Intake.unscoped.filter(channel="phone").count() == 3


def test_an_agency_sees_its_own_tenants_only(awa, landlord, client):
    ring()
    ring(number="02 40 00 11 22", id="x")
    row = MissedCall.unscoped.get(number=NUMBER)
    client.force_login(member(landlord["south"], "agent").user)
    assert "06 39 98 12 34" not in client.get("/calls/missed/").content.decode()
    assert client.post(f"/calls/missed/{row.pk}/", {"outcome": "reached"}).status_code == 404
    client.force_login(member(landlord["north"], "agent").user)
    page = client.get("/calls/missed/").content.decode()
    assert "06 39 98 12 34" in page
    assert "02 40 00 11 22" not in page


def test_a_hidden_number_goes_to_the_tray_and_a_forged_post_nowhere(landlord):
    assert ring(number="anonymous", id="1") == 202
    assert Intake.unscoped.get().state == "failed"
    assert ring(id="2", key="other") == 401
    assert Intake.unscoped.count() == 1
    assert ring(id=None) == 400


def test_the_database_keeps_one_open_task_per_number(db):
    row = {"number": NUMBER, "first_at": now(), "last_at": now(), "due_at": now()}
    MissedCall.unscoped.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        MissedCall.unscoped.create(**row)
