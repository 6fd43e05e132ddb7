"""The API's promises: the same scopes as the pages, errors that name their place."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import Membership
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests.api import views
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.labels.actions import change
from requests.labels.models import Label
from tests import databases
from tests.factories import member
from tests.requests.api.conftest import Caller

pytestmark = pytest.mark.long

LEAK = {"category": "PLO-03", "words": "Ça coule", "contact_phone": "06 00 00 00 00"}


def all_claims():
    return Claim.objects.system("test")


def errors(answer) -> dict:
    assert answer["Content-Type"].startswith("application/problem+json")
    return {next(v for k, v in e.items() if k != "detail"): e for e in answer.json()["errors"]}


def test_a_tenant_files_for_their_home_without_naming_it(tenant, landlord):
    answer = tenant.post("claims/", {"category": "PLO-03", "words": "Ça coule"})
    assert answer.status_code == 201
    claim = all_claims().get()
    assert claim.dwelling == landlord["dwelling"]
    assert claim.tenant == tenant.tenant
    assert claim.channel == "api"
    assert answer["Location"] == f"/api/v1/claims/{claim.pk}/"
    assert answer.json()["reference"] == claim.reference
    assert "contact_phone" not in answer.json()


def test_the_key_makes_sending_twice_harmless(agent, landlord):
    body = {**LEAK, "dwelling": landlord["dwelling"].pk}
    first, second = agent.post("claims/", body), agent.post("claims/", body)
    assert first.json() == second.json()
    assert "Idempotent-Replay" not in first
    assert second["Idempotent-Replay"] == "true"
    other = agent.post("claims/", {**body, "words": "autre"})
    assert other.status_code == 422
    assert other["Content-Type"].startswith("application/problem+json")
    assert all_claims().count() == 1


def test_two_callers_may_use_the_same_key(agent, tenant, landlord):
    agent.post("claims/", {**LEAK, "dwelling": landlord["dwelling"].pk})
    assert tenant.post("claims/", LEAK).status_code == 201
    assert all_claims().count() == 2


@pytest.mark.parametrize("key", [None, "", "short", "with space 123", "x" * 81, "é" * 10])
def test_a_key_is_required(agent, key):
    answer = agent.post("claims/", LEAK, key=key)
    assert answer.status_code == 400
    assert errors(answer)["Idempotency-Key"]["header"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"colour": "red"}, "#/colour"),
        ({"category": "NOPE"}, "#/category"),
        ({"category": 12}, "#/category"),
        ({"words": "x" * 4001}, "#/words"),
        ({"words": "a\0b"}, "#/words"),
        ({"words": "\ud800"}, "#/words"),
        ({"dwelling": 10**30}, "#/dwelling"),
        ({"dwelling": True}, "#/dwelling"),
        ({"dwelling": "1"}, "#/dwelling"),
        ({"dwelling": 987654321}, "#/dwelling"),
        ({"dwelling": 1, "residence": 1}, "#/residence"),
        ({"tenant": "7f8dc7a3-2b4f-4b29-9d0c-1f5b7a1f0a11"}, "#/tenant"),
        ({"contact_email": "nowhere"}, "#/contact_email"),
        ({"availability": ["always"]}, "#/availability/0"),
        ({"contact_phone": ""}, "#/contact_phone"),
    ],
)
def test_a_wrong_body_is_refused_at_its_place(agent, change, pointer):
    answer = agent.post("claims/", {**LEAK, **change})
    assert answer.status_code == 400
    assert list(errors(answer)) == [pointer]
    assert all_claims().count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("[" * 60000, 400),
        ('{"a":' * 25 + "1" + "}" * 25, 400),
        ('{"dwelling": NaN}', 400),
        (b"\xff\xfe", 400),
        ('{"words": "' + "x" * 70000 + '"}', 413),
        ('{"dwelling": ' + "9" * 5000 + "}", 400),
    ],
)
def test_what_is_no_body_is_a_problem_not_a_failure(agent, body, status):
    answer = agent.post("claims/", body)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")


def test_errors_speak_the_callers_language(agent):
    english = agent.post("claims/", LEAK, key=None).json()
    agent.headers["Accept-Language"] = "fr"
    assert english["title"] == "Some of what was sent is wrong."
    assert agent.get("claims/", limit=0).status_code == 400
    assert agent.get("claims/", limit=0)["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "query",
    [
        {"state": "burning"},
        {"unit": "nord'; --"},
        {"updated_since": "yesterday"},
        {"updated_since": ""},
        {"unit": ""},
        {"search": "a\0b"},
        {"after": "1"},
        {"limit": "101"},
        {"page": "2"},
        {"after": "7f8dc7a3-2b4f-4b29-9d0c-1f5b7a1f0a11"},
    ],
)
def test_wrong_parameters_are_named(agent, query):
    answer = agent.get("claims/", **query)
    assert answer.status_code == 400
    assert list(errors(answer)) == list(query)
    assert "parameter" in answer.json()["errors"][0]


def test_pages_follow_each_other_without_gap_or_double(agent, landlord):
    for number in range(5):
        agent.post(
            "claims/", {**LEAK, "dwelling": landlord["dwelling"].pk}, key=f"claim-{number:04}"
        )
    all_claims().update(filed_at=now())  # the same instant for all: the id decides
    ids, answer = [], agent.get("claims/", limit=2).json()
    while True:
        ids += [row["id"] for row in answer["results"]]
        if not answer["next"]:
            break
        answer = agent.client.get(answer["next"], headers=agent.headers).json()
    assert len(ids) == len(set(ids)) == 5


def test_filters(agent, landlord, monkeypatch):
    body = {**LEAK, "dwelling": landlord["dwelling"].pk}
    agent.post("claims/", body, key="the-first-one")
    agent.post("claims/", {**body, "words": "Ascenseur"}, key="the-second-one")
    old = all_claims().filter(words="Ça coule")
    old.update(filed_at=now() - timedelta(days=9))
    with databases.without_audit_triggers():
        old.get().events.update(at=now() - timedelta(days=9))

    def words(**query) -> list[str]:
        return [row["words"] for row in agent.get("claims/", **query).json()["results"]]

    assert words(state="received") == ["Ascenseur", "Ça coule"]
    assert words(state=["closed", "refused"]) == []
    for few in (views.FEW_EVENTS, 0):  # by the events, and by the claims
        monkeypatch.setattr(views, "FEW_EVENTS", few)
        assert words(updated_since=(now() - timedelta(days=1)).isoformat()) == ["Ascenseur"]
    agent.post(f"claims/{old.get().pk}/comments/", {"text": "Nous passons demain."})
    for few in (views.FEW_EVENTS, 0):
        monkeypatch.setattr(views, "FEW_EVENTS", few)
        since = (now() - timedelta(days=1)).isoformat()
        assert words(updated_since=since) == ["Ascenseur", "Ça coule"]
        assert words(updated_since=since, limit=1) == ["Ascenseur"]
        assert words(updated_since=since, search="coule") == ["Ça coule"]
    assert words(search="coule") == ["Ça coule"]
    assert words(unit="sud") == []


def test_labels_are_for_staff(agent, tenant, landlord):
    label = Label.objects.create(code="expert", label_fr="Expert", label_en="Expert")
    tenant.post("claims/", {"category": "PLO-03", "words": "Fuite 1"}, key="a-labelled-one")
    body = {**LEAK, "dwelling": landlord["dwelling"].pk, "words": "Fuite 2"}
    agent.post("claims/", body, key="another-without")
    claim = all_claims().get(words="Fuite 1")
    change(claim=claim, put=[label], actor=Actor.SYSTEM, now=now())
    rows = agent.get("claims/", label="expert").json()["results"]
    assert [(row["words"], row["labels"]) for row in rows] == [("Fuite 1", ["expert"])]
    assert "labelled" in {e["name"] for e in agent.get(f"claims/{claim.pk}/").json()["events"]}
    theirs = tenant.get(f"claims/{claim.pk}/").json()
    assert "labels" not in theirs
    assert "labelled" not in {event["name"] for event in theirs["events"]}
    assert "label" in errors(tenant.get("claims/", label="expert"))


def test_unseen_claims_do_not_exist(agent, southerner, tenant, nobody, landlord):
    agent.post("claims/", {**LEAK, "dwelling": landlord["dwelling"].pk, "words": "canary"})
    pk = all_claims().get().pk
    assert agent.get(f"claims/{pk}/").json()["words"] == "canary"
    for caller, status in ((southerner, 404), (nobody, 401)):
        for answer in (
            caller.get(f"claims/{pk}/"),
            caller.post(f"claims/{pk}/comments/", {"text": "x"}),
        ):
            assert answer.status_code == status
            assert b"canary" not in answer.content
    assert southerner.get("claims/").json()["results"] == []
    # Nobody knows whose it is yet, so that it is not the household's either.
    assert tenant.get(f"claims/{pk}/").status_code == 404
    # Once it is theirs they read it; what staff alone may read stays out.
    all_claims().filter(pk=pk).update(tenant=tenant.tenant)
    shown = tenant.get(f"claims/{pk}/").json()
    assert shown["words"] == "canary"
    assert "contact_phone" not in shown
    assert "tenant" not in shown


def test_places_and_people_of_another_agency_do_not_exist(southerner, tenant, landlord):
    answer = southerner.post("claims/", {**LEAK, "dwelling": landlord["dwelling"].pk})
    assert list(errors(answer)) == ["#/dwelling"]
    answer = southerner.post("claims/", {**LEAK, "tenant": str(tenant.tenant.pk)})
    assert list(errors(answer)) == ["#/tenant"]


def test_comments_keep_the_rules_of_the_conversation(agent, tenant, landlord):
    tenant.post("claims/", {"category": "PLO-03", "words": "Ça coule"})
    claim = all_claims().get()
    path = f"claims/{claim.pk}/comments/"
    assert tenant.post(path, {"text": "Toujours"}, key="comment-1").status_code == 201
    assert agent.post(path, {"text": "À nous", "kind": "note"}, key="comment-2").status_code == 201
    assert tenant.post(path, {"text": "x", "kind": "note"}, key="comment-3").status_code == 403
    again = tenant.post(path, {"text": "Toujours"}, key="comment-1")
    assert again.status_code == 201
    assert tenant.post(path, {"text": "Autre"}, key="comment-1").status_code == 422
    assert Message.unscoped.filter(text="Toujours", direction="in", channel="api").count() == 1
    texts = [m["text"] for m in tenant.get(f"claims/{claim.pk}/").json()["messages"]]
    assert texts == ["Ça coule", "Toujours"]
    assert "À nous" in [m["text"] for m in agent.get(f"claims/{claim.pk}/").json()["messages"]]


def test_an_account_without_home_files_nothing(landlord):
    stranger = Caller(User.objects.create_user("stranger@example.test"))
    assert stranger.post("claims/", LEAK).status_code == 403
    assert stranger.get("claims/").json()["results"] == []


def test_a_leaver_sees_nothing_any_more(agent, landlord):
    agent.post("claims/", {**LEAK, "dwelling": landlord["dwelling"].pk})
    Membership.objects.update(ends="2020-02-01")
    assert agent.get("claims/").json()["results"] == []


def test_roles_without_a_desk_are_refused(landlord):
    for role in ("tenant_representative", "dpo", "admin"):
        assert Caller(member(landlord["north"], role).user).get("claims/").status_code == 403


def test_sessions_need_the_csrf_token(landlord):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member(landlord["north"], "agent").user)
    assert client.get("/api/v1/claims/").status_code == 200
    answer = client.post(
        "/api/v1/claims/", "{}", content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("application/problem+json")


def test_everything_under_the_api_answers_problems(nobody, agent):
    for answer, status in (
        (nobody.get("nowhere/"), 404),
        (agent.client.delete("/api/v1/claims/", headers=agent.headers), 405),
        (
            agent.client.get("/api/v1/claims/", headers={**agent.headers, "Accept": "text/html"}),
            406,
        ),
        (
            agent.client.post(
                "/api/v1/claims/",
                {"a": 1},
                headers={**agent.headers, "Idempotency-Key": "12345678"},
            ),
            415,
        ),
        (agent.client.get("/api/v1/claims/", headers={"Authorization": "Token wrong"}), 401),
    ):
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("application/problem+json")
        assert answer.json()["status"] == status


def test_calls_are_counted_in_the_database(agent, monkeypatch):
    monkeypatch.setattr("portal.limits.API_READS", 2)
    statuses = [agent.get("units/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert agent.get("units/")["Retry-After"] == "60"


def test_guessed_tokens_are_stopped(nobody, agent, monkeypatch):
    monkeypatch.setattr("portal.limits.GUESSES", 3)
    nobody.headers["Authorization"] = "Token guess"
    assert [nobody.get("units/").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_lists_cost_the_same_whatever_their_length(agent, landlord, django_assert_max_num_queries):
    for number in range(4):
        agent.post(
            "claims/", {**LEAK, "dwelling": landlord["dwelling"].pk}, key=f"many-{number}000"
        )
    with django_assert_max_num_queries(7):
        assert len(agent.get("claims/").json()["results"]) == 4


def test_the_catalogue_the_units_and_the_residences(agent, tenant):
    assert {c["code"] for c in agent.get("categories/").json()} == {"PLO-03", "GAZ-01"}
    assert {u["code"] for u in tenant.get("units/").json()} == {"siege", "nord", "sud"}
    assert agent.get("residences/", unit="nord").json()["results"][0]["name"] == "Les Tilleuls"
    assert agent.get("residences/", after="99999999999999999999").status_code == 400
    assert tenant.get("residences/").status_code == 403


def test_description_and_page_for_people(nobody, client, db):
    nobody.headers["Accept"] = "application/json"
    described = nobody.get("schema/").json()
    assert described["openapi"].startswith("3.1")
    (key,) = described["paths"]["/api/v1/claims/"]["post"]["parameters"]
    assert key["schema"]["pattern"] == "^[!-~]{8,80}$"
    assert set(described["paths"]) == {
        "/api/v1/claims/",
        "/api/v1/claims/{id}/",
        "/api/v1/claims/{id}/comments/",
        "/api/v1/claims/{id}/confidential/",
        "/api/v1/claims/{id}/author/",
        "/api/v1/people/{id}/contacts/",
        "/api/v1/people/{id}/contacts/{number}/",
        "/api/v1/me/contacts/",
        "/api/v1/me/contacts/{number}/",
        "/api/v1/categories/",
        "/api/v1/units/",
        "/api/v1/residences/",
        "/api/v1/reporting/",
        "/api/v1/reporting/{name}/",
    }
    page = client.get(reverse("api:docs")).content.decode()
    assert "Idempotency-Key" in page
    assert "PLO-03" in page
