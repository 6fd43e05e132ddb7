"""The caretaker names the doors that the register does not tell."""

import uuid

import pytest
from django.urls import reverse

from agencies.imports.readers import rpls
from agencies.imports.tables import open_table
from agencies.models import Building, Dwelling, Residence, Sector
from tests import factories
from tests.agencies.imports import registers
from tests.agencies.imports.rpls_files import rpls_bytes
from tests.requests.rounds.helpers import JSON


@pytest.fixture
def doors(place):
    """A register without doors, in the sector of Karim; the first of its homes."""
    rows = registers.numberless(registers.whole(5))
    rpls(open_table(rpls_bytes(rows)), answers={"segment:01": "nord"}).save()
    Residence.objects.filter(name="RESIDENCE 0").update(sector=Sector.objects.get(name="1"))
    return Dwelling.objects.filter(number__gt=0).order_by("number")


def item(home, **values) -> dict:
    return {"kind": "door", "key": str(uuid.uuid4()), "dwelling": home.pk, **values}


def send(client, home, **values):
    return client.post(reverse("round:send"), item(home, **values), headers=JSON)


def page(client, building) -> str:
    return client.get(reverse("round:home"), {"at": building.pk}).content.decode()


def test_a_door_named_on_the_round_is_a_task_done(karim, doors):
    home, building = doors[0], Building.objects.get(residence__name="RESIDENCE 0")
    said = page(karim, building)
    assert "5 portes" in said or "5 doors" in said
    assert said.count('name="kind" value="door"') == 6  # three homes, two answers each
    answer = send(karim, home, door="12 gauche", floor="3")
    assert (answer.status_code, answer.json()) == (200, {"reference": "12 gauche"})
    home.refresh_from_db()
    assert (home.door, home.floor, home.number) == ("12 gauche", 3, 0)
    assert home.identified_by
    assert send(karim, home, door="12 GAUCHE").status_code == 200  # the phone sends it again
    assert send(karim, home, door="13").status_code == 422
    said = page(karim, building)
    assert "4 portes" in said or "4 doors" in said


def test_what_the_file_says_next_year_does_not_undo_it(karim, doors):
    send(karim, doors[0], door="12", floor="3")
    rows = registers.shuffled(registers.numberless(registers.whole(5)))
    plan = rpls(open_table(rpls_bytes(rows)))
    assert not plan.new[Dwelling]
    assert not plan.changed[Dwelling]
    assert plan.to_identify == 4


def test_no_door_twice_behind_one_street_door(karim, doors):
    one, two = doors[0], doors[1]
    assert send(karim, one, door="12").status_code == 200
    answer = send(karim, two, door=" 12 ")
    assert answer.status_code == 422
    assert answer.json()["why"]
    assert send(karim, two, door="").status_code == 422


def test_a_home_that_is_not_there_goes_to_the_office(client, karim, doors, place):
    home = doors[0]
    assert send(karim, home, missing="1").status_code == 200
    home.refresh_from_db()
    assert home.not_found_at
    assert home.number == 1  # a person decides what becomes of it
    assert f'value="{home.pk}"' not in page(karim, home.staircase.building)
    client.force_login(factories.member(place["north"], "agency_manager").user)
    said = client.get(reverse("stock:staircase", args=[home.staircase_id])).content.decode()
    assert "not found on site" in said or "introuvable" in said


def test_another_caretakers_door_is_not_found(karim, doors):
    home = doors[0]
    Residence.objects.filter(name="RESIDENCE 0").update(sector=None)
    assert send(karim, home, door="12").status_code == 404
    home.refresh_from_db()
    assert home.number == 1


def test_without_a_script_the_page_answers(karim, doors):
    home = doors[0]
    building = home.staircase.building
    data = item(home, door="", building=building.pk)
    answer = karim.post(reverse("round:send"), data)
    assert answer.status_code == 422
    assert f'id="door-{home.pk}-error"' in answer.content.decode()
    answer = karim.post(reverse("round:send"), data | {"door": "7", "key": str(uuid.uuid4())})
    assert answer.status_code == 302
    assert "7" in karim.get(answer.url).content.decode()
