"""A lost link: found by the number and a known contact point, opened by the code alone."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import translation

from portal.actor import Actor
from portal.clock import now
from requests.claims import links
from requests.claims.models import Claim
from tests import factories

pytestmark = pytest.mark.django_db
MAIL, PHONE = "awa@tenant.example", "06 39 98 00 11"


@pytest.fixture
def claim(landlord) -> Claim:
    return factories.leak(landlord, now(), contact_email=MAIL, contact_phone=PHONE)


def ask(client, reference: str, contact: str):
    mail.outbox = []
    return client.post("/find/", {"reference": reference, "contact": contact})


def code() -> str:
    """Return the code of the one message that was sent."""
    (sent,) = mail.outbox
    return re.search(r"code est (\S+)\.", sent.body)[1]


def code_page(client) -> str:
    """Return the second page without what differs each time and without the contact point."""
    page = client.get("/find/code/").content.decode()
    return re.sub(r"nonce=\S+|[\w-]{32,}|\S+@[\w.]+\w|…\d{4}", "", page)


@pytest.mark.parametrize("contact", ["AWA@tenant.example ", PHONE, "+33 6 39 98 00 11"])
def test_the_code_opens_the_request(client, claim, contact):
    typed = f"{claim.reference[:3].lower()} {claim.reference[3:]}"
    assert ask(client, typed, contact).url == "/find/code/"
    found = client.post("/find/code/", {"code": code()})
    assert found.url == f"/s/{claim.token}/"
    assert client.get(found.url).status_code == 200
    # The code is used up.
    assert client.get("/find/code/").url == "/find/"


@pytest.mark.parametrize(
    ("reference", "contact"),
    [("ZZZZZZ", MAIL), ("", "somebody@else.example"), ("", "06 39 98 00 12")],
)
def test_what_does_not_belong_together_shows_the_same_page_and_sends_nothing(
    client, claim, reference, contact
):
    ask(client, claim.reference, MAIL if "@" in contact else PHONE)
    right = code_page(client)
    assert ask(client, reference or claim.reference, contact).url == "/find/code/"
    assert mail.outbox == []
    assert code_page(client) == right
    assert client.post("/find/code/", {"code": "ABC123"}).status_code == 422


def test_a_code_is_tried_five_times(client, claim):
    ask(client, claim.reference, MAIL)
    right = code()
    for _number in range(5):
        assert client.post("/find/code/", {"code": "WRONG1"}).status_code == 422
    assert client.post("/find/code/", {"code": right}).status_code == 422


def test_a_code_for_one_request_opens_no_other(client, landlord, claim):
    other = factories.leak(landlord, now(), key="other", contact_email="b@tenant.example")
    ask(client, claim.reference, MAIL)
    right = code()
    ask(client, other.reference, "nobody@tenant.example")
    assert client.post("/find/code/", {"code": right}).status_code == 422


def test_an_hour_has_five_codes_and_says_nothing_of_the_sixth(client, claim):
    for _number in range(5):
        ask(client, claim.reference, MAIL)
        assert len(mail.outbox) == 1
    assert ask(client, claim.reference, MAIL).url == "/find/code/"
    assert mail.outbox == []


def test_a_closed_link_stays_closed_and_one_of_a_former_household_is_made_anew(client, claim):
    links.close(claim=claim, actor=Actor.TENANT, now=now(), reason="test")
    ask(client, claim.reference, MAIL)
    assert mail.outbox == []


def test_a_request_of_long_ago_is_not_found(client, claim, settings):
    Claim.objects.system("test").filter(pk=claim.pk).update(
        ended_at=now() - timedelta(days=settings.PALIER_LINK_DAYS + 1)
    )
    ask(client, claim.reference, MAIL)
    assert mail.outbox == []


def test_mistakes_are_said_in_the_language_of_the_page(client, db):
    client.cookies["django_language"] = "en"
    answer = client.post("/find/", {"reference": "12", "contact": "06 12"})
    with translation.override("en"):
        assert "six letters and digits" in answer.content.decode()
        assert "a digit may be missing" in answer.content.decode()
    assert 'value="12"' in answer.content.decode()


@pytest.mark.parametrize("page", ["/", "/s/" + "x" * 43 + "/"])
def test_whoever_has_no_link_is_told_of_it(client, db, page):
    assert 'href="/find/"' in client.get(page).content.decode()
