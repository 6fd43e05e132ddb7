"""Each kind of request in its own words, a way out of every list, and proposals that know.

In a browser, as the tenant and as the agent.
"""

import re

import pytest
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.identity import authors
from requests.work_orders.appointment_models import Offer
from requests.work_orders.appointments import publish_slots
from tests import factories
from tests.e2e import checks
from tests.e2e.chromium import signed_in
from tests.e2e.pages import Filing, fr
from tests.e2e.test_dangers_files_thread import house, sent, work
from tests.e2e.test_every_page import shoot
from tests.requests.fixtures.work import later
from tests.requests.proposals.test_house_rules import again, ordered

__all__ = ["house", "sent"]
SANDPIT = "Le bac à sable sent mauvais depuis lundi."
WHO = {"address": "1 rue du Lin, Valmer", "name": "Mina Sow", "phone": "06 39 98 00 00"}


def press(page, msgid: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=fr(msgid)).click()


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


@pytest.mark.django_db(transaction=True)
def test_a_proposal_knows_the_order_and_dates_are_read_before_they_leave(live_server, house, sent):
    claim = factories.leak(house, now(), contact_email="awa@tenant.example")
    work()
    agent = factories.member(house["north"], "agent")
    order = ordered(again(claim), agent)
    publish_slots(
        order.contractor,
        [(later(days=n, hours=1), later(days=n, hours=3)) for n in (1, 2)],
    )
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/work/{order.pk}/")
        page.get_by_role("link", name=fr("Offer dates")).click()
        expect(page.locator("#preview")).to_contain_text("Choisissez la date de la visite")
        expect(page.locator("ol li")).not_to_have_count(0)
        shoot(page, "offer-preview")
        before = len(sent)
        press(page, "Offer these dates")
        shoot(page, "offer-undo")
        press(page, "Undo")
        assert not Offer.unscoped.exists()
        page.goto(f"{live_server.url}/work/{order.pk}/offer/")
        press(page, "Offer these dates")
        work()
        assert len(sent) > before
        page.goto(f"{live_server.url}/agency/{claim.pk}/")
        expect(page.get_by_role("main")).to_contain_text(fr("The tenant is choosing a date."))
        # Dates are with the tenant: no visit is proposed beside them.
        assert not page.get_by_text(re.compile("nous venons", re.I)).count()


@pytest.mark.django_db(transaction=True)
def test_one_click_links_all_of_one_sender_and_another_says_it_is_not_them(
    live_server, house, sent
):
    awa = factories.tenant(house["dwelling"], last_name="Traoré")
    factories.contact(awa, "+33639980011")
    for number in range(2):
        factories.leak(
            house,
            now(),
            key=f"s{number}",
            channel="sms",
            contact_phone="+33639980011",
            tenant=None,
            category="ADM-14",
        )
    work()
    first, second = Claim.objects.system("test").order_by("filed_at", "pk")
    agent = factories.member(house["north"], "agent")
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/agency/{first.pk}/")
        guess = page.locator("#guess")
        expect(guess).to_contain_text(second.spoken_reference)
        shoot(page, "guess")
        with page.expect_navigation():
            guess.get_by_role("button", name=re.compile("^C’est")).click()
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.tenant == second.tenant == awa
        press(page, "Undo")
        page.goto(f"{live_server.url}/agency/{first.pk}/")
        with page.expect_navigation():
            page.locator("#guess").get_by_role("button", name=re.compile("^Ce n’est pas")).click()
        expect(page.locator("#guess")).to_have_count(0)
        assert authors.ruled_out([first]) == {first.pk: {str(awa.pk)}}
        assert ClaimEvent.unscoped.filter(name="not_author").count() == 1
