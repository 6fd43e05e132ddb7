"""Every error status that a person can meet is a page, and what was typed stands on it."""

import re
from contextlib import contextmanager

import psycopg2
import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests.claims import links
from tests import databases
from tests.factories import leak, member

ORIGIN = {"Origin": "http://testserver"}
ENGLISH = {"Accept-Language": "en"}
TYPED = "Il pleut dans la chambre de ma fille"
TITLES = {  # status: its title in French and in English
    400: ("Nous n’avons pas pu lire cela", "We could not read this"),
    403: ("Vous ne pouvez pas ouvrir cette page", "You cannot open this page"),
    404: ("Page introuvable", "Page not found"),
    405: ("Cette page s’ouvre autrement", "This page opens another way"),
    410: ("Ce lien est terminé", "This link has ended"),
    413: ("C’est trop volumineux", "This is too large"),
    429: ("Trop d’essais", "Too many tries"),
}


@pytest.fixture
def claim(landlord):
    return leak(landlord, now(), contact_email="awa@example.test")


@pytest.fixture
def south(landlord, client):
    """An agent of another agency, signed in."""
    client.force_login(member(landlord["south"], "agent").user)
    return client


def is_page(answer, status: int) -> str:
    """Check the status and the title of a page in French or English; return its text."""
    html = answer.content.decode()
    assert answer.status_code == status
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert any(f"<h1>{title}</h1>" in html for title in TITLES[status]), html
    return html


def meet(status: int, client, house, settings, headers: dict):
    """Send a real request that is answered ``status``."""
    if status == 400:
        return client.get("/talk/?place=%00", headers=headers)
    if status == 404:
        return client.get("/nowhere/", headers=headers)
    if status == 410:
        claim = leak(house, now())
        links.close(claim=claim, actor=Actor.TENANT, now=now(), reason="it was passed on")
        return client.get(reverse("follow", args=[claim.token]), headers=headers)
    if status == 413:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        return client.post("/talk/", {"name": "x" * 200}, headers=headers)
    if status == 429:
        settings.PALIER_LIMITS = {"*": (0, 3600)}
        return client.post("/talk/", {"name": TYPED}, headers=headers)
    client.force_login(member(house["south"], "agent").user)
    return client.get("/head-office/", headers=headers)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 413, 429])
@pytest.mark.parametrize(("number", "language"), [(0, "fr"), (1, "en")])
def test_a_page_in_both_languages(client, landlord, settings, status, number, language):
    answer = meet(status, client, landlord, settings, {"Accept-Language": language})
    assert f"<h1>{TITLES[status][number]}</h1>" in is_page(answer, status)


def test_a_form_that_holds_what_cannot_be_stored_is_given_back(client, landlord):
    answer = client.post("/talk/", {"name": TYPED + "\0"}, headers=ORIGIN)
    html = is_page(answer, 400)
    assert TYPED in html
    assert "\0" not in html


def test_an_unknown_host_costs_no_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        is_page(client.get("/talk/", headers={"Host": "elsewhere.example"}), 400)


def test_a_form_that_may_no_longer_be_sent_is_given_back(client, landlord, claim):
    client.force_login(member(landlord["north"], "caretaker").user)
    url = reverse("agency:message", args=[claim.pk])
    assert TYPED in is_page(client.post(url, {"text": TYPED}, headers=ORIGIN), 403)


def test_a_form_whose_place_has_gone_is_given_back(south, claim):
    url = reverse("agency:message", args=[claim.pk])
    assert TYPED in is_page(south.post(url, {"text": TYPED}, headers=ORIGIN), 404)
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert TYPED not in is_page(south.post(url, {"text": TYPED}, headers=elsewhere), 404)


@pytest.mark.parametrize(("headers", "number"), [({}, 0), (ENGLISH, 1)])
def test_an_address_that_only_takes_forms_says_so(south, claim, headers, number):
    answer = south.get(reverse("agency:message", args=[claim.pk]), headers=headers)
    assert TITLES[405][number] in is_page(answer, 405)
    assert answer["Allow"] == "POST"
    assert "script-src 'nonce-" in answer["Content-Security-Policy"]


def test_an_address_that_takes_no_form_gives_it_back(client, landlord):
    answer = client.post("/accessibility/", {"text": TYPED}, headers=ORIGIN)
    assert TYPED in is_page(answer, 405)


def test_machines_read_the_status_alone(client, landlord):
    answer = client.get("/hooks/sms/")
    assert (answer.status_code, answer.content) == (405, b"")
    script = client.get("/nowhere/", headers={"Accept": "application/json"})
    assert (script.status_code, script["Content-Type"]) == (404, "application/problem+json")


