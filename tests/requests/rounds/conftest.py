"""Fixtures of these tests."""

import pytest

from agencies.models import Building, Equipment, Residence, Sector, Staircase
from tests import factories


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place(landlord) -> dict:
    """A sector with the north's building, another sector with another, and their caretaker."""
    north = landlord["north"]
    mine = Sector.objects.create(unit=north, name="1")
    other = Sector.objects.create(unit=north, name="2")
    home = landlord["dwelling"]
    building = home.staircase.building
    Residence.objects.filter(pk=building.residence_id).update(sector=mine)
    residence = Residence.objects.create(
        code="r2", name="Ailleurs", unit=north, sector=other, commune="Valmer", postcode="99000"
    )
    far = Building.objects.create(residence=residence, code="A")
    stairs = Staircase.objects.create(building=far, code="1", street="9 rue du Lin")
    factories.common_fault()
    return {
        **landlord,
        "building": building,
        "far": far,
        "far_home": factories.dwelling(stairs, "99"),
        "karim": factories.caretaker(north, mine),
    }


@pytest.fixture
def karim(client, place):
    client.force_login(place["karim"].user)
    return client


@pytest.fixture
def lift(place):
    return Equipment.objects.create(
        building=place["building"], kind="lift", label="Ascenseur", installed=1990
    )
