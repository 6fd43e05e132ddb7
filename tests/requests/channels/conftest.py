"""A claim with somebody to tell, and a clock that tests move by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from requests import tasks
from requests.actions import outbox
from requests.actions.filing import Filing, file_claim
from requests.channels.outbound.receipt import Receipt
from tests.factories import pass_time

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10 h in Paris


class Clock:
    """Time as tests say it."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length) -> None:
        self.at += timedelta(**length)
        pass_time(**length)


class Provider:
    """Stands for a channel's ``send``: answers what it is told to, and remembers."""

    def __init__(self) -> None:
        self.sent, self.answers = [], []
        self.down = False

    def __call__(self, message) -> Receipt:
        self.sent.append(message)
        if self.down:
            return Receipt(False, answer="no answer")
        if self.answers:
            return self.answers.pop(0)
        return Receipt(True, f"id-{len(self.sent)}", "taken")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(clock):
    """Do all work due at the clock's time."""
    return lambda: outbox.drain(tasks.HANDLERS, clock)


@pytest.fixture
def mails(monkeypatch) -> Provider:
    provider = Provider()
    monkeypatch.setattr("requests.channels.outbound.email.send", provider)
    return provider


@pytest.fixture
def texts(monkeypatch) -> Provider:
    provider = Provider()
    monkeypatch.setattr("requests.channels.outbound.sms.send", provider)
    return provider


@pytest.fixture
def make_claim(landlord, clock):
    """File one more claim; keywords are those of ``Filing``."""

    def make(**values):
        number = make.number = getattr(make, "number", 0) + 1
        filing = {
            "channel": "web",
            "key": f"k{number}",
            "category": "PLO-03",
            "dwelling": landlord["dwelling"].pk,
            "contact_name": "Awa Traoré",
            "contact_email": "awa@example.test",
        }
        return file_claim(Filing(**{**filing, **values}), now=clock())

    return make
