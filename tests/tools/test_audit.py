"""`make audit` finds what a service knows, and never takes silence for health."""

import json
import subprocess

import pytest

from tools import audit

CLEAN = {"name": "django", "version": "5.2.1", "vulns": []}
BAD = {
    "name": "pillow",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "amqp", "skip_reason": "Dependency not found on PyPI"}
# What pip-audit 2.10 prints when PyPI's feed is blocked, and when the name cannot be resolved.
BLOCKED = "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed\nERROR: Tip: …"
NO_NAME = "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.org', port=443)"


def service(*rows: dict, stderr: str = "", status: int = 0):
    """A pip-audit that answers ``rows``, or only complains; it notes what it was asked."""
    asked: list[list[str]] = []

    def run(arguments: list[str]) -> subprocess.CompletedProcess:
        asked.append(arguments)
        out = json.dumps({"dependencies": rows, "fixes": []}) if rows else ""
        return subprocess.CompletedProcess(arguments, status, out, stderr)

    run.asked = asked
    return run


def test_both_locks_are_looked_at_with_their_hashes(capsys):
    run = service(CLEAN)
    assert audit.main(run) == 0
    assert [arguments[1] for arguments in run.asked] == list(audit.LOCKS)
    assert all({"--require-hashes", "--disable-pip"} <= set(asked) for asked in run.asked)
    assert all((audit.ROOT / lock).exists() for lock in audit.LOCKS)
    said = capsys.readouterr()
    assert "1 libraries, 0 known vulnerabilities" in said.out
    assert said.err == ""


def test_a_vulnerability_is_named_and_fails(capsys):
    assert audit.main(service(CLEAN, BAD, status=1)) == 1
    assert "pillow 1.0: PYSEC-1, fixed in 1.1" in capsys.readouterr().out


@pytest.mark.parametrize("stderr", [BLOCKED, NO_NAME])
def test_without_a_service_it_says_so_and_does_not_fail(capsys, stderr):
    run = service(stderr=stderr, status=1)
    assert audit.main(run) == 0
    said = capsys.readouterr()
    assert said.out == ""
    for lock in audit.LOCKS:
        assert f"WARNING: {lock} was NOT looked at" in said.err
    assert {arguments[-1] for arguments in run.asked} == set(audit.SERVICES), "all were tried"


def test_a_mirror_that_knows_nothing_is_no_answer(capsys):
    assert audit.main(service(SKIPPED)) == 0
    assert "NOT looked at" in capsys.readouterr().err
    assert audit.main(service(SKIPPED, CLEAN)) == 0
    assert "not known there: amqp" in capsys.readouterr().err


def test_the_tool_does_not_take_our_app_for_the_library(tmp_path, monkeypatch):
    """It runs at the root, beside the folder `requests`."""
    looks = "import importlib.util; print(importlib.util.find_spec('requests'))"
    (tmp_path / "pip_audit.py").write_text(looks)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert audit.pip_audit([]).stdout == "None\n"


def test_a_tool_that_does_not_work_fails(capsys):
    assert audit.main(service(stderr="error: unrecognized arguments", status=2)) == 2
    assert "unrecognized arguments" in capsys.readouterr().err
