"""The API about people: their contact points, and who probably wrote a claim; address by role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal import api_tokens
from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import Channel
from requests.notifications.models import Delivery
from tenants.models import ContactPoint, PersonChange
from tests import factories
from tests.requests.api.conftest import Caller

PHONE, OTHER = "+33639980011", "+33639980022"


@pytest.fixture
def awa(tenant):
    factories.contact(tenant.tenant, PHONE)
    return tenant.tenant


@pytest.fixture
def unknown(landlord, awa):
    """Two text messages from the number that the register gives her."""
    factories.category("ADM-14", "A1", "crc")

    def text(key: str):
        filing = Filing(
            channel=Channel.SMS,
            key=key,
            category="ADM-14",
            words="La porte ferme mal",
            contact_phone=PHONE,
            dwelling=landlord["dwelling"].pk,
        )
        return file_claim(filing, actor=Actor.TENANT, now=now())

    return [text("sms-1"), text("sms-2")]


def of(person, point=None) -> str:
    return f"people/{person.pk}/contacts/" + (f"{point.pk}/" if point else "")


def point(value: str) -> ContactPoint:
    return ContactPoint.unscoped.get(value=value)


def change(caller, path: str, body: dict):
    return caller.post(path, body, key=None)


def test_a_point_says_where_it_comes_from_and_what_it_is_worth(agent, awa):
    rows = agent.get(of(awa)).json()["results"]
    (row,) = [row for row in rows if row["value"] == PHONE]
    assert (row["origin"], row["proof"], row["strength"]) == ("register", "", "stated")
    ContactPoint.unscoped.filter(value=PHONE).update(verified=True, proof="code")
    rows = agent.get(of(awa)).json()["results"]
    assert [row["strength"] for row in rows if row["value"] == PHONE] == ["proved"]


def test_staff_add_correct_prefer_and_give_up_with_an_event_each(agent, awa):
    made = agent.post(of(awa), {"value": "06 39 98 00 22"}, key=None)
    assert made.status_code == 201
    assert (made.json()["value"], made.json()["origin"]) == (OTHER, "told")
    assert made.headers["Location"] == f"/api/v1/{of(awa, point(OTHER))}"
    assert agent.get(made.headers["Location"].removeprefix("/api/v1/")).json() == made.json()
    assert change(agent, of(awa, point(PHONE)), {"preferred": True}).json()["preferred"]
    right = change(agent, of(awa, point(PHONE)), {"value": "06 39 98 00 33"}).json()
    assert (right["value"], right["preferred"], right["strength"]) == (
        "+33639980033",
        True,
        "stated",
    )
    assert point(PHONE).failing
    for _twice in range(2):
        gone = change(agent, of(awa, point(OTHER)), {"given_up": True})
        assert gone.json()["strength"] == "dead"
    changes = PersonChange.unscoped.order_by("pk").values_list("what", "side")
    assert list(changes) == [
        ("point_added", "staff"),
        ("point_preferred", "staff"),
        ("point_removed", "staff"),
        ("point_added", "staff"),
        ("point_preferred", "staff"),
        ("point_removed", "staff"),
    ]


def test_what_is_no_number_or_known_is_said(agent, awa):
    for body in ({"value": "bonjour"}, {"value": PHONE}, {}, {"value": 12}, {"x": "1"}):
        assert agent.post(of(awa), body, key=None).status_code == 400, body
    for body in (
        {},
        {"preferred": False},
        {"preferred": True, "given_up": True},
        {"value": "06 12"},
        {"value": PHONE},
    ):
        assert change(agent, of(awa, point(PHONE)), body).status_code == 400, body
    letters = {"kind": "postal", "value": "chez Léa\n3 rue du Port\n99000 Valmer"}
    assert agent.post(of(awa), letters, key=None).json()["kind"] == "postal"
    change(agent, of(awa, point(PHONE)), {"given_up": True})
    for body in ({"preferred": True}, {"value": OTHER}):
        assert change(agent, of(awa, point(PHONE)), body).status_code == 400, body


def test_a_tenant_changes_their_own_and_is_asked_to_prove_it(tenant, awa, agent):
    assert {row["value"] for row in tenant.get("me/contacts/").json()["results"]} >= {PHONE}
    made = tenant.post("me/contacts/", {"value": OTHER}, key=None).json()
    assert (made["origin"], made["strength"]) == ("own", "stated")
    gone = change(tenant, f"me/contacts/{point(PHONE).pk}/", {"given_up": True})
    assert gone.status_code == 200
    assert PersonChange.unscoped.filter(side="person").count() == 2
    stranger = factories.contact(
        factories.tenant(factories.dwelling(awa.occupancies.get().lease.dwelling.staircase, "77")),
        "+33639980044",
    )
    assert change(tenant, f"me/contacts/{stranger.pk}/", {"given_up": True}).status_code == 404
    assert Delivery.unscoped.filter(kind="point_notice").exists() or not awa.contact_points.filter(
        verified=True
    )


def test_a_reading_token_reads_only(landlord, awa):
    user = factories.member(landlord["north"], "agent").user
    token = api_tokens.make(user, name="t", writes=False, days=30, now=now())
    reader = Caller()
    reader.headers["Authorization"] = f"Token {token}"
    assert reader.get(of(awa)).status_code == 200
    assert reader.post(of(awa), {"value": OTHER}, key=None).status_code == 403
    assert change(reader, of(awa, point(PHONE)), {"preferred": True}).status_code == 403


ROLES = {
    # role, unit of the house: people's contacts, author of a claim, own contacts
    ("agent", "north"): (200, 200, 403),
    ("agency_manager", "north"): (200, 200, 403),
    ("agent", "south"): (404, 404, 403),
    ("call_taker", "head"): (200, 200, 403),
    ("head_office", "head"): (200, 200, 403),
    ("on_call", "head"): (200, 200, 403),
    ("caretaker", "north"): (403, 403, 403),
    ("contractor", "north"): (403, 403, 403),
    ("tenant_representative", "north"): (403, 403, 403),
    ("admin", "head"): (403, 403, 403),
    ("dpo", "head"): (403, 403, 403),
    ("tenant", ""): (403, 403, 200),
    ("nobody", ""): (401, 401, 401),
}


@pytest.mark.parametrize(("role", "unit"), ROLES)
def test_each_address_by_role(landlord, awa, unknown, tenant, role, unit):
    if role == "tenant":
        caller = tenant
    else:
        caller = Caller(factories.member(landlord[unit], role).user if unit else None)
    people, author, own = ROLES[role, unit]
    paths = {
        of(awa): people,
        of(awa, point(PHONE)): people,
        f"claims/{unknown[0].pk}/author/": author,
        "me/contacts/": own,
        f"me/contacts/{point(PHONE).pk}/": own,
    }
    for path, expected in paths.items():
        assert caller.get(path).status_code == expected, path
        if path[-2].isdigit():
            assert change(caller, path, {"preferred": True}).status_code == expected, path


def test_the_probable_author_is_confirmed_with_what_waits_of_the_same_sender(agent, awa, unknown):
    first, second = unknown
    path = f"claims/{first.pk}/author/"
    said = agent.get(path).json()
    assert (said["tenant"], said["grade"]) == (None, "probably")
    assert [row["id"] for row in said["candidates"]] == [str(awa.pk)]
    assert [row["reference"] for row in said["together"]] == [second.reference]
    answer = {
        "answer": "confirm",
        "person": str(awa.pk),
        "together": [str(second.pk)],
        "version": said["version"],
    }
    assert agent.post(path, answer | {"version": said["version"] + 7}, key=None).status_code == 409
    done = agent.post(path, answer, key=None)
    assert (done.status_code, done.json()["tenant"], done.json()["grade"]) == (
        200,
        str(awa.pk),
        "sure",
    )
    assert ClaimEvent.unscoped.filter(name="identify").count() == 2
    assert point(PHONE).proof == "colleague"
    # It has an author: nobody is a candidate any more.
    assert agent.post(path, answer, key=None).status_code == 400


def test_not_this_person_is_remembered(agent, awa, unknown):
    first, second = unknown
    path = f"claims/{first.pk}/author/"
    answer = {"answer": "not_this_person", "person": str(awa.pk)}
    assert agent.post(path, answer | {"together": [str(second.pk)]}, key=None).status_code == 400
    said = agent.post(path, answer, key=None).json()
    assert (said["grade"], said["candidates"]) == ("unknown", [])
    event = ClaimEvent.unscoped.get(name="not_author")
    assert (event.claim, event.facts["person"]) == (first, str(awa.pk))
    assert agent.get(f"claims/{second.pk}/author/").json()["grade"] == "probably"
    assert agent.post(path, answer, key=None).status_code == 400


def test_both_are_in_the_description(nobody, db):
    paths = nobody.get("schema/").json()["paths"]
    assert set(paths["/api/v1/people/{id}/contacts/{number}/"]) == {"get", "post"}
    assert set(paths["/api/v1/claims/{id}/author/"]) == {"get", "post"}
    assert "given_up" in nobody.get("docs/").content.decode()


def test_a_reply_promises_a_date_that_somebody_keeps(agent, tenant, landlord):
    claim = factories.leak(landlord, now(), tenant=tenant.tenant.pk)
    at = timezone.localtime(now() + timedelta(days=2)).replace(
        hour=10, minute=0, second=0, microsecond=0
    )
    path, body = f"claims/{claim.pk}/comments/", {"text": "Commandée.", "kind": "reply"}

    def said(caller, key: str, **more) -> int:
        return caller.post(path, body | more, key=f"promise-{key}").status_code

    assert said(agent, "past", promise_at=str(now() - timedelta(hours=1))) == 400
    assert said(agent, "note", promise_at=at.isoformat(), kind="note") == 400
    assert said(tenant, "mine", promise_at=at.isoformat()) == 403
    assert said(agent, "kept", promise_at=at.isoformat()) == 201
    claim.refresh_from_db()
    assert claim.promise_at == at
