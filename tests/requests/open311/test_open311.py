"""Test a client's whole session in both formats, its errors, and what it must never read."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.jobs import queue
from requests.open311.models import Open311Key
from tests.factories import administrator, category, common_fault, member, open311_key

ROOT = "/open311/v2"
SECRET_WORDS = "canari-9x: Mme Traoré du 12 crie"


class Talker:
    """An Open311 client for one format; it returns answers as plain lists and dicts."""

    def __init__(self, form: str, key: str = "") -> None:
        self.form, self.key, self.http = form, key, Client(headers={"Accept-Language": "en"})
        self.status = 0

    def get(self, path: str, **query):
        return self._read(self.http.get(f"{ROOT}/{path}.{self.form}", query))

    def post(self, idempotency: str = "", **fields):
        fields = {"api_key": self.key} | {
            name.replace("__", "[") + ("]" if "__" in name else ""): value
            for name, value in fields.items()
        }
        headers = {"Idempotency-Key": idempotency} if idempotency else {}
        return self._read(self.http.post(f"{ROOT}/requests.{self.form}", fields, headers=headers))

    def _read(self, response):
        self.status = response.status_code
        kind = {"json": "application/json", "xml": "text/xml"}[self.form]
        assert response.headers["Content-Type"].startswith(kind)
        if self.form == "json":
            return json.loads(response.content)
        return _plain(ElementTree.fromstring(response.content))


LISTS = {"services", "service_requests", "attributes", "values", "endpoints", "formats", "errors"}


def _plain(element):
    """Return XML as the same plain data as the JSON answer; all values are text."""
    if element.tag in LISTS:
        return [_plain(child) for child in element]
    if len(element):
        return {child.tag: _plain(child) for child in element}
    return element.text or ""


@pytest.fixture
def house(landlord) -> dict:
    """Return a landlord with two services, one of them for lifts, and a place on the map."""
    building = landlord["dwelling"].staircase.building
    building.latitude, building.longitude = 47.2, -1.55
    building.save()
    common = common_fault(label_en="Light out", plain_language_en="The hall is dark")
    lift = common_fault("ASC-01", tile="lift", label_en="Lift out of order")
    category("ADM-14", "A1", "crc")
    category("NUI-01", "U3", "crc", collective=True, sensitive=True, asset="common")
    return landlord | {"common": common, "lift": lift}


def work() -> None:
    queue.drain(tasks.HANDLERS, now)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_whole_session(house, form):
    city = Talker(form, open311_key())
    told = city.get("discovery")
    assert told["endpoints"][0]["url"].endswith(ROOT)
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    listed = city.get("services")
    assert [row["service_code"] for row in listed] == ["ASC-01", "COM-01"]
    assert listed[1]["service_name"] == "Light out"
    assert listed[1]["metadata"] in (True, "true")
    asked = city.get("services/ASC-01")["attributes"]
    assert [row["code"] for row in asked] == ["advice", "stuck", "where", "landmark"]
    assert [row["required"] in (True, "true") for row in asked] == [False, True, False, False]
    assert [value["key"] for value in asked[1]["values"]] == ["yes", "no"]

    fields = {
        "service_code": "ASC-01",
        "lat": "47.2001",
        "long": "-1.5501",
        "description": SECRET_WORDS,
        "email": "Ville@Example.test",
        "first_name": "Zoé",
        "attribute__stuck": "no",
        "attribute__where": "lift",
    }
    [first] = city.post("n-1", **fields)
    assert city.status == 201
    [again] = city.post("n-1", **fields)
    assert (city.status, again["token"]) == (200, first["token"])
    [waiting] = city.get(f"tokens/{first['token']}")
    assert waiting["service_request_id"] == ""
    work()
    [known] = city.get(f"tokens/{first['token']}")
    claim = Claim.objects.system("test").get(channel="open311")
    assert known == {"service_request_id": str(claim.pk), "token": first["token"]}
    assert (claim.residence.name, claim.dwelling, claim.contact_email) == (
        "Les Tilleuls",
        None,
        "ville@example.test",
    )
    assert "Is somebody stuck inside? No" in claim.words

    [read] = city.get(f"requests/{claim.pk}")
    assert (read["status"], read["service_code"]) == ("open", "ASC-01")
    assert read["address"] == "Les Tilleuls, 99000 Valmer"
    assert str(read["lat"]) == "47.2"
    assert claim.token not in str(read)
    assert not [word for word in ("canari", "ille@", "Zoé") if word in str(read)]
    assert city.get("requests", service_request_id=f"{claim.pk},nothing") == [read]
    assert city.get("requests", status="closed") == []
    assert city.get("requests", service_code="COM-01") == []
    assert city.get("requests", service_code="COM-01,ASC-01", status="open,closed") == [read]
    sonia = member(house["north"], "agent")
    for step, facts in (
        (Event.TAKE_CHARGE, {}),
        (Event.REFUSE, {"reason": "other", "text": "Non."}),
    ):
        claim.refresh_from_db()
        advance(claim=claim, transition=step, actor=Actor.member(sonia), now=now(), **facts)
    [after] = city.get(f"requests/{claim.pk}")
    assert after["status"] == "closed"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_errors_have_the_specification_s_numbers_and_body(house, form):
    city = Talker(form, open311_key())

    def told(status: int, errors) -> str:
        assert city.status == status
        assert {str(error["code"]) for error in errors} == {str(status)}
        return " ".join(error["description"] for error in errors)

    good = {"service_code": "COM-01", "address_id": "r1"}
    assert "service_code" in told(404, city.get("services/NUI-01"))
    assert "jurisdiction_id" in told(404, city.get("services", jurisdiction_id="elsewhere"))
    assert "service_code" in told(400, city.post(address_id="r1"))
    told(404, city.post(service_code="PLO-03", address_id="r1"))
    assert "lat and long" in told(400, city.post(service_code="COM-01"))
    told(400, city.post(service_code="COM-01", lat="0", long="0"))
    both = city.post(**good, email="nobody", phone="12")
    assert len(both) == 2
    told(400, both)
    assert "stuck" in told(400, city.post(service_code="ASC-01", address_id="r1"))
    told(400, city.post(**good, attribute__where="roof"))
    told(400, city.post(**good, attribute__colour="red"))
    told(400, city.post(**good, description="a\0b"))
    told(400, city.get("requests", start_date="2026-01-01", end_date="2026-06-01"))
    told(400, city.get("requests", start_date="yesterday"))
    told(400, city.get("requests", status="lost"))
    told(400, city.get("requests", service_request_id=",".join("x" * 51)))
    told(404, city.get("requests/unknown"))
    told(404, city.get("tokens/00000000-0000-4000-8000-000000000000"))
    told(404, city.get("anything"))
    city.post("n-1", **good)
    told(400, city.post("n-1", **good, description="other words"))
    city.key = "wrong"
    told(403, city.post(**good))
    city.key = ""
    told(403, city.post(**good))
    assert Intake.unscoped.count() == 1


def test_only_shared_faults_are_read_and_nobody_s_words(house):
    def file(key, code="COM-01", **values):
        filing = Filing(channel="web", key=key, category=code, words=SECRET_WORDS, **values)
        return file_claim(filing, actor=Actor.TENANT, now=now())

    home = house["dwelling"]
    shared = file("1", staircase=home.staircase.pk, contact_name="Canari")
    hidden = [
        file("2", dwelling=home.pk),
        file("3", "PLO-03", dwelling=home.pk),
        file("4", "NUI-01", residence=home.staircase.building.residence_id),
        file("5", place_note="somewhere"),
        file("6", staircase=home.staircase.pk, same_as=str(shared.pk)),
    ]
    city = Talker("json")
    rows = city.get("requests")
    assert [row["service_request_id"] for row in rows] == [str(shared.pk)]
    assert "anari" not in str(rows)
    for claim in hidden:
        assert city.get(f"requests/{claim.pk}")[0]["code"] == 404
    old = file_claim(
        Filing(channel="web", key="7", category="COM-01", staircase=home.staircase.pk),
        actor=Actor.TENANT,
        now=now() - timedelta(days=200),
    )
    assert len(city.get("requests")) == 1
    day = (now() - timedelta(days=200)).date().isoformat()
    [found] = city.get("requests", start_date=day, end_date=day)
    assert found["service_request_id"] == str(old.pk)


def test_a_repeat_without_number_is_one_claim_and_each_key_counts_for_itself(house):
    one, two = open311_key(), open311_key(name="Autre")
    fields = {"service_code": "COM-01", "address_string": "1 rue du Lin", "description": "Noir"}
    for key in (one, one, two):
        Talker("json", key).post(**fields)
    work()
    claims = Claim.objects.system("test").filter(channel="open311")
    assert claims.count() == 2
    assert {claim.staircase for claim in claims} == {house["dwelling"].staircase}


def test_a_key_is_kept_as_a_digest_and_calls_within_its_limit(house):
    key = open311_key(per_minute=2)
    row = Open311Key.objects.get()
    assert key not in str(vars(row))
    assert row.digest == Open311Key.digest_of(key)
    city = Talker("json", key)
    for status in (201, 201, 429):
        city.post(service_code="COM-01", address_id="r1", description=f"{status}{city.status}")
        assert city.status == status
    assert key.encode() not in b"".join(bytes(i.raw) for i in Intake.unscoped.all())
    row.active = False
    row.save()
    city.post(service_code="COM-01", address_id="r1")
    assert city.status == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        Open311Key.objects.update(per_minute=0)


def test_an_administrator_makes_a_key_and_sees_it_once(client, landlord):
    client.force_login(administrator(landlord["head"]).user)
    page = client.post(
        reverse("admin:requests_open311key_add"),
        {"name": "Ville", "contact": "a@example.test", "per_minute": "60", "active": "on"},
        follow=True,
    )
    row = Open311Key.objects.get()
    assert (
        page.content.decode().count(row.start) == 2
    )  # the key in the message, and its start in the list
    again = client.get(reverse("admin:requests_open311key_changelist"))
    assert again.content.decode().count(row.start) == 1
