"""A short storm on the test database, in the ordinary suite; the whole one is ``make faults``."""

import os
from types import SimpleNamespace

import pytest

from portal.dev.embedded import free_port
from tests.faults import storm, verdict
from tests.faults.breakages import Breakages
from tests.faults.stand import Stand
from tests.faults.storm_clients import Clients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]


@pytest.fixture
def web_port(monkeypatch) -> int:
    port = free_port()
    for name, value in storm.environment(port).items():
        monkeypatch.setenv(name, value)
    return port


@pytest.fixture
def stand_type(web_port):
    return lambda home: Stand(home, web=web_port)


def test_nothing_is_lost_or_doubled_in_a_storm(stand, landlord, rng, web_port):
    clients = Clients(
        web_port,
        token=storm.people(landlord),
        hook_key=storm.HOOK_KEY,
        dwelling=landlord["dwelling"].pk,
        seed=rng.randrange(10**6),
        clock=storm.clock,
    )
    result = storm.storm(stand, clients, rng, faults=6, seconds=6, whole=False)
    print(storm.report(0, result))
    assert not result.wrong
    assert sum(result.faults.values()) >= 4
    assert {"web", "api", "mail", "sms", "chat"} <= {name for name, n in result.counts.items() if n}


def test_only_the_preparation_of_a_storm_knows_the_owner(monkeypatch, tmp_path):
    services = SimpleNamespace(database_url="app", owner_url="owner", redis_url="valkey")
    monkeypatch.setattr("portal.dev.embedded.ensure", lambda home: services)
    monkeypatch.setattr("portal.dev.embedded.destroy", lambda home: None)
    monkeypatch.setattr(storm.os, "environ", dict(os.environ))
    with storm.portal_in(tmp_path, 1):
        told = storm.os.environ
        assert (told["DATABASE_URL"], told["DATABASE_OWNER_URL"]) == ("app", "owner")

    def refuse():
        raise InterruptedError

    monkeypatch.setattr("django.setup", refuse)
    with pytest.raises(InterruptedError):
        storm._on(tmp_path, 1, {}, 11, 30, 90)
    assert "DATABASE_OWNER_URL" not in storm.os.environ


def test_each_kind_strikes_equally_often(rng):
    class Nothing:
        web = worker = sender = beat = mail = phones = None

    order = Breakages(Nothing, rng, whole=True).order(50)
    assert len(set(order)) == len(Breakages(Nothing, rng, whole=True).kinds) == 25
    assert max(order.count(name) for name in order) == 2


def test_the_verdict_finds_what_is_lost_and_what_is_doubled(landlord, clients_ledger, tmp_path):
    result = storm.Result(waiting=verdict.waiting())
    stand = type("Stand", (), {"home": tmp_path, "mails": lambda self: verdict.Counter()})()
    verdict.judge(stand, clients_ledger, result)
    assert any(line.startswith("lost: storm-00002-end") for line in result.wrong)
    assert any(line.startswith("doubled: storm-00001-end × 2") for line in result.wrong)
    assert any("waiting" in line for line in result.wrong)


@pytest.fixture
def clients_ledger(landlord):
    """One text written twice, one acknowledged and not there."""
    from portal.clock import now
    from tests.factories import leak

    for key in ("a", "b"):
        leak(landlord, now(), key=key, words="storm-00001-end")
    ledger = Clients(0, token="", hook_key="", dwelling=0, seed=1, clock=storm.clock)
    ledger.acknowledged = {"storm-00001-end": "web", "storm-00002-end": "sms"}
    return ledger