def test_a_form_changed_meanwhile_or_with_mistakes_is_drawn_with_its_words(client, landlord, claim):
    client.force_login(member(landlord["north"], "agent").user)
    url = reverse("agency:act", args=[claim.pk, "take_charge"])
    assert client.post(url, {"version": 1}).status_code == 302
    stale = client.post(url, {"version": 1, "text": TYPED}, headers=ORIGIN)
    assert stale.status_code == 409
    assert TYPED in stale.content.decode()
    wrong = client.post("/talk/", {"name": TYPED}, headers=ORIGIN)
    assert wrong.status_code == 422
    assert TYPED in wrong.content.decode()


@pytest.mark.parametrize("path", ["/talk/", "/nowhere/"])
def test_a_form_larger_than_any_of_ours(client, landlord, settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    plain = {"content_type": "application/x-www-form-urlencoded", "headers": ORIGIN}
    status = 404 if path == "/nowhere/" else 413
    is_page(client.post(path, {"name": "x" * 200}, headers=ORIGIN), status)
    is_page(client.post(path, "name=" + "x" * 200, **plain), status)


def test_more_files_than_any_form_takes(client, landlord, settings):
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    files = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(most + 1)]
    is_page(client.post("/talk/", {"files": files}, headers=ORIGIN), 413)


@contextmanager
def broken(error: type[Exception]):
    """Let every query fail."""

    def fail(*args):
        raise error("the tests' breakdown")

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RuntimeError, 500, ("Une panne chez nous", "Something broke on our side")),
        (OperationalError, 503, ("Le portail est arrêté un moment", "down for a moment")),
    ],
)
def test_a_breakdown_reads_no_database(client, landlord, error, status, said, signed_in):
    if signed_in:
        client.force_login(member(landlord["north"], "agent").user)
    client.raise_request_exception = False
    with broken(error):
        answer = client.post("/talk/", {"name": TYPED, "password": "x" * 20}, headers=ORIGIN)
        api = client.get("/api/v1/claims/", headers={"Authorization": "Token x"})
    html = answer.content.decode()
    assert answer.status_code == api.status_code == status
    assert all(text in html for text in (*said, TYPED))
    assert "x" * 20 not in html
    later = "60" if status == 503 else ""
    assert answer.get("Retry-After", "") == api.get("Retry-After", "") == later
    assert api["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_no_fault_of_ours(client, monkeypatch):
    connection.close()
    client.raise_request_exception = False
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        away.setitem(connection.settings_dict, "PORT", "1")
        answer = client.post("/talk/", {"name": TYPED}, headers=ORIGIN)
    assert answer.status_code == 503
    assert TYPED in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.weakness("bare error")
def test_a_session_that_cannot_be_saved_for_lack_of_a_database_is_no_bad_request(
    client, landlord, monkeypatch
):
    client.post("/file/fault/water/", {"category": "PLO-03"})  # a session to save

    def terminated(*_args, **_options):
        raise OperationalError("terminating connection due to administrator command")

    monkeypatch.setattr(Session, "save", terminated)
    client.raise_request_exception = False
    answer = client.post("/file/where/", {"address": "1 rue du Lin"}, headers=ORIGIN)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert "Le portail est arrêté un moment" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_pages_say_503_while_idle_connections_hold_every_place(client, landlord):
    """The limit lies on a database of its own: the test database has sessions of other tests."""
    client.raise_request_exception = False
    full = f"{connection.settings_dict['NAME']}_full"
    databases.create(full, connection_limit=3)
    idle = []
    try:
        with databases.use(full):
            idle += [psycopg2.connect(**connection.get_connection_params()) for _ in range(3)]
            for path in ("/talk/", "/file/"):
                answer = client.get(path)
                assert answer.status_code == 503
                assert "Le portail est arrêté un moment" in answer.content.decode()
    finally:
        for held in idle:
            held.close()
        databases.drop(full)
    assert client.get("/talk/").status_code == 200


def test_the_language_changes_on_a_page_with_mistakes(client, claim):
    """What the browser asks next is the address of the form, which takes no GET."""
    page = f"/s/{claim.token}/"
    wrong = client.post(f"{page}write/", {"text": ""})
    assert wrong.status_code == 422
    then = re.search(r'name="next" value="([^"]+)"', wrong.content.decode())[1]
    led = client.post("/i18n/setlang/", {"language": "en", "next": then})
    assert client.get(led.url).status_code == 405
    answer = client.get(led.url, headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.url == page
    assert 'lang="en"' in client.get(answer.url).content.decode()


def test_only_whoever_opens_an_address_of_forms_is_led_elsewhere(client, db):
    assert client.get("/file/leave/", headers={"Sec-Fetch-Mode": "navigate"}).url == "/file/"
    is_page(client.get("/file/leave/", headers={"Sec-Fetch-Mode": "cors"}), 405)
