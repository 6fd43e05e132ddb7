"""Each kind of request in its own words, and a way out of every list; as the tenant."""

import pytest
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from requests.catalogue.models import Category
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from tests import factories
from tests.e2e import checks
from tests.e2e.pages import Filing, fr
from tests.e2e.test_every_page import shoot

SANDPIT = "Le bac à sable sent mauvais depuis lundi."
WHO = {"address": "1 rue du Lin, Valmer", "name": "Mina Sow", "phone": "06 39 98 00 00"}


def press(page, msgid: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=fr(msgid), exact=True).click()


def claim_of(page) -> Claim:
    token = page.url.rstrip("/").rpartition("/")[2]
    return Claim.objects.system("test").get(token=token)


def looked_at(page, name: str) -> None:
    shoot(page, name)
    checks.prepare(page)
    assert checks.axe(page, checks.TAGS) == []
    assert checks.overflow(page, "200 %") == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_words_first_then_none_of_these_loses_nothing(visitor, javascript):
    page = visitor(width=360, javascript=javascript)
    page.goto("/file/")
    press(page, "I would rather write first")
    page.get_by_label(fr("Tell us in your own words")).fill(SANDPIT)
    if javascript:
        looked_at(page, "words-first")
    with page.expect_navigation():
        page.get_by_role("button", name=fr("Continue")).first.click()
    if javascript:
        looked_at(page, "words-found")
    page.locator("button[name=none]").click()
    page.wait_for_url("**/file/where/")
    filing = Filing(page, **WHO)
    filing.until(r"/words/")
    expect(page.locator("textarea")).to_have_value(SANDPIT)
    filing.until(r"/s/")
    claim = claim_of(page)
    assert claim.words == SANDPIT
    assert claim.category.code == "ADM-14"
    # The next time the first page begins as this person likes.
    page.goto("/file/")
    expect(page.get_by_label(fr("Tell us in your own words"))).to_be_visible()


def test_a_search_has_a_way_out_too(visitor):
    page = visitor(width=360)
    page.goto("/file/")
    page.get_by_role("searchbox").fill("bac à sable")
    press(page, "Search")
    page.locator("button[name=none]").click()
    page.wait_for_url("**/file/where/")
    Filing(page, **WHO).until(r"/words/")
    expect(page.locator("textarea")).to_have_value("bac à sable")


def test_a_receipt_is_asked_no_room_and_ends_with_its_own_question(visitor, drain):
    page = visitor(width=360)
    receipt = Category.objects.filter(active=True, plain_language_fr__icontains="quittance")
    page.goto("/file/")
    page.get_by_role("searchbox").fill("quittance de loyer")
    press(page, "Search")
    code = receipt.first().code
    page.locator(f"input[value='{code}']").check(force=True)
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text(fr("For which home?"))
    assert not page.get_by_text(fr("Kitchen"), exact=True).count()
    filing = Filing(page, words="Celle de novembre.", **WHO)
    filing.until(r"/words/")
    expect(page.get_by_label(fr("What do you want to ask?"))).to_be_visible()
    filing.until(r"/reach/")
    assert not page.get_by_text(fr("When can we come?")).count()
    filing.until(r"/s/")
    claim = claim_of(page)
    drain()
    claim.refresh_from_db()
    advance(
        claim=claim,
        transition=Event.ANSWER,
        actor=Actor.member(_agent(claim)),
        now=now(),
        text="Voici.",
    )
    drain()
    page.reload()
    question, _said, yes, no = claim.category.ending
    expect(page.get_by_role("heading", name=str(question))).to_be_visible()
    expect(page.get_by_role("button", name=str(no))).to_be_visible()
    assert not page.get_by_text("réparé").count()
    looked_at(page, "receipt-answered")
    page.get_by_role("button", name=str(yes)).first.click()
    page.wait_for_load_state()
    claim.refresh_from_db()
    assert claim.state == "closed"


def _agent(claim: Claim):
    return factories.member(claim.owner.unit, "agent")
