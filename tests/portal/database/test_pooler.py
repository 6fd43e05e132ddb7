"""Behind a pooler that lends one connection to everybody in turn, each sees only their own rows."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test import Client

from agencies.imports.apply import one_import
from portal.database import pooler, readers, streams
from portal.database.readers import Who, guarded_tables
from requests.claims import search
from requests.claims.event_models import Message
from requests.claims.models import Claim
from tenants.models import Tenant
from tests import databases, factories, moments, pgbouncer
from tests.portal.database.conftest import CANARY, OWN, needs_roles, with_two_sides

pytestmark = [pytest.mark.long, pgbouncer.needs_pgbouncer, needs_roles]
BACKEND = "django.contrib.auth.backends.ModelBackend"
NAME = f"{databases.BASE}_pooled_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"


@dataclass
class Fixed:
    """A reader who does not change."""

    is_who: Who
    depth: int = 0

    def who(self) -> Who:
        return self.is_who


class Line:
    """One client of the pooler: a thread, with Django's connection of its own."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)

    def __call__(self, what: Callable, who: Who | None = None):
        """Return what ``what`` returns, read by ``who``; by the landlord without."""
        return self.later(what, who).result(60)

    def later(self, what: Callable, who: Who | None = None):
        def work():
            with moments.at(), readers.reading_as(Fixed(who) if who else None):
                return what()

        return self.thread.submit(work)

    def close(self) -> None:
        self.thread.submit(connections.close_all).result(60)
        self.thread.shutdown()


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict]:
    """Two agencies in a database of their own, asked through the pooler's only connection."""
    with django_db_blocker.unblock():
        databases.copy(databases.migrated(), NAME)
        try:
            with databases.use(NAME), moments.at():
                made = with_two_sides(factories.landlord())
                with pgbouncer.running(connections=1) as port, through(port):
                    yield made | {"port": port}
        finally:
            databases.drop(NAME)


@contextmanager
def through(port: int) -> Iterator[None]:
    """Let all threads of this process connect to the pooler."""
    former = {key: connection.settings_dict[key] for key in pgbouncer.SERVER}
    connections.close_all()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(port))
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(former)


@pytest.fixture
def lines(house) -> Iterator[list[Line]]:
    made = [Line() for _ in range(4)]
    yield made
    for line in made:
        line.close()


@pytest.fixture
def stranger(house) -> Iterator[psycopg2.extensions.connection]:
    """A client that tells no scope, past Django."""
    line = psycopg2.connect(
        host="127.0.0.1", port=house["port"], dbname=NAME, user=connection.settings_dict["USER"]
    )
    line.autocommit = True
    yield line
    line.close()


def seen(line) -> dict[str, int]:
    """What a session without a scope sees: rows by table, and what was left for it."""
    found = {}
    with line.cursor() as cursor:
        for table in sorted(guarded_tables()):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        cursor.execute(
            "SELECT current_setting('palier.scope', true), current_setting('palier.who', true)"
        )
        left = cursor.fetchone()
    assert not any(left), left
    return {table: rows for table, rows in found.items() if rows}


def server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def words() -> list[str]:
    return sorted(claim.words for claim in Claim.unscoped.all())


def people() -> list[str]:
    return sorted(who.last_name for who in Tenant.unscoped.all())


def by_unit(unit) -> Who:
    return Who("unit", unit=unit.pk, today="2026-01-07", now="2026-01-07T09:00:00+00:00")


def test_two_readers_and_the_system_take_turns_on_one_connection(house, lines, stranger):
    near, far, system, _ = lines
    north, south = by_unit(house["north"]), by_unit(house["south"])
    assert len({line(server) for line in lines}) == 1
    for _ in range(25):
        assert near(words, north) == near(people, north) == [OWN]
        assert far(words, south) == far(people, south) == [CANARY]
        assert system(words) == system(people) == sorted([OWN, CANARY])
        assert near(Message.unscoped.count, north) == 1
    assert far(words, Who()) == []
    assert seen(stranger) == {}
    assert near(lambda: pooler.is_between(connection))


def test_all_at_once_each_sees_its_own(house, lines, stranger):
    who = [(by_unit(house["north"]), [OWN]), (by_unit(house["south"]), [CANARY])]
    who += [(None, sorted([OWN, CANARY])), (Who(), [])]

    def in_one_transaction() -> list[str]:
        with transaction.atomic():
            first = [c.words for c in Claim.objects.of(pk__in=Claim.unscoped.all())]
            return sorted(first)

    asked = []
    for turn in range(40):
        for line, (reader, expected) in zip(lines, who, strict=True):
            asked.append((line.later(words, reader), expected))
            if turn % 4 == 0:
                # An action reads as the landlord, whoever asked for it.
                asked.append((line.later(in_one_transaction, reader), sorted([OWN, CANARY])))
    wrong = [(future.result(60), expected) for future, expected in asked]
    assert [pair for pair in wrong if pair[0] != pair[1]] == []
    assert seen(stranger) == {}


