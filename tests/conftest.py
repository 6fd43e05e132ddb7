"""Fixtures shared by the whole suite."""

import gc

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from portal import health
from portal.clock import now
from requests.jobs import queue
from tests import databases, factories, moments

# A busy machine is no failure of a property.
hypothesis_settings.register_profile("palier", deadline=None)
hypothesis_settings.load_profile("palier")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, django_db_blocker
) -> None:
    """Copy each worker's test database from a migrated one instead of migrating it."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.migrated()


def pytest_configure(config) -> None:
    """Collect at the tests' moment too: parameters are made from dates."""
    config.add_cleanup(moments.begin())
    databases.flush_quickly()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the processes end together."""

    def turn(item: pytest.Item) -> tuple[bool, ...]:
        folder = item.path.parent.name
        return folder != "faults", item.get_closest_marker("long") is None, folder != "e2e"

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Collect garbage more rarely, and never look at what was imported: a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _clock(request):
    """Start each test at the same moment, whatever day it is; ``real_clock`` goes to today."""
    if "portal" in request.fixturenames:  # its database lives through a module, and so does time
        yield
        return
    is_real = request.node.get_closest_marker("real_clock")
    with moments.at(moments.real_now() if is_real else moments.MOMENT):
        yield


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch):
    """Let health believe that the database's clock is ours, which the tests set."""
    monkeypatch.setattr(health, "_database_time", now)


@pytest.fixture(autouse=True)
def _patient_queue(monkeypatch):
    """Let a drain finish on a busy machine: in a test nothing else waits for its turn."""
    monkeypatch.setattr(queue, "SECONDS", 3600.0)


@pytest.fixture(autouse=True)
def _house_language():
    """Start each test in the house's language, whatever an answer in English left active."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def landlord(db) -> dict:
    """See tests.factories.landlord."""
    return factories.landlord()
