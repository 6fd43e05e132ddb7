"""A row of an hour's log is sent once by each process, and never forgotten with a transaction."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.clock import now
from requests.audit import log_memory
from requests.audit.models import ListView
from tests.factories import member


def look(reader, page: str = "agency:inbox", later: int = 0) -> ListView:
    hour = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=later)
    return ListView(at=hour, hour=hour, reader=reader, role="agent", page=page, shown=1, found=1)


@pytest.fixture
def reader(landlord, monkeypatch):
    monkeypatch.setattr(log_memory, "_written", set())
    monkeypatch.setattr(log_memory, "_hours", set())
    return member(landlord["north"], "agent").user


@pytest.mark.django_db
def test_what_a_transaction_may_undo_is_not_remembered(reader):
    row = look(reader)
    log_memory.remember([row])
    assert log_memory.new_ones([row]) == [row]


@pytest.mark.django_db
def test_each_hour_and_page_is_a_row(reader, monkeypatch):
    outside = SimpleNamespace(in_atomic_block=False, settings_dict={"NAME": "palier"})
    monkeypatch.setattr(log_memory, "connection", outside)
    log_memory.remember([look(reader)])
    assert log_memory.new_ones([look(reader)]) == []
    others = [look(reader, "channels:tray"), look(reader, later=1)]
    assert log_memory.new_ones(others) == others
    log_memory.remember([look(reader, later=1)])
    assert log_memory.new_ones([look(reader)]), "of the hour before nothing is kept"
