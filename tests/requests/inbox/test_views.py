"""The inbox: who sees what, what a button does, and what a conflict keeps."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests.claims.event_models import Message
from tests.requests.fixtures.desk import make_claim, make_unit, url

pytestmark = pytest.mark.django_db


def test_list_of_fifty_costs_eleven_queries(client, place):
    for number in range(51):
        make_claim(place[1], place[2], number)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(reverse("agency:inbox"))
    assert answer.status_code == 200
    assert len(answer.context["page_obj"].object_list) == 50
    assert answer.context["groups"][0][0] == "late"
    assert len(seen) <= 11, [q["sql"][:90] for q in seen]


def test_another_agency_sees_nothing(client, place):
    _unit, desk, residence = make_unit("sud")
    claim = make_claim(desk, residence)
    assert client.get(url("claim", claim)).status_code == 404
    assert client.post(url("act", claim, "take_charge"), {"version": 1}).status_code == 404
    assert client.post(url("message", claim), {"kind": "note", "text": "x"}).status_code == 404
    assert not client.get(reverse("agency:inbox")).context["page_obj"].object_list


def test_search_and_hostile_parameters(client, place):
    claim = make_claim(place[1], place[2])
    make_claim(place[1], place[2], contact_name="Nguyen", words="froid")
    spoken = claim.spoken_reference
    for words in (claim.reference.lower(), spoken, "traoré", "coule awa"):
        found = client.get(reverse("agency:inbox"), {"q": words}).context["page_obj"].object_list
        assert [c.pk for c in found] == [claim.pk]
    bad = {"q": "%", "view": "nope", "page": "-3"}
    assert client.get(reverse("agency:inbox"), bad).status_code == 200


def test_take_charge_then_conflict_keeps_the_text(client, place):
    claim = make_claim(place[1], place[2])
    page = client.get(url("claim", claim))
    assert page.status_code == 200
    assert page.content.decode().count("<h1") == 1
    assert page.content.decode().count('class="btn"') == 1
    assert client.post(url("act", claim, "take_charge"), {"version": 1}).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "in_review"
    stale = client.post(url("act", claim, "ask"), {"version": 1, "text": "Une photo ?"})
    assert stale.status_code == 409
    assert "Une photo ?" in stale.content.decode()
    assert not Message.unscoped.exists()
    gone = client.post(url("act", claim, "take_charge"), {"version": 1})
    assert gone.status_code == 409


def test_answer_writes_one_message_and_a_tenants_button_is_refused(client, place):
    claim = make_claim(place[1], place[2])
    assert client.post(url("act", claim, "say_fixed"), {"version": 1}).status_code == 403
    assert client.post(url("act", claim, "nope"), {"version": 1}).status_code == 404
    empty = client.post(url("act", claim, "answer"), {"version": 1, "text": ""})
    assert empty.status_code == 422
    client.post(url("act", claim, "answer"), {"version": 1, "text": "C'est fait."})
    claim.refresh_from_db()
    assert claim.state == "done"
    assert Message.unscoped.get().direction == "out"


def test_plan_hand_over_and_messages(client, place):
    claim = make_claim(place[1], place[2])
    past = client.post(url("act", claim, "plan"), {"version": 1, "visit_at": "2020-01-01T10:00"})
    assert past.status_code == 422
    assert "2020-01-01T10:00" in past.content.decode()
    client.post(url("act", claim, "plan"), {"version": 1, "visit_at": "2099-01-01T10:00"})
    other = make_unit("sud")[1]
    facts = {"version": 2, "desk": other.pk, "reason": "Lift", "due": "2099-01-02T10:00"}
    assert client.post(url("act", claim, "hand_over"), facts).status_code == 302
    claim.refresh_from_db()
    assert claim.owner == other
    assert claim.visit_at is not None
    note = {"kind": "note", "channel": "web", "text": "Clé au gardien", "version": claim.version}
    assert client.post(url("message", claim), note).status_code == 302
    assert Message.unscoped.get().direction == "note"
    assert client.post(url("message", claim), {"kind": "in", "text": "x"}).status_code == 422


def test_nobody_closes_in_silence_before_the_attempts(client, place):
    claim = make_claim(place[1], place[2], state="done")
    answer = client.post(url("act", claim, "close_unanswered"), {"version": 1, "text": "Rien"})
    assert answer.status_code == 409
    claim.refresh_from_db()
    assert claim.state == "done"
