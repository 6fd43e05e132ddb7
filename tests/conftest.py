"""Fixtures shared by the whole suite."""

import gc
import importlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from portal import health
from portal.clock import now
from portal.management.commands import migrate
from requests.jobs import queue
from tests import databases, factories, moments

SHARED: dict[str, int] = {}  # of the database that the tests of this process share

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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Remember the tables that the tests of this process share."""
    with django_db_blocker.unblock():
        SHARED["tables"] = databases.sum_of_tables()


@pytest.fixture(scope="module", autouse=True)
def _same_tables(request, django_db_blocker) -> Iterator[None]:
    """Make the shared database anew where a module left other tables than it found, and say so."""
    yield
    name = connection.settings_dict["NAME"]
    if "tables" not in SHARED or not name.startswith(TEST_DATABASE_PREFIX):
        return
    with django_db_blocker.unblock():
        if databases.sum_of_tables() != SHARED["tables"]:
            databases.copy(databases.migrated(), name)
            warnings.warn(
                f"{request.module.__name__} left other tables than it found", stacklevel=1
            )


def pytest_configure(config) -> None:
    """Collect at the tests' moment too: parameters are made from dates."""
    config.add_cleanup(moments.begin())
    databases.flush_quickly()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the template databases while the processes of a whole run import the tests."""
    config = session.config
    is_first = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if is_first and config.args == config.getini("testpaths"):
        left_out = config.getoption("ignore") or []
        with_demo = [] if any(path.endswith("e2e") for path in left_out) else ["demo"]
        made = subprocess.Popen(
            [sys.executable, "-m", "tests.templates", *with_demo], cwd=config.rootpath
        )
        config.add_cleanup(made.wait)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import the modules of a whole run, each process beginning with others.

    Whoever is first compiles a module, asserts and all, and keeps the result: in a fresh clone
    each process would otherwise compile them all, half of the time until the first test.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    left_out = [session.config.rootpath / path for path in session.config.getoption("ignore") or []]
    names = [
        ".".join(path.relative_to(session.config.rootpath).with_suffix("").parts)
        for path in sorted(session.config.rootpath.glob("tests/**/test_*.py"))
        if not any(path.is_relative_to(folder) for folder in left_out)
    ]
    first = len(names) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for name in names[first:] + names[:first]:
        with suppress(Exception):  # told when the module is collected
            importlib.import_module(name)


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Refuse to migrate the database of this process to and fro: later tests need its tables.

    Going back in one app takes along what depends on it in others, and going forward again in that
    app brings none of it back.
    """
    handle = migrate.Command.handle

    def guarded(command, *args, **options) -> None:
        is_shared = connection.settings_dict["NAME"].startswith(TEST_DATABASE_PREFIX)
        assert not is_shared, "use the fixture own_database"
        handle(command, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate.Command, "handle", guarded)
        return (yield)


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
def own_database(django_db_blocker) -> Iterator[None]:
    """Run a test in a migrated database of its own, whose tables it may change."""
    name = f"own_{os.getpid()}"
    with django_db_blocker.unblock():
        databases.copy(databases.migrated(), name)
        try:
            with databases.use(name), databases.draw_less():
                yield
        finally:
            databases.drop(name)


@pytest.fixture(scope="session")
def seeded(django_db_setup, django_db_blocker) -> str:
    """Return the name of a database that holds the demo landlord; nobody writes to it."""
    from tests.e2e import site  # the whole product

    with django_db_blocker.unblock():
        return site.seeded()


@pytest.fixture(scope="module")
def demo(seeded, request, django_db_blocker) -> Iterator[None]:
    """Run a module in a copy of the demo landlord's database, at the moment it was made."""
    name = f"{connection.settings_dict['NAME']}_{request.module.__name__.rpartition('.')[2]}"
    with django_db_blocker.unblock():
        databases.copy(seeded, name)
        with databases.use(name), moments.at():
            yield
        databases.drop(name)


@pytest.fixture
def landlord(db) -> dict:
    """See tests.factories.landlord."""
    return factories.landlord()
