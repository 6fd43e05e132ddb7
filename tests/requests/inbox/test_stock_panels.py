"""What happens at a place, on the pages of the stock; and acting from there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Equipment
from portal.clock import now
from requests import tasks
from requests.claims.models import Claim
from requests.incidents.models import Incident
from requests.jobs import queue
from requests.planned_works.models import PlannedWorks
from tests import factories

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def house(landlord):
    home = landlord["dwelling"]
    awa = factories.tenant(home)
    claims = [
        factories.leak(
            landlord,
            now() - timedelta(days=days),
            key=f"k{days}",
            tenant=str(awa.pk),
            words="Mes mots",
        )
        for days in (1, 40, 80)
    ]
    queue.drain(tasks.HANDLERS, now)
    agent = factories.member(landlord["north"], "agent")
    building = home.staircase.building
    Incident.objects.create(
        family=landlord["leak"].family,
        building=building,
        title="Colonne en panne",
        text="x",
        opened_at=now(),
        opened_by=agent.user,
    )
    PlannedWorks.objects.create(
        kind="water",
        title="Coupure de mardi",
        text="x",
        residence=building.residence,
        starts=now() + timedelta(days=3),
        ends=now() + timedelta(days=4),
        announced_at=now(),
        announced_by=agent.user,
    )
    lift = Equipment.objects.create(building=building, kind="lift", label="Ascenseur A1")
    return {**landlord, "claims": claims, "agent": agent, "lift": lift}


def pages(house) -> dict[str, str]:
    home = house["dwelling"]
    building = home.staircase.building
    return {
        "residence": reverse("stock:residence", args=[building.residence_id]),
        "building": reverse("stock:building", args=[building.pk]),
        "staircase": reverse("stock:staircase", args=[home.staircase_id]),
        "dwelling": reverse("stock:dwelling", args=[home.pk]),
        "equipment": reverse("equipment:log", args=[house["lift"].pk]),
    }


def test_claims_repeats_incidents_and_works_of_each_place(client, house):
    client.force_login(house["agent"].user)
    for kind, url in pages(house).items():
        said = client.get(url).content.decode()
        if kind != "equipment":  # its log has them
            for claim in house["claims"]:
                assert claim.spoken_reference in said
                assert reverse("agency:claim", args=[claim.pk]) in said
            assert "here-repeats" in said
            assert "Colonne en panne" in said
        assert "Coupure de mardi" in said


def test_a_caretaker_reads_faults_and_no_word_of_a_household(client, house):
    client.force_login(factories.member(house["north"], "caretaker").user)
    said = client.get(pages(house)["building"]).content.decode()
    assert house["claims"][0].spoken_reference in said
    assert "Colonne en panne" in said
    for hidden in ("Traoré", "Mes mots", "/agency/"):
        assert hidden not in said
    assert f"/round/?at={house['dwelling'].staircase.building_id}" in said


def test_from_each_place_one_files_orders_opens_and_announces(client, house):
    client.force_login(house["agent"].user)
    home = house["dwelling"]
    keys = {
        "residence": home.staircase.building.residence_id,
        "building": home.staircase.building_id,
        "staircase": home.staircase_id,
        "dwelling": home.pk,
        "equipment": house["lift"].pk,
    }
    for kind, url in pages(house).items():
        said = client.get(url).content.decode()
        at = f"/calls/here/?at={kind}%3A{keys[kind]}"
        assert at in said
        inspection = f"/inspections/new/?at={kind}%3A{keys[kind]}"
        assert (inspection in said) is (kind != "dwelling")
        assert "/agency/incidents/open/?" in said
        assert "/agency/planned/new/?residence=" in said


def test_another_agency_does_not_see_the_place_nor_act_there(client, house):
    client.force_login(factories.member(house["south"], "agent").user)
    for url in pages(house).values():
        assert client.get(url).status_code == 404
    here = f"/calls/here/?at=building:{house['dwelling'].staircase.building_id}"
    assert client.get(here).status_code == 404
    assert client.post(here, {}).status_code == 404
    building = house["dwelling"].staircase.building_id
    assert client.get(f"/agency/incidents/open/?building={building}").status_code == 404


def filed(client, house, at: str, **values):
    client.force_login(house["agent"].user)
    page = client.get(f"/calls/here/?at={at}")
    key = page.context["form"].initial["key"]
    data = {"key": key, "category": "PLO-03", "words": "Vu en passant", **values}
    return client.post(f"/calls/here/?at={at}", data), key


@pytest.mark.parametrize("kind", ["residence", "building", "staircase", "dwelling", "equipment"])
def test_a_request_is_filed_at_the_place(client, house, kind):
    place = {
        "residence": house["dwelling"].staircase.building.residence,
        "building": house["dwelling"].staircase.building,
        "staircase": house["dwelling"].staircase,
        "dwelling": house["dwelling"],
        "equipment": house["lift"],
    }[kind]
    answer, key = filed(client, house, f"{kind}:{place.pk}")
    made = Claim.unscoped.get(key=str(key))
    assert answer.url == reverse("calls:done", args=[made.pk])
    assert made.residence_id == house["dwelling"].staircase.building.residence_id
    if kind == "equipment":
        assert (made.building, made.place_note) == (place.building, "Ascenseur A1")
    else:
        assert getattr(made, kind) == place
    assert made.tenant is None
    assert client.get(answer.url).status_code == 200


def test_a_request_goes_on_to_its_order(client, house):
    at = f"staircase:{house['dwelling'].staircase_id}"
    answer, key = filed(client, house, at, then="order")
    made = Claim.unscoped.get(key=str(key))
    assert answer.url == reverse("work_new", args=[made.pk])
    page = client.get(answer.url)
    assert page.status_code == 200
    assert page.context["form"].initial["description"] == "Vu en passant"


def test_in_the_name_of_who_lives_there_when_ticked(client, house):
    _answer, key = filed(client, house, f"dwelling:{house['dwelling'].pk}", for_holder="on")
    assert str(Claim.unscoped.get(key=str(key)).tenant) == "Awa Traoré"


def test_mistakes_keep_the_words(client, house):
    at = f"building:{house['dwelling'].staircase.building_id}"
    answer, key = filed(client, house, at, category="")
    assert answer.status_code == 422
    assert "Vu en passant" in answer.content.decode()
    assert not Claim.unscoped.filter(key=str(key)).exists()


@pytest.mark.parametrize("at", ["", "x:1", "building:", "building:x", "building:99999999999999"])
def test_no_place_no_page(client, house, at):
    client.force_login(house["agent"].user)
    assert client.get("/calls/here/", {"at": at}).status_code == 404
