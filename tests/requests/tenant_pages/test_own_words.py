"""Words first or pictures first, and a way out of every list; nothing that was typed is lost."""

import pytest
from django.conf import settings

from requests.claims.models import Claim
from requests.filing import drafts
from tests.factories import category
from tests.requests.tenant_pages import walk

TYPED = "Le bac à sable sent mauvais depuis lundi"
GAS = "It smells of gas in the stairs"


@pytest.fixture(autouse=True)
def unsorted(landlord):
    return category(settings.PALIER_UNSORTED_CATEGORY, "A1", "crc", tile="other")


def draft(client) -> dict:
    return client.session.get(drafts.NAME, {})


def send(client) -> Claim:
    """The rest of the way, with the words as they stand on their page."""
    client.post("/file/where/", {"address": "1 place Neuve", "home": "other"})
    words = client.get("/file/words/").context["form"].initial["words"]
    walk.after_where(client, words=words)
    return Claim.objects.system("test").get()


def test_the_first_page_keeps_the_order_that_was_chosen(client):
    page = client.get("/file/").content.decode()
    assert 'name="words"' not in page
    assert client.post("/file/", {"first": "words"}).url == "/file/"
    page = client.get("/file/").content.decode()
    assert page.count("<h1") == 1
    assert page.index('name="words"') < page.index('name="tile"')
    client.post("/file/forget/")
    assert 'name="words"' in client.get("/file/").content.decode()
    client.post("/file/", {"first": "pictures"})
    assert 'name="words"' not in client.get("/file/").content.decode()


def test_words_first_find_a_fault_and_stay_with_it(client):
    client.post("/file/", {"first": "words"})
    assert client.post("/file/", {"words": " "}).status_code == 422
    assert client.post("/file/", {"words": "fuite sous évier"}).url == "/file/search/"
    page = client.get("/file/search/")
    assert page.context["found"]
    client.post("/file/search/", {"category": "PLO-03"})
    claim = send(client)
    assert (claim.category.code, claim.words) == ("PLO-03", "fuite sous évier")


@pytest.mark.parametrize("first", ["words", "search", "tile", "family"])
def test_none_of_these_goes_on_with_ones_own_words(client, landlord, first):
    if first == "words":
        client.post("/file/", {"words": TYPED})
        answer = client.post("/file/search/", {"none": "1"})
    elif first == "search":
        answer = client.post(f"/file/search/?q={TYPED}", {"none": "1"})
    elif first == "tile":
        answer = client.post("/file/fault/water/", {"none": "1"})
    else:
        answer = client.post("/file/fault/other/", {"none": "1"})
    if first in ("tile", "family"):
        assert answer.url == "/file/words/"
        empty = client.post("/file/words/", {"words": ""})
        assert empty.status_code == 422
        assert "Écrivez" in empty.content.decode()
        assert client.post("/file/words/", {"words": TYPED}).url == "/file/where/"
    else:
        assert answer.url == "/file/where/"
    claim = send(client)
    assert claim.category.code == settings.PALIER_UNSORTED_CATEGORY
    assert claim.words == TYPED


def test_a_search_is_added_to_what_was_said_before(client):
    client.post("/file/", {"words": TYPED})
    client.post("/file/search/?q=odeur", {"none": "1"})
    assert draft(client)["words"] == f"{TYPED}\nodeur"


def test_a_fault_chosen_afterwards_is_a_fault_again(client):
    client.post("/file/", {"words": TYPED})
    client.post("/file/search/", {"none": "1"})
    client.post("/file/fault/water/", {"category": "PLO-03"})
    assert draft(client)["own_words"] is False
    assert send(client).words == TYPED


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_of_danger_show_the_numbers_at_once(client, language):
    said = GAS if language == "en" else "Ça sent le gaz"
    client.post("/file/", {"words": said})
    page = client.get("/file/search/", headers={"Accept-Language": language}).content.decode()
    assert "tel:112" in page
