"""Machines that call in clear, and methods that no page takes."""

import pytest

MACHINES = ["/api/v1/claims/", "/hooks/sms/", "/open311/v2/services.json", "/metrics"]


@pytest.fixture
def encrypted(settings):
    """Settings as in production: HTTPS only."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = settings.PALIER_MACHINES


@pytest.mark.parametrize("path", MACHINES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_machine_that_calls_in_clear_is_refused_and_not_redirected(
    client, db, encrypted, path, method
):
    answer = getattr(client, method)(path, headers={"Authorization": "Bearer key"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert "HTTPS" in answer.json()["title"]
    again = getattr(client, method)(path, secure=True)
    assert "HTTPS" not in again.content.decode()


def test_people_are_redirected(client, db, encrypted):
    answer = client.get("/accessibility/")
    assert (answer.status_code, answer.url) == (301, "https://testserver/accessibility/")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND"])
@pytest.mark.parametrize("path", ["/accessibility/", "/healthz", "/api/v1/claims/", "/nowhere/"])
def test_other_methods_are_refused_and_echo_nothing(client, db, path, method):
    answer = client.generic(method, path, headers={"X-Secret": "do not echo"})
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
    assert "echo" not in answer.content.decode()
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_made_up_methods_make_no_figures(client, db, settings):
    settings.PALIER_METRICS_TOKEN = "figures-0123456789"
    client.generic("MADEUP", "/healthz")
    said = client.get("/metrics", headers={"Authorization": "Bearer figures-0123456789"})
    assert said.status_code == 200
    assert "MADEUP" not in said.content.decode()
