"""The claim page from panels: one more shows, and a form that fails answers its own panel."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.panels import Panel
from requests.conversation import actions as conversation
from requests.inbox import claim_page
from tests.requests.fixtures.desk import make_claim, url

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Panel": "1"}


@pytest.fixture
def claim(place):  # noqa: F811
    return make_claim(place[1], place[2])


def ids(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('<div id="panel-')[1:]]


def answers(client, address: str, data: dict, status: int) -> tuple[str, str]:
    """Return what a script and what a browser get for the same form."""
    part = client.post(address, data, headers=SCRIPT)
    whole = client.post(address, data)
    assert part.status_code == whole.status_code == status
    assert "X-Panel" not in whole
    assert whole.content.decode().count("<h1") == 1
    assert "<h1" not in part.content.decode() or status == 409
    assert "<html" not in part.content.decode()
    return part, whole


LONG = "Le plombier passe demain matin. " * 200


@pytest.mark.parametrize(
    ("name", "more", "data", "panel", "typed"),
    [
        ("message", (), {"kind": "out", "text": LONG}, "composer", LONG.strip()),
        ("message", (), {"kind": "note", "text": "Vu avec @personne"}, "composer", "@personne"),
        ("noted", (), {"channel": "fax", "text": "Elle a rappelé"}, "heard", "Elle a rappelé"),
        ("called", (), {"outcome": "", "note": "Pas de réponse"}, "call", "Pas de réponse"),
        ("act", ("refuse",), {"reason": "", "text": "Trop tôt"}, "decision", "Trop tôt"),
        ("act", ("hand_over",), {"reason": "Ascenseur"}, "decision", "Ascenseur"),
    ],
)
def test_a_form_with_mistakes_answers_its_panel(client, claim, name, more, data, panel, typed):
    address = url(name, claim, *more)
    part, whole = answers(client, address, {"version": claim.version, **data}, 422)
    assert part.headers["X-Panel"] == panel
    html = part.content.decode()
    assert ids(html) == [panel]
    assert typed in html
    assert html.count('class="error-summary"') == 1
    assert typed in whole.content.decode()
    assert {panel, "thread", "heading"} <= set(ids(whole.content.decode()))
    # Above the panels, once: the title of the page says that something is wrong.
    assert whole.content.decode().count('class="error-summary"') == 1


def test_a_complaint_with_mistakes_answers_its_panel(client, claim):
    part, _whole = answers(client, f"/agency/{claim.pk}/complaint/", {"words": "Assez"}, 422)
    assert ids(part.content.decode()) == ["complaint-forms"]
    assert "Assez" in part.content.decode()


def test_a_conflict_also_answers_what_changed(client, claim):
    conversation.from_tenant(claim=claim, text="Ca a empire", actor=Actor.TENANT, now=now())
    reply = {"kind": "out", "channel": "web", "text": "Nous venons demain.", "version": 1}
    part, _whole = answers(client, url("message", claim), reply, 409)
    html = part.content.decode()
    assert ids(html) == ["composer", "heading", "thread"]
    assert "Nous venons demain." in html
    assert "Ca a empire" in html
    again = reply | {"version": part.context["reply"]["version"].value()}
    assert client.post(url("message", claim), again).status_code == 302


def test_words_that_no_form_takes_any_more_are_shown(client, claim):
    assert client.post(url("act", claim, "take_charge"), {"version": 1}).status_code == 302
    typed = {"version": 1, "text": "Je m'en occupe"}
    part, _whole = answers(client, url("act", claim, "take_charge"), typed, 409)
    assert ids(part.content.decode()) == ["decision", "heading", "thread"]
    assert "Je m&#x27;en occupe" in part.content.decode()


def test_a_script_is_told_where_to_go_and_the_message_waits_there(client, claim):
    data = {"kind": "note", "channel": "web", "text": "Clé au gardien", "version": 1}
    answer = client.post(url("message", claim) + "?view=all", data, headers=SCRIPT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Location"] == url("claim", claim) + "?view=all"
    assert Message.unscoped.get().text == "Clé au gardien"
    (toast,) = client.get(answer.headers["X-Location"]).context["toasts"]
    assert toast["level"] == "success"


def test_one_panel_costs_less_than_the_page(client, claim):
    def statements(**more) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.post(url("called", claim), {"note": "x"}, **more)
        return len(seen)

    assert statements(headers=SCRIPT) < statements() / 2


def test_a_panel_in_the_list_shows_with_its_own_context(client, claim, monkeypatch):
    """A slice adds a panel by one entry; what it shows is unknown to the others."""
    seen = []

    def context(page):
        seen.append(page)
        return {"others": [SimpleNamespace(user=SimpleNamespace(first_name="Zoé"))]}

    extra = Panel("extra", "requests/inbox/_presence.html", context)
    hidden = Panel("hidden", "requests/letters/_panel.html", lambda page: None)
    monkeypatch.setattr(claim_page, "PANELS", (extra, hidden, *claim_page.PANELS))
    page = client.get(url("claim", claim))
    shown = ids(page.content.decode())
    assert shown[0] == "extra"
    assert "Zoé" in page.content.decode()
    assert "hidden" not in shown
    assert seen[0].claim == claim
    assert [event.name for event in seen[0].events] == [e.name for e in claim.events.all()]


def test_every_panel_has_a_name_of_its_own():
    names = [panel.name for panel in (*claim_page.PANELS, *claim_page.BESIDE)]
    assert len(names) == len(set(names))
