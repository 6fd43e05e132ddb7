"""A small landlord behind the test server, and what leaves it; for tests that need no demo."""

import pytest

from portal.clock import now
from requests.channels.outbound.receipt import Receipt
from requests.jobs import queue
from requests.tasks import HANDLERS
from tests import factories


@pytest.fixture
def sent(monkeypatch):
    """What leaves by mail and text message."""
    left = []

    def send(message):
        left.append(message)
        return Receipt(True, f"id-{len(left)}", "taken")

    monkeypatch.setattr("requests.channels.outbound.sms.send", send)
    monkeypatch.setattr("requests.channels.outbound.email.send", send)
    monkeypatch.setattr("requests.channels.quiet_hours.next_allowed", lambda at, *_more: at)
    return left


@pytest.fixture
def house(transactional_db, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.MEDIA_ROOT = tmp_path
    factories.pass_time(minutes=0)
    stock = factories.landlord()
    factories.category("ADM-14", "A1", "crc")
    return stock


def work() -> None:
    """Some minutes pass."""
    for _round in range(2):
        queue.drain(HANDLERS, now)
        factories.pass_time(minutes=2)
