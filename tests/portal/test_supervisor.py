"""The supervisor: what dies is restarted, later each time; what cannot start is said plainly."""

import socket
import subprocess
import sys
import time

import pytest

from portal.dev import embedded, supervisor


def living(group: int) -> list[str]:
    """Processes of a group, without those that only wait to be reaped."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,stat=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [row[2] for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


@pytest.fixture
def quiet(monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(supervisor, "say", lambda name, text: said.append(text))
    monkeypatch.setenv("PALIER_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "8000")
    return said


def test_what_dies_is_restarted_later_each_time(quiet):
    child = supervisor.Child("worker", [sys.executable, "-c", "print('hello')"], {})
    child.start()
    first = child.process
    first.wait()
    now = time.monotonic()
    child.watch(now)
    assert child.delay == 2 * supervisor.FIRST_DELAY
    child.watch(now + 0.5)
    assert child.process is first
    child.watch(now + 1)
    assert child.process is not first
    child.finish()
    assert "ended with code 0; restarting in 1 s" in quiet


def test_nothing_of_its_group_outlives_a_child(quiet):
    script = "import subprocess, sys; subprocess.Popen(['sleep', '600']); print('up', flush=True)"
    child = supervisor.Child("web", [sys.executable, "-c", f"{script}; input()"], {"PATH": "/bin"})
    child.start()
    limit = time.monotonic() + 60
    while "up" not in quiet and time.monotonic() < limit:
        time.sleep(0.02)
    child.finish()
    assert not living(child.process.pid)


def test_a_busy_port_is_named_with_the_way_out(quiet, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(SystemExit, match=f"Port {port} .* PORT={port + 1} make run"):
            supervisor.Supervisor().check_alone()


@pytest.mark.parametrize("given", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(quiet, monkeypatch, given):
    monkeypatch.setenv("PORT", given)
    with pytest.raises(SystemExit, match="from 1 to 65535"):
        supervisor.Supervisor()


def test_the_same_data_is_served_once(quiet, monkeypatch):
    monkeypatch.setenv("PORT", str(embedded.free_port()))
    first = supervisor.Supervisor()
    first.check_alone()
    with pytest.raises(SystemExit, match="already runs with the data"):
        supervisor.Supervisor().check_alone()
    first.lock.close()
