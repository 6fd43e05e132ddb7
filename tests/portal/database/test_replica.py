"""Pages that may be a moment behind read from the replica, and nobody misses what they did."""

import contextlib
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from agencies.models import Unit
from portal import checks, health
from portal.database import readers, replica, streams
from portal.database.base import DatabaseWrapper
from portal.database.readers import Who
from portal.dev.embedded import system
from portal.dev.embedded.postgres import Postgres
from portal.export import csv_stream
from portal.settings.databases import database_from_url
from requests.claims.models import Claim
from requests.jobs.models import Job
from tests import factories
from tests.portal.database.conftest import OWN, needs_roles
from tests.portal.database.fixed_reader import Fixed

pytestmark = pytest.mark.django_db(transaction=True)

DEFAULTS = {
    "TIME_ZONE": None,
    "OPTIONS": {},
    "AUTOCOMMIT": True,
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": False,
    "TEST": {},
}


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(replica._Replica, "usable", False)
    monkeypatch.setattr(replica._Replica, "until", 0.0)


@pytest.fixture
def copy():
    """A second connection to the database of the test, in the place of its replica."""
    connections.settings[readers.REPLICA] = connection.settings_dict
    # The test may only use one of this name.
    made = DatabaseWrapper(connection.settings_dict, alias="default")
    connections[readers.REPLICA] = made
    yield made
    made.close()
    del connections[readers.REPLICA]
    del connections.settings[readers.REPLICA]


@replica.reads_from_replica
def view(request) -> HttpResponse:
    return HttpResponse(",".join(Unit.objects.values_list("name", flat=True)))


def asked(copy, request, shown=view) -> tuple[int, bytes]:
    """How many statements went to the replica, and the answer."""
    with CaptureQueriesContext(copy) as found:
        answer = shown(request)
        content = b"".join(answer) if answer.streaming else answer.content
    mine = [one for one in found.captured_queries if "pg_last" not in one["sql"]]
    return len(mine), content


def test_a_get_reads_from_the_replica_and_a_post_does_not(house, copy):
    count, text = asked(copy, RequestFactory().get("/"))
    assert (count, b"Nord" in text) == (1, True)
    assert asked(copy, RequestFactory().post("/")) == (0, text)


def test_whoever_changed_something_reads_it_where_it_is(house, copy):
    posted = replica.NoteWritesMiddleware(lambda request: HttpResponse())(
        RequestFactory().post("/")
    )
    cookie = posted.cookies[replica.COOKIE]
    assert cookie["max-age"] > replica.MOST_SECONDS
    request = RequestFactory().get("/")
    request.COOKIES[replica.COOKIE] = cookie.value
    assert asked(copy, request)[0] == 0
    shown = replica.NoteWritesMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert not shown.cookies


def test_without_a_replica_nothing_is_told_or_asked(house):
    assert not replica.is_usable()
    assert b"Nord" in view(RequestFactory().get("/")).content
    answer = replica.NoteWritesMiddleware(lambda request: HttpResponse())(
        RequestFactory().post("/")
    )
    assert not answer.cookies
    assert "replica" not in {check.name for check in health.checks()}


@pytest.mark.parametrize("behind", [replica.MOST_SECONDS + 1, None])
def test_a_late_replica_is_left_alone(house, copy, monkeypatch, behind):
    monkeypatch.setattr(replica, "seconds_behind", lambda: behind)
    count, text = asked(copy, RequestFactory().get("/"))
    assert (count, b"Nord" in text) == (0, True)
    assert not {check.name: check.ok for check in health.checks()}["replica"]


def test_a_replica_that_fails_costs_nobody_their_page(house, copy):
    assert asked(copy, RequestFactory().get("/"))[0] == 1

    def fails(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")

    with copy.execute_wrapper(fails):
        assert b"Nord" in view(RequestFactory().get("/")).content
    assert asked(copy, RequestFactory().get("/"))[0] == 0, "it is left alone for a while"


def test_an_error_of_the_page_itself_is_still_raised(house, copy):
    @replica.reads_from_replica
    def wrong(request) -> HttpResponse:
        raise DatabaseError("a mistake of ours")

    with pytest.raises(DatabaseError, match="of ours"):
        wrong(RequestFactory().get("/"))


def test_a_streamed_answer_is_read_there_to_its_end(house, copy):
    @replica.reads_from_replica
    def export(request) -> StreamingHttpResponse:
        return StreamingHttpResponse(f"{unit.name};" for unit in Unit.objects.all())

    count, text = asked(copy, RequestFactory().get("/"), export)
    assert (count, b"Nord" in text) == (1, True)
    assert Unit.objects.first()._state.db == "default"


def test_an_export_by_a_cursor_of_the_server_is_read_there(house, copy):
    @replica.reads_from_replica
    def export(request) -> StreamingHttpResponse:
        rows = Unit.objects.all()
        return csv_stream("u", ["name"], lambda: ([u.name] for u in streams.on_server(rows)), 1)

    count, text = asked(copy, RequestFactory().get("/"), export)
    assert (count, b"Nord" in text) == (1, True)


@pytest.mark.parametrize(("user", "wrong"), [("palier_app", 0), ("postgres", 1)])
def test_it_is_asked_as_the_role_that_policies_hold(monkeypatch, user, wrong):
    databases = {"default": {"USER": "palier_app"}, "replica": {"USER": user}}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DATABASES=databases))
    assert len(checks.replica_is_read_as_the_application(None)) == wrong


