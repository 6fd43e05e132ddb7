"""Logs are one file a day, kept as many days as the documents say, and JSON throughout."""

import json
import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings as real
from gunicorn.config import Config

from portal import logs, tasks
from portal.clock import now
from portal.log_paths import Logger


def record(message: str, at: datetime) -> logging.LogRecord:
    made = logging.LogRecord("requests.jobs", logging.WARNING, "", 0, message, (), None)
    made.created = at.timestamp()
    return made


def test_each_day_has_its_file(tmp_path):
    handler = logs.DailyFile(str(tmp_path))
    evening = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    handler.emit(record("one", evening))
    handler.emit(record("two\nawa@example.test", evening))
    handler.emit(record("three", evening + timedelta(seconds=1)))
    handler.close()
    said = {
        path.name: [json.loads(line)["message"] for line in path.read_text().splitlines()]
        for path in tmp_path.iterdir()
    }
    assert said == {
        "palier-2026-11-30.jsonl": ["one", "two\n…"],
        "palier-2026-12-01.jsonl": ["three"],
    }
    assert {path.stat().st_mode & 0o007 for path in tmp_path.iterdir()} == {0}


def test_processes_share_the_file_and_cut_no_line(tmp_path):
    code = (
        "import logging; from portal.logs import DailyFile;"
        f"log = logging.getLogger('x'); log.addHandler(DailyFile({str(tmp_path)!r}));"
        "[log.warning('a' * 3000) for _ in range(200)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=real.BASE_DIR) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    (path,) = tmp_path.iterdir()
    lines = path.read_text().splitlines()
    assert len(lines) == 400
    assert {json.loads(line)["message"] for line in lines} == {"a" * 3000}


def test_a_folder_that_is_gone_stops_nothing(tmp_path):
    handler = logs.DailyFile(str(tmp_path / "gone"))
    handler.emit(record("lost", now()))
    handler.close()


@pytest.mark.django_db
def test_files_older_than_the_days_are_deleted(tmp_path, settings):
    settings.PALIER_LOG_DIR, settings.PALIER_LOG_DAYS = str(tmp_path), 365
    today = now().date()
    for days in (0, 365, 366, 800):
        (tmp_path / logs.file_name(today - timedelta(days=days))).write_text("{}\n")
    (tmp_path / "notes.jsonl").write_text("mine")
    tasks.tidy()
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {logs.file_name(today - timedelta(days=d)) for d in (0, 365)} | {"notes.jsonl"}
    settings.PALIER_LOG_DIR = ""
    tasks.tidy()


def test_the_promise_is_the_setting():
    text = (real.BASE_DIR / "docs/data-protection.md").read_text()
    (line,) = re.findall(r"(?m)^\| Web server logs .*$", text)
    assert "12 months" in line
    assert "PALIER_LOG_DAYS" in line
    assert real.PALIER_LOG_DAYS == 365


def test_an_access_line_is_json_in_both_places(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PALIER_LOG_DIR", str(tmp_path))
    config = Config()
    config.set("accesslog", "-")
    logger = Logger(config)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/agency/",
        "QUERY_STRING": "q=Traore",
        "RAW_URI": "/agency/?q=Traore",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_USER_AGENT": "Browser",
    }
    said = SimpleNamespace(status="200 OK", sent=812, headers=[])
    logger.access(said, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=31))
    logger.error("Worker failed to boot")
    for log in (logger.access_log, logger.error_log):
        for handler in log.handlers:
            handler.flush()
    out, err = capfd.readouterr()
    written = next(tmp_path.iterdir()).read_text()
    for text in (out + err, written):
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line["logger"] for line in lines] == ["gunicorn.access", "gunicorn.error"]
        assert lines[0] == lines[0] | {
            "level": "INFO",
            "message": "GET /agency/ HTTP/1.1 200",
            "method": "GET",
            "path": "/agency/",
            "status": 200,
            "bytes": 812,
            "milliseconds": 31,
            "address": "192.0.2.7",
            "program": "Browser",
        }
        assert "Traore" not in text


def test_production_writes_into_the_folder(tmp_path):
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('said')"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": "b8f1d0c2a4e6978877665544332211ff",
        "ALLOWED_HOSTS": "palier.example",
        "DATABASE_URL": "postgres://x@localhost/x",
        "REDIS_URL": "redis://localhost",
        "PALIER_LOG_DIR": str(tmp_path),
    }
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=real.BASE_DIR)
    assert '"said"' in next(tmp_path.iterdir()).read_text()
