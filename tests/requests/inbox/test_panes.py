"""A move from claim to claim: the panes alone, logged as the page, within its budget."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests.audit.models import ListView, RecordView
from requests.inbox import listing
from requests.inbox.models import Presence
from tests.requests.fixtures.desk import make_claim, make_unit, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]
INBOX = "/agency/"
STATEMENTS = 62
BYTES = 12_000  # over the wire


def pane(client, address: str, which: str = "claim"):
    return client.get(address, headers={"X-Pane": which})


def ids(answer) -> list[str]:
    html = answer.content.decode()
    return [name for name in ("list-pane", "claim-pane", "context-pane") if f'id="{name}"' in html]


@pytest.fixture
def claims(place):
    return [make_claim(place[1], place[2], number) for number in range(3)]


def test_each_answer_holds_the_panes_that_were_asked_for(client, claims):
    address = url("claim", claims[0])
    whole = client.get(address)
    assert ids(whole) == ["list-pane", "claim-pane", "context-pane"]
    assert whole.content.lstrip().startswith(b"<!DOCTYPE")
    for which, expected in (
        ("claim", ["claim-pane", "context-pane"]),
        ("all", ["list-pane", "claim-pane", "context-pane"]),
    ):
        answer = pane(client, address, which)
        assert ids(answer) == expected
        assert b"<!DOCTYPE" not in answer.content
        assert b"<header" not in answer.content
        assert (answer["X-Pane"], answer["Cache-Control"]) == (which, "private, no-store")
    assert ids(pane(client, INBOX, "list")) == ["list-pane"]
    assert "X-Pane" in whole["Vary"]
    assert ids(pane(client, address, "nonsense")) == ["list-pane", "claim-pane", "context-pane"]


def test_a_wide_screen_gets_the_first_claim_with_the_list(client, claims):
    """It says so by a cookie; what is not shown is not logged as read."""
    assert ids(client.get(INBOX)) == ["list-pane", "claim-pane", "context-pane"]
    assert not RecordView.objects.system("test").exists()
    client.cookies["screen"] = "narrow"
    assert "claim" not in client.get(INBOX).context
    client.cookies["screen"] = "wide"
    assert "claim" not in pane(client, INBOX, "list").context
    assert not RecordView.objects.system("test").exists()
    page = client.get(INBOX)
    assert page.context["claim"] == claims[0]
    assert f'data-claim="{claims[0].pk}"' in page.content.decode()
    assert RecordView.objects.system("test").get().claim_id == claims[0].pk
    assert ListView.objects.exists()
    assert "claim" not in client.get(INBOX + "?view=all").context
    assert "claim" not in client.get(INBOX + "?q=rien").context


def test_the_list_goes_on_over_its_pages(client, place, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    claims = [make_claim(place[1], place[2], number) for number in range(5)]
    last_of_page = url("claim", claims[1]) + "?view=todo&page=1"
    assert client.get(last_of_page).context["next"] == claims[2].pk
    assert b'rel="next"' in pane(client, INBOX + "?page=2", "list").content
    last = url("claim", claims[4]) + "?view=todo&page=3"
    assert client.get(last).context["next"] is None


def test_reading_changes_nothing_but_the_log(client, claims):
    """Also the first claim, which a wide screen opens by itself: it is shown, so it is logged."""
    with CaptureQueriesContext(connection) as seen:
        client.get(INBOX)
        pane(client, url("claim", claims[0]))
    written = [q["sql"] for q in seen if q["sql"].lstrip("( ").startswith(("INSERT", "UPDATE"))]
    assert all("requests_listview" in sql or "requests_recordview" in sql for sql in written)
    assert RecordView.objects.system("test").get().claim_id == claims[0].pk
    assert ListView.objects.count() == 1
    assert not Presence.objects.exists()


def test_the_list_alone_opens_no_record(client, claims):
    page = client.get(INBOX)
    assert "data-opens-first" in page.content.decode()
    assert not RecordView.objects.system("test").exists()
    for query in ("?q=awa", "?view=ended", "?view=all"):
        assert "data-opens-first" not in client.get(INBOX + query).content.decode()


def test_another_units_claim_is_a_404_in_panes_too(client, place):
    far = make_unit("sud")
    assert pane(client, url("claim", make_claim(far[1], far[2]))).status_code == 404


def test_what_was_just_done_is_said_in_the_pane_that_follows(client, claims):
    first, second = claims[:2]
    done = client.post(
        url("act", first, "take_charge"),
        {"version": 1, "next": second.pk},
        headers={"X-Panel": "1"},
    )
    html = pane(client, done["X-Location"], "all").content.decode()
    assert f'data-claim="{second.pk}"' in html
    assert 'class="toast"' in html
    assert 'class="toast"' not in pane(client, done["X-Location"], "all").content.decode()


def test_a_move_takes_one_small_answer(client, place):
    claims = [make_claim(place[1], place[2], number) for number in range(50)]
    address = url("claim", claims[20]) + "?view=todo&page=1"
    answer = pane(client, address)
    sent = len(gzip.compress(answer.content))
    with CaptureQueriesContext(connection) as whole:
        page = client.get(address)
    with CaptureQueriesContext(connection) as part:
        pane(client, address)
    full = len(gzip.compress(page.content))
    assert len(part) <= STATEMENTS
    assert sent <= min(BYTES, full)
    assert len(part) < len(whole)
