"""The stock on screen: counts, search, and who may look."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import (
    Building,
    Dwelling,
    Equipment,
    MaintenanceContract,
    Residence,
    Sector,
    Staircase,
    Trade,
)
from tests.factories import contractor, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, landlord):
    client.force_login(member(landlord["head"], "head_office").user)
    return client


def residence(unit, number: int) -> Residence:
    made = Residence.objects.create(
        code=f"x{number}", name=f"Clos {number}", unit=unit, commune="Valmer", postcode="99000"
    )
    for code in "AB":
        building = Building.objects.create(residence=made, code=code)
        stairs = Staircase.objects.create(
            building=building, code="1", street=f"{number} rue des Prés"
        )
        for door in range(3):
            Dwelling.objects.create(
                staircase=stairs, natural_key=f"{number}{code}{door}", door=str(door)
            )
    return made


def test_counts_are_those_of_the_stock_at_a_constant_cost(reader, landlord):
    residence(landlord["south"], 1)
    with CaptureQueriesContext(connection) as few:
        reader.get("/stock/")
    for number in range(2, 12):
        residence(landlord["south"], number)
    with CaptureQueriesContext(connection) as many:
        rows = list(reader.get("/stock/").context["page_obj"])
    assert len(many) == len(few)
    clos = next(row for row in rows if row.name == "Clos 1")
    assert (clos.number_of_buildings, clos.number_of_dwellings) == (2, 6)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=tilleuls", ["Les Tilleuls"]),
        ("q=7+prés", ["Clos 7"]),
        ("q=7B2", ["Clos 7"]),
        ("q=valmer&unit=nord", ["Les Tilleuls"]),
        ("q=ailleurs", []),
    ],
)
def test_search(reader, landlord, query, names):
    residence(landlord["south"], 7)
    rows = reader.get(f"/stock/?{query}").context["page_obj"]
    assert [row.name for row in rows] == names


def test_from_residence_to_dwelling(reader, landlord):
    made = residence(landlord["south"], 3)
    stairs = made.buildings.first().staircases.first()
    Equipment.objects.create(
        building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur 9"
    )
    said = reader.get(reverse("stock:residence", args=[made.pk])).content.decode()
    assert "3 rue des Prés" in said
    assert "Ascenseur 9" in said
    page = reader.get(reverse("stock:staircase", args=[stairs.pk]))
    assert page.context["page_obj"].paginator.count == 3
    home = stairs.dwellings.first()
    said = reader.get(reverse("stock:dwelling", args=[home.pk])).content.decode()
    assert home.natural_key in said
    assert "Ascenseur 9" in said
    assert reader.get(reverse("stock:dwelling", args=[0])).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((role, 200) for role in ("head_office", "agency_manager", "agent", "call_taker")),
        *(("on_call", 200), ("caretaker", 200), ("admin", 403), ("dpo", 403), (None, 302)),
    ],
)
def test_who_may_look(client, landlord, role, status):
    if role:
        client.force_login(member(landlord["north"], role).user)
    answer = client.get("/stock/")
    assert answer.status_code == status
    if status == 200:
        assert 'aria-current="page"' in answer.content.decode()


PLACES = ("residence", "building", "staircase", "dwelling")


def pages_of(home: Dwelling) -> list[str]:
    building = home.staircase.building
    keys = (building.residence_id, building.pk, home.staircase_id, home.pk)
    return [reverse(f"stock:{name}", args=[key]) for name, key in zip(PLACES, keys, strict=True)]


@pytest.mark.parametrize("role", ["agent", "agency_manager", "caretaker"])
def test_each_sees_the_places_of_their_scope(client, landlord, role):
    other = residence(landlord["south"], 4).buildings.first().staircases.first().dwellings.first()
    client.force_login(member(landlord["north"], role).user)
    assert [client.get(url).status_code for url in pages_of(landlord["dwelling"])] == [200] * 4
    assert [client.get(url).status_code for url in pages_of(other)] == [404] * 4
    assert "Clos 4" not in client.get("/stock/").content.decode()


def test_a_caretaker_sees_the_buildings_of_their_sectors_alone(client, landlord):
    north = landlord["north"]
    mine = member(north, "caretaker")
    mine.sectors.add(Sector.objects.create(unit=north, name="Est"))
    client.force_login(mine.user)
    assert [client.get(url).status_code for url in pages_of(landlord["dwelling"])] == [404] * 4


def test_people_and_contracts_of_the_place(client, landlord):
    north, south = landlord["north"], landlord["south"]
    keeper = member(north, "caretaker")
    keeper.user.first_name, keeper.user.last_name = "Karim", "Benali"
    keeper.user.save()
    keeper.presence = "loge du 12"
    keeper.save()
    for name, unit in (("Ici", north), ("Ailleurs", south)):
        made = MaintenanceContract.objects.create(
            code=name.lower(),
            name=f"Contrat {name}",
            contractor=contractor(f"Entreprise {name}"),
            trade=Trade.objects.get(),
            families=["PLO"],
            starts="2020-01-01",
            ends="2099-01-01",
        )
        made.units.add(unit)
    client.force_login(member(north, "agent").user)
    for url in pages_of(landlord["dwelling"]):
        said = client.get(url).content.decode()
        assert "Karim Benali" in said
        assert "loge du 12" in said
        assert "Contrat Ici" in said
        assert "Contrat Ailleurs" not in said


def test_an_empty_register_says_so(client, landlord):
    Dwelling.objects.all().delete()
    Staircase.objects.all().delete()
    Building.objects.all().delete()
    Residence.objects.all().delete()
    client.force_login(member(landlord["head"], "head_office").user)
    assert "/stock/imports/" in client.get("/stock/").content.decode()
