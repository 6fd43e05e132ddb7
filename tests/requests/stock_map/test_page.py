"""What is open is drawn and listed, for the reader's own stock."""

import pytest
from django.urls import reverse

from portal.clock import now
from requests.claims.models import Claim
from tests.factories import home_of, leak, member


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def placed(landlord):
    building = landlord["dwelling"].staircase.building
    building.latitude, building.longitude = 47.0, 2.0
    building.save()
    return leak(landlord, now())


def page(client, **query) -> str:
    answer = client.get(reverse("stock_map"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_drawing_and_the_list_say_the_same(client, landlord, placed):
    client.force_login(member(landlord["north"], "agent").user)
    text = page(client)
    assert "Les Tilleuls: 1 open" in text
    assert "1 residence, 1 open, 0 past the promise." in text
    assert text.count(reverse("stock:residence", args=[placed.residence_id])) == 2
    assert 'aria-hidden="true"' in text


def test_without_coordinates_it_is_in_the_list(client, landlord):
    leak(landlord, now())
    client.force_login(member(landlord["head"], "head_office").user)
    text = page(client)
    assert "Les Tilleuls" in text
    assert "<circle" not in text
    assert "1 residence has no coordinates" in text


def test_only_what_is_late_or_dangerous(client, landlord, placed):
    client.force_login(member(landlord["north"], "agency_manager").user)
    assert "Les Tilleuls" not in page(client, only="late")
    Claim.objects.system("test").update(promise_at=now())
    assert "Les Tilleuls" in page(client, only="late")
    assert "Les Tilleuls" not in page(client, only="danger")


def test_another_agency_sees_its_own_only(client, landlord, placed):
    home_of(landlord["south"])
    client.force_login(member(landlord["south"], "agent").user)
    text = page(client, unit="nord")
    assert "Tilleuls" not in text


def test_any_address_draws_something(client, landlord, placed):
    client.force_login(member(landlord["head"], "head_office").user)
    for box in ("x", "0,0,1,1", "1.9,46.9,2.1,47.1"):
        page(client, box=box, unit="nowhere", family="NO", only="all", page="99")