def test_a_cursor_of_the_server_is_its_readers_alone(house, lines, stranger):
    def streamed() -> list[str]:
        rows = streams.on_server(Claim.unscoped.order_by("words"), size=1)
        return [claim.words for claim in rows]

    near, far, system, other = lines
    for _ in range(5):
        assert near(streamed, by_unit(house["north"])) == [OWN]
        assert far(streamed, by_unit(house["south"])) == [CANARY]
        assert system(streamed) == sorted([OWN, CANARY])
        assert other(streamed, Who()) == []
        assert seen(stranger) == {}


def broken_off(how: str) -> None:
    """Leave a transaction in the middle, in which the landlord's scope was told."""
    if how == "disconnected":
        connection.ensure_connection()
        connection.set_autocommit(False)
        Claim.unscoped.count()
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        connection.close()
        return
    with suppress(ZeroDivisionError, Exception), transaction.atomic():
        assert Claim.unscoped.count() == 2
        if how == "failed":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        raise ZeroDivisionError


@pytest.mark.parametrize("how", ["rolled back", "failed", "disconnected"])
def test_a_transaction_that_ends_in_the_middle_leaves_no_scope(house, lines, stranger, how):
    first, second, *_ = lines
    for _ in range(3):
        first(lambda: broken_off(how))
        assert seen(stranger) == {}
        assert second(words, by_unit(house["south"])) == [CANARY]
        assert second(words, Who()) == []


def test_the_pages_of_two_tenants_and_two_agencies_at_once(house, lines):
    """Sign-ins, sessions, lists and requests, mixed over the one connection."""
    actors = []
    for side, own, other in (("near", OWN, CANARY), ("far", CANARY, OWN)):
        claim = house[f"{side}_side"]["claim"]
        user = house[f"{side}_side"]["person"].user
        actors.append((user, [f"/my/{claim.pk}/", "/my/"], own, other))
    for unit, side, own, other in (("north", "near", OWN, CANARY), ("south", "far", CANARY, OWN)):
        claim = house[f"{side}_side"]["claim"]
        user = lines[0](lambda unit=unit: factories.member(house[unit], "agent").user)
        actors.append((user, [f"/agency/{claim.pk}/", "/agency/?view=all"], own, other))

    def visit(user, paths, own, other, others_page) -> list[str]:
        client, wrong = Client(), []
        client.force_login(user, backend=BACKEND)
        for _ in range(4):
            for path in paths:
                answer = client.get(path)
                body = answer.content.decode()
                if (
                    answer.status_code != 200
                    or other in body
                    or (own not in body and path != "/my/")
                ):
                    wrong.append(f"{path}: {answer.status_code}")
            if (status := client.get(others_page).status_code) != 404:
                wrong.append(f"{others_page}: {status}")
        return wrong

    asked = []
    for number, (line, actor) in enumerate(zip(lines, actors, strict=True)):
        others_page = actors[number ^ 1][1][0]
        asked.append(line.later(lambda actor=actor, page=others_page: visit(*actor, page)))
    assert [future.result(120) for future in asked] == [[], [], [], []]


def test_a_search_with_typing_errors_leaves_no_setting(house, lines, stranger):
    agent = by_unit(house["north"])

    def similar() -> tuple[list[str], bool]:
        found, near = search.find(readers.mark_as_readers(Claim.unscoped.all()), "Chenous")
        return [claim.words for claim in found], near

    assert lines[0](similar, agent) == ([OWN], True)
    with stranger.cursor() as cursor:
        cursor.execute("SELECT current_setting('pg_trgm.word_similarity_threshold', true)")
        assert cursor.fetchone()[0] in {None, "0.6"}


def test_one_import_at_a_time_and_its_lock_ends_with_it(house):
    """The lock needs a connection of its own, for as long as it is held."""
    with pgbouncer.running(connections=3) as port, through(port):
        for _ in range(2):
            with one_import() as held:
                assert held
                Claim.unscoped.count()
                with one_import(wait=False) as second:
                    assert not second


def test_what_needs_a_session_refuses_and_goes_past_the_pooler(house, settings, tmp_path):
    owner = settings.PALIER_DATABASE_OWNER
    with pgbouncer.running(connections=3) as port, through(port):
        settings.PALIER_DATABASE_OWNER = owner | {"HOST": "127.0.0.1", "PORT": str(port)}
        with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
            call_command("migrate", interactive=False, verbosity=0)
        with pytest.raises(CommandError, match="DATABASE_DIRECT_URL"):
            call_command("backup", str(tmp_path), plain=True)
        assert list(tmp_path.iterdir()) == []
        settings.PALIER_DATABASE_DIRECT = connection.settings_dict | pgbouncer.SERVER
        call_command("backup", str(tmp_path), plain=True)
        made = next(tmp_path.iterdir())
        with pytest.raises(CommandError, match="DATABASE_DIRECT_URL"):
            call_command("restore", str(made), overwrite=True)
        assert words() == sorted([OWN, CANARY])
        settings.PALIER_DATABASE_OWNER = owner
        call_command("migrate", interactive=False, verbosity=0)
