"""A question is asked no room and no half-day, and ends with "does this answer you?"."""

import uuid

import pytest
from django.utils import translation

from portal.actor import Actor
from portal.clock import now
from requests.catalogue.kinds import Kind, kind_of
from requests.catalogue.models import Category
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.routing.actions import route_claim
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("family", "urgency", "kind"),
    [
        ("PLO", "U2", Kind.FAULT),
        ("ADM", "A2", Kind.QUESTION),
        ("LOY", "A1", Kind.QUESTION),
        ("VOI", "U3", Kind.NEIGHBOUR),
        ("VOI", "A3", Kind.QUESTION),
    ],
)
def test_the_kind_follows_from_family_and_urgency(family, urgency, kind):
    assert kind_of(family, urgency) == kind


@pytest.fixture
def receipt(landlord):
    return factories.category("ADM-02", "A1", "crc", label_fr="Quittance de loyer")


def begin(client, category) -> None:
    """Start filing for a category, as its row on the page of faults does."""
    client.cookies["django_language"] = "en"
    answer = client.post(f"/file/fault/{category.tile}/", {"category": category.code})
    assert answer.status_code == 302, answer.content.decode()[:500]


def answered(client, path: str, **typed) -> str:
    """Return a filing page, then answer it."""
    page = client.get(path).content.decode()
    assert client.post(path, typed).status_code == 302
    return page


def test_a_question_is_filed_without_rooms_half_days_or_photos(client, receipt):
    begin(client, receipt)
    where = answered(client, "/file/where/", address="1 rue du Lin, Valmer")
    assert "For which home?" in where
    assert "spot" not in where
    words = answered(client, "/file/words/", words="La quittance de mai, s'il vous plaît")
    assert "What do you want to ask?" in words
    assert "Documents" in words
    reach = answered(client, "/file/reach/", name="Awa", phone="06 39 98 00 11")
    assert "When can we come?" not in reach
    sent = client.post("/file/check/", {})
    page = client.get(sent.url).content.decode()
    assert "Your request is sent" in page


def test_a_room_chosen_for_a_fault_does_not_follow_into_a_question(client, landlord, receipt):
    begin(client, Category.objects.get(code="PLO-03"))
    answered(client, "/file/where/", address="1 rue du Lin", spot="kitchen", place="sous l'évier")
    begin(client, receipt)
    answered(client, "/file/where/", address="1 rue du Lin")
    client.post("/file/words/", {"words": ""})
    client.post("/file/reach/", {"name": "Awa", "phone": "06 39 98 00 11"})
    assert "Kitchen" not in client.get("/file/check/").content.decode()


def test_a_question_ends_with_does_this_answer_you(client, landlord, receipt):
    claim = factories.leak(landlord, now(), category=receipt.code, key=str(uuid.uuid4()))
    route_claim(claim_id=claim.pk, now=now())
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    claim.refresh_from_db()
    for step in (Event.TAKE_CHARGE, Event.REPORT_DONE):
        advance(claim=claim, transition=step, now=now(), actor=agent)
    client.cookies["django_language"] = "en"
    page = client.get(f"/s/{claim.token}/").content.decode()
    assert "Does this answer you?" in page
    assert "Is it fixed?" not in page
    assert "Answered" in page
    assert "Company says" not in page
    with translation.override("fr"):
        assert claim.category.ending[0] == "Est-ce que cela vous répond\u00a0?"
