"""What the logs hold after a day of links and searches: no secret, no name, no number."""

import base64
import logging
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from gunicorn.config import Config

from portal.clock import now
from portal.log_paths import HidePaths, Logger, without_secrets
from requests.work_orders.models import OrderLink
from tests.factories import leak, member

SECRETS = ["Traore", "0639981234", "un-jeton-faux", "ma-recherche"]


@pytest.fixture
def line(caplog):
    """Send a request, and let gunicorn write its line."""
    config = Config()
    config.set("accesslog", "-")
    logger = Logger(config)
    logger.access_log.propagate = True

    def go(client, path: str, **more):
        with caplog.at_level(logging.INFO):
            answer = client.get(path, **more)
            environ = {
                **answer.wsgi_request.META,
                "RAW_URI": path,
                "SERVER_PROTOCOL": "HTTP/1.1",
                "HTTP_REFERER": f"https://palier.example{path}",
            }
            said = SimpleNamespace(status=str(answer.status_code), sent=1, headers=[])
            request = SimpleNamespace(headers=[])
            logger.access(said, request, environ, timedelta(milliseconds=3))
        return answer

    return go


def test_filing_following_and_searching_leave_no_secret_in_the_logs(client, landlord, line, caplog):
    claim = leak(landlord, now(), contact_name="Traore")
    assert line(client, f"/s/{claim.token}/").status_code == 200
    assert line(client, f"/s/{claim.token}/print/").status_code == 200
    line(client, "/s/un-jeton-faux/")
    line(client, "/job/un-jeton-faux/details")  # leads nowhere: a link with a slip
    client.force_login(member(landlord["north"], "call_taker").user)
    line(client, "/calls/?tel=0639981234")
    line(client, "/agency/?q=Traore")
    line(client, "/agency/ma-recherche?q=ma-recherche")
    said = "\n".join(record.getMessage() for record in caplog.records)
    lines = [r for r in caplog.records if r.name == "gunicorn.access"]
    assert len(lines) == 7
    assert "GET /s/…/ HTTP/1.1" in said
    assert "Not Found: /s/…/" in said
    assert [secret for secret in [*SECRETS, claim.token] if secret in said] == []
    assert not OrderLink.unscoped.exists()


def test_a_record_that_passes_two_filters_reads_the_same():
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Not Found: %s", ("/s/un-jeton-faux/",), None
    )
    for _handler in range(2):
        assert HidePaths().filter(record)
    assert record.getMessage() == "Not Found: /s/…/"


def test_other_addresses_stay_readable(landlord):
    path = reverse("agency:claim", args=["00000000-0000-4000-8000-000000000000"])
    assert without_secrets(path + "?q=x") == path
    assert without_secrets("/") == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["\n", "\r", "\x1b[2K", "\u2028"])
def test_nobody_writes_a_line_of_their_own(client, line, caplog, forged):
    login = base64.b64encode(f"awa{forged}10.0.0.1:x".encode()).decode()
    sent = {"Authorization": f"Basic {login}", "User-Agent": "x"}
    line(client, f"/api/v1/{quote(forged)}10.0.0.1", headers=sent)
    line(client, f"/{quote(forged)}10.0.0.1/")
    said = [record.getMessage() for record in caplog.records if record.name == "gunicorn.access"]
    assert len(said) == 2
    assert all("10.0.0.1" in text and text.isprintable() for text in said)


def test_the_server_is_started_with_this_logger():
    """gunicorn loads it before Django: it must import alone."""
    assert "portal.log_paths.Logger" in (django_settings.BASE_DIR / "Dockerfile").read_text()
    alone = "import portal.log_paths, sys; assert 'portal.models' not in sys.modules"
    subprocess.run([sys.executable, "-c", alone], cwd=django_settings.BASE_DIR, check=True)
