"""A typed address is recognised only when it can mean one building."""

import pytest

from agencies.addresses import recognise
from agencies.models import Building, Residence, Staircase


@pytest.fixture
def stairs(landlord) -> Staircase:
    made = landlord["dwelling"].staircase
    made.street = "12 avenue du Général-Leclerc"
    made.save()
    return made


@pytest.mark.parametrize(
    "typed",
    [
        "12 avenue du Général-Leclerc",
        "12, AV. DU GENERAL LECLERC, porte 4",
        "bât A, 12 av du gal leclerc 99000 Valmer",
    ],
)
def test_the_same_address_however_it_is_written(stairs, typed):
    assert recognise(typed).staircase == stairs


@pytest.mark.parametrize(
    "typed", ["", "12", "2 avenue du Général Leclerc", "112 avenue du Général Leclerc", "avenue"]
)
def test_anything_else_is_nobody_s(stairs, typed):
    assert recognise(typed) is None


def test_the_same_street_in_two_towns_needs_the_town(stairs, landlord):
    far = Residence.objects.create(
        code="far", name="Loin", unit=landlord["south"], commune="Autreville", postcode="99100"
    )
    building = Building.objects.create(residence=far, code="A")
    Staircase.objects.create(building=building, code="1", street=stairs.street)
    assert recognise("12 avenue du Général Leclerc") is None
    assert recognise("12 avenue du Général Leclerc, Autreville").building == building
    assert recognise("12 avenue du Général Leclerc, 99000").building == stairs.building


def test_two_staircases_of_one_building_give_the_building_only(stairs):
    Staircase.objects.create(building=stairs.building, code="2", street=stairs.street)
    found = recognise(stairs.street)
    assert (found.building, found.staircase) == (stairs.building, None)