@needs_roles
def test_the_replica_shows_a_reader_no_more_than_the_primary(house, copy):
    agent = factories.member(house["north"], "agent")
    with readers.reading_as(Fixed(Who("unit", unit=house["north"].pk))), readers.from_replica():
        assert [claim.words for claim in Claim.objects.visible_to(agent)] == [OWN]
        assert [claim.words for claim in Claim.unscoped.all()] == [OWN]
        assert Claim.objects.system("all of them").count() == 2
        found = Claim.objects.system("all of them").get(words=OWN)
        assert found._state.db == readers.REPLICA
        assert found.tenant.last_name == OWN
        assert found.tenant._state.db == readers.REPLICA


def test_what_it_showed_is_written_to_the_primary(house, copy):
    with readers.from_replica():
        unit = Unit.objects.get(name="Nord")
        claim = Claim.objects.system("a test").get(words=OWN)
    with CaptureQueriesContext(copy) as found:
        unit.phone = "+33100000000"
        unit.save()
        claim.owner = Unit.objects.get(pk=unit.pk).desks.first()
        claim.save(update_fields=["owner"])
        Job.objects.create(kind=Job.Kind.ROUTE, key="a test", next_at=claim.filed_at)
    assert not found.captured_queries
    assert Unit.objects.get(pk=unit.pk).phone == "+33100000000"


@pytest.fixture
def two_servers(tmp_path):
    """A PostgreSQL and its streaming replica."""
    one, two = (Postgres(tmp_path / name) for name in ("one", "two"))
    for server in (one, two):
        server.home.mkdir()
    one.start()
    two._choose_place()
    programs = one._binaries()
    one._checked(
        [str(programs / "pg_basebackup"), "-h", str(one.sockets), "-U", "postgres"]
        + ["-D", str(two.data), "-R", "-X", "stream", "-c", "fast"],
        "copying it",
    )
    two.start()
    yield one, two
    two.stop()
    one.stop()


@pytest.mark.long
@pytest.mark.real_clock
def test_a_real_replica_that_stops_replaying_is_late(two_servers, monkeypatch):
    one, two = two_servers
    first, second = (
        DatabaseWrapper(database_from_url(server.url("postgres")) | DEFAULTS, alias="default")
        for server in (one, two)
    )
    monkeypatch.setattr(replica, "connection", first)
    connections.settings[readers.REPLICA] = second.settings_dict
    connections[readers.REPLICA] = second

    def run(wrapper, sql: str) -> None:
        with wrapper.cursor() as cursor:
            cursor.execute(sql)

    try:
        run(first, "CREATE TABLE written (at int)")
        assert system.wait(lambda: replica.seconds_behind() == 0, 60)
        assert replica.is_usable()
        run(second, "SELECT pg_wal_replay_pause()")
        run(first, "INSERT INTO written VALUES (1)")
        assert system.wait(lambda: (replica.seconds_behind() or 0) > 0, 60)
        monkeypatch.setattr(replica, "MOST_SECONDS", 0)
        replica._Replica.until = 0
        assert not replica.is_usable()
        run(second, "SELECT pg_wal_replay_resume()")
        assert system.wait(lambda: replica.seconds_behind() == 0, 60)
        replica._Replica.until = 0
        assert replica.is_usable()
        # Its primary gone, it has replayed all it received, and is not asked: we are not either.
        two.stop()
        replica._Replica.until = 0
        assert not replica.is_usable()
    finally:
        for wrapper in (first, second):
            with contextlib.suppress(Exception):
                wrapper.close()
        del connections[readers.REPLICA]
        del connections.settings[readers.REPLICA]
