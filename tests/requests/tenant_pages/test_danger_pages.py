"""A danger page has the numbers for the danger at hand, and a way out where it is needed."""

import re

import pytest

from requests.catalogue.actions import load_catalogue
from requests.catalogue.danger_help import BY_CODE, help_for
from requests.catalogue.models import Category

pytestmark = pytest.mark.django_db
CALLS = re.compile(r'href="((?:tel|sms):[^"]+)"')


@pytest.fixture
def choose(client, landlord):
    load_catalogue()

    def page_of(code: str) -> str:
        category = Category.objects.get(code=code)
        page = f"/file/fault/{category.tile}/"
        if category.tile == "other":
            page = f"/file/family/{category.family.code}/"
        answer = client.post(page, {"category": code}, follow=True)
        assert answer.request["PATH_INFO"] == "/file/danger/"
        return answer.content.decode().partition("<main")[2].partition("</main>")[0]

    return page_of


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("GAZ-01", ["tel:0800473333", "tel:18", "tel:112", "sms:114"]),
        ("SIN-02", ["tel:18", "tel:112", "sms:114"]),
        ("VOI-05", ["tel:17", "tel:112", "sms:114"]),
        ("VOI-06", ["tel:17", "tel:3919", "sms:114"]),
    ],
)
def test_the_numbers_for_the_danger_at_hand_are_buttons(choose, code, numbers):
    assert CALLS.findall(choose(code))[: len(numbers)] == numbers


def test_nobody_trapped_is_told_to_take_shelter(choose):
    page = choose("ASC-01")
    assert "abri" not in page
    assert "n’ouvrez pas les portes" in page
    assert not CALLS.findall(page)[0].endswith(("18", "112", "114"))  # our own line, day and night


def test_every_danger_of_the_catalogue_has_a_number(choose):
    for category in Category.objects.filter(urgency="U0"):
        assert help_for(category.code).calls, category
    assert set(BY_CODE) <= set(Category.objects.values_list("code", flat=True))


def test_whoever_fears_somebody_at_home_can_leave_every_page_at_once(client, choose):
    assert "data-quick-exit" in choose("VOI-06")
    assert "data-quick-exit" in client.get("/file/where/").content.decode()
    left = client.post("/file/leave/").content.decode()
    assert 'content="0; url=https://meteofrance.com/"' in left
    assert "Palier" not in left
    assert "draft" not in client.session
    assert client.get("/file/danger/").url == "/file/"
    assert "data-quick-exit" not in client.get("/file/").content.decode()


def test_the_advice_stays_on_the_page_after_sending(landlord):
    from django.test import Client

    from portal.clock import now
    from tests.factories import leak

    claim = leak(landlord, now(), key="advice")
    page = Client().get(f"/s/{claim.token}/").content.decode()
    assert "Coupez l&#x27;eau." in page
    claim.ended_at = now()
    claim.save()
    assert "Coupez" not in Client().get(f"/s/{claim.token}/").content.decode()
