"""Jobs are leased, counted before the effect, retried, and never lost with the broker."""

from datetime import timedelta

import pytest

from portal.clock import now
from requests import tasks
from requests.actions import outbox
from requests.actions._advance import HOLD
from requests.actions.filing import Filing, file_claim
from requests.models import ClaimEvent, Job
from tests.factories import member


@pytest.fixture
def claim(landlord):
    filing = Filing(
        channel="web",
        key="k",
        category="PLO-03",
        dwelling=landlord["dwelling"].pk,
        contact_email="awa@example.test",
    )
    return file_claim(filing, now=now())


def test_draining_routes_and_tells_the_tenant(claim, mailoutbox):
    outbox.drain(tasks.HANDLERS, now)
    claim.refresh_from_db()
    assert (claim.owner.unit.code, claim.owner.kind) == ("nord", "technical")
    assert claim.decisions.get().rule == "agency_of_the_dwelling"
    assert [m.to for m in mailoutbox] == [["awa@example.test"]]
    assert claim.spoken_reference in mailoutbox[0].subject
    assert not Job.objects.filter(done_at__isnull=True).exists()


def test_draining_twice_does_nothing_more(claim, mailoutbox):
    outbox.drain(tasks.HANDLERS, now)
    outbox.drain(tasks.HANDLERS, now)
    assert ClaimEvent.objects.filter(name="routed").count() == 1
    assert len(mailoutbox) == 1


def test_a_worker_that_dies_leaves_a_lease_that_expires(claim):
    at = now()
    taken = outbox.lease_due(at)
    assert taken
    assert outbox.lease_due(at + timedelta(seconds=30)) == []
    assert len(outbox.lease_due(at + timedelta(seconds=61))) == len(taken)
    assert set(Job.objects.values_list("attempts", flat=True)) == {2}


def test_a_failing_job_waits_longer_each_time_and_stops(claim):
    def fail(*, key, now):
        raise RuntimeError("no mail server")

    at = now()
    for _ in range(12):
        outbox.drain({"route": fail, "notify": fail}, lambda at=at: at)
        at += timedelta(days=1)
    assert set(Job.objects.values_list("attempts", flat=True)) == {Job.MAX_ATTEMPTS}
    assert "no mail server" in Job.objects.first().error


def test_a_dead_broker_does_not_stop_filing(landlord, monkeypatch, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    def down(**kwargs):
        raise OSError("broker down")

    monkeypatch.setattr(tasks.drain, "apply_async", down)
    tasks.hint()


def test_a_question_is_mailed_once(claim, client, landlord, mailoutbox):
    outbox.drain(tasks.HANDLERS, now)
    mailoutbox.clear()
    client.force_login(member(landlord["north"], "agent").user)
    claim.refresh_from_db()
    data = {"version": claim.version, "text": "Une photo ?"}
    assert client.post(f"/agency/{claim.pk}/ask/", data).status_code == 302
    outbox.drain(tasks.HANDLERS, now)
    assert mailoutbox == []  # it can still be undone
    outbox.drain(tasks.HANDLERS, lambda: now() + HOLD)
    assert [m.body.count("Une photo ?") for m in mailoutbox] == [1]
