"""Logs, figures, traces and failures: useful to who runs the portal, and silent about people."""

import json
import logging
import os
import subprocess
import sys
from concurrent import futures

import grpc
import pytest
import sentry_sdk
from django.urls import reverse
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from portal import logs, telemetry
from portal.clock import now
from requests import tasks
from requests.jobs import queue
from tests.factories import leak

pytestmark = pytest.mark.long

TOKEN = "figures-0123456789"
PERSONAL = [
    "awa.traore@example.test",
    "06 39 98 12 34",
    "+33639981234",
    "/s/9f3kd82hsk29sk/write/",
    "Key (email)=(awa) already exists.",
]


@pytest.fixture
def claim(landlord):
    return leak(landlord, now(), contact_email="awa@example.test", words="Traore")


def test_a_line_is_json_and_names_nobody():
    try:
        raise ValueError(f"DETAIL: {PERSONAL[-1]}\n{PERSONAL[0]}")
    except ValueError:
        failed = sys.exc_info()
    record = logging.LogRecord(
        "requests.jobs", logging.WARNING, "", 0, "of %s: %s", (PERSONAL[0], PERSONAL[1:4]), failed
    )
    text = logs.JsonFormatter().format(record)
    line = json.loads(text)
    assert (line["level"], line["logger"]) == ("WARNING", "requests.jobs")
    assert "ValueError" in line["traceback"]
    for words in ("traore", "39 98 12", "639981234", "9f3kd82hsk29sk", "(awa)"):
        assert words not in text


@pytest.mark.parametrize("kept", ["job route 9d2c…", "2026-11-18", "attempt 3 of 8", "SELECT 1"])
def test_what_names_nobody_stays(kept):
    assert logs.without_people(kept) == kept


def test_production_writes_json(tmp_path):
    code = (
        "import django, logging; django.setup();"
        "logging.getLogger('x').warning('from awa@example.test');"
        "logging.getLogger('django.request').error('Bad: %s', '/s/9f3kd82hsk29sk/')"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": "b8f1d0c2a4e6978877665544332211ff",
        "ALLOWED_HOSTS": "palier.example",
        "DATABASE_URL": "postgres://x@localhost/x",
        "REDIS_URL": "redis://localhost",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [line["logger"] for line in lines] == ["x", "django.request"]
    assert lines[0]["message"] == "from …"
    assert "9f3kd82hsk29sk" not in done.stderr


def test_the_figures_are_for_who_knows_the_token(client, landlord, settings):
    assert client.get("/metrics").status_code == 404
    settings.PALIER_METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    wrong = client.get("/metrics", headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


def test_the_figures_tell_what_waits_and_name_no_address(client, claim, settings, mailoutbox):
    settings.PALIER_METRICS_TOKEN = TOKEN
    client.get(reverse("follow", args=[claim.token]))
    queue.drain(tasks.HANDLERS, now, most=1)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'palier_request_seconds_count{method="GET",status="200",view="follow"}' in text
    assert 'palier_jobs{kind="notify",state="due"}' in text
    assert 'palier_check_ok{check="database"} 1.0' in text
    for name in ("oldest_due_seconds", "deliveries_last_hour", "mailbox_age_seconds"):
        assert f"palier_{name}" in text
    for secret in (claim.token, "Traore", "awa@"):
        assert secret not in text


def test_a_failure_sent_to_sentry_names_nobody(client, claim, monkeypatch):
    sent = []
    monkeypatch.setenv("SENTRY_DSN", "https://key@sentry.example/1")
    monkeypatch.setattr(
        "requests.tenant_pages.claim_views.show", lambda *_a, **_k: 1 / len("") or claim.words
    )

    class Transport(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope):
            sent.append(envelope.serialize().decode())

    client.raise_request_exception = False
    try:
        assert telemetry.start_sentry(transport=Transport)
        path = reverse("follow", args=[claim.token]) + "?q=Traore"
        client.get(path, headers={"Cookie": "session=secret-cookie"})
        sentry_sdk.capture_message(f"mail from {PERSONAL[0]}")
    finally:
        sentry_sdk.init()
    whole = "\n".join(sent)
    assert "ZeroDivisionError" in whole
    for secret in (claim.token, "Traore", "secret-cookie", "traore@"):
        assert secret not in whole


def test_without_a_dsn_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("SENTRY_DSN", raising=False)
    assert not telemetry.start_sentry()


@pytest.mark.real_clock  # gRPC counts its time limits by the clock
def test_requests_and_jobs_are_traced_by_view_and_kind(client, claim, monkeypatch):
    got = []

    class Collector(service.TraceServiceServicer):
        def Export(self, request, context):  # noqa: N802 - the protocol's name
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    got.extend(scope.spans)
            return ExportTraceServiceResponse()

    server = grpc.server(futures.ThreadPoolExecutor(2))
    service.add_TraceServiceServicer_to_server(Collector(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    telemetry.tracing.cache_clear()
    try:
        client.get(reverse("follow", args=[claim.token]))
        queue.drain(tasks.HANDLERS, now, most=1)
        telemetry.tracing(os.getpid()).shutdown()
    finally:
        telemetry.tracing.cache_clear()
        server.stop(0)
    assert {found.name for found in got} == {"GET follow", "job route"}
    assert claim.token not in str(got)
