"""The inbox by keyboard: three keys per claim at most, counted; and an undo that undoes."""

import pytest
from playwright.sync_api import expect

from portal.clock import now
from requests.actions.filing import Filing, file_claim
from requests.actions.routing import route_claim
from requests.models import Claim, ClaimEvent
from tests import factories
from tests.e2e._signed_in import signed_in


@pytest.fixture
def agency_page(live_server, transactional_db, monkeypatch):
    """A signed-in agent of the north with three claims, in a real browser."""
    # Playwright's loop runs in this thread; the queries below are still plain ones.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    stock = factories.landlord()
    agent = factories.member(stock["north"], "agent")
    for number in range(3):
        claim = file_claim(
            Filing(
                channel="web",
                key=str(number),
                category="PLO-03",
                dwelling=stock["dwelling"].pk,
                words=f"Fuite {number}",
            ),
            now=now(),
        )
        route_claim(claim_id=claim.pk, now=now())
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/agency/")
        yield page


def states() -> list[str]:
    return sorted(Claim.objects.system("test").values_list("state", flat=True))


def press(page, key: str, address: str | None = None) -> int:
    """One key; waits for the page it leads to. Returns 1, to be counted."""
    if address is None:
        page.keyboard.press(key)
    else:
        with page.expect_navigation():
            page.keyboard.press(key)
    return 1


@pytest.mark.django_db(transaction=True)
def test_three_claims_in_three_keys_each_at_most(agency_page):
    page = agency_page
    keys = press(page, "j", "claim")
    for _n in range(3):
        keys += press(page, "a", "next")
    assert states() == ["in_review"] * 3
    assert ClaimEvent.objects.filter(name="take_charge").count() == 3
    assert keys <= 3 * 3


@pytest.mark.django_db(transaction=True)
def test_undo_help_switch_and_typing(agency_page):
    page = agency_page
    press(page, "j", "claim")
    press(page, "a", "next")
    with page.expect_navigation():
        page.locator(".toast button").click()
    assert states() == ["received"] * 3
    press(page, "t")
    expect(page.locator("#call")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.locator("#message_text").focus()
    page.keyboard.type("ajak")
    assert page.locator("#message_text").input_value() == "ajak"
    assert states() == ["received"] * 3
    page.locator("#title").click()
    page.locator(".inbox__item").first.focus()
    press(page, "?")
    expect(page.locator("[data-keys]")).to_have_attribute("open", "")
    page.locator("[data-shortcuts]").click()
    page.locator(".inbox__item").first.focus()
    before = page.url
    press(page, "j")
    press(page, "a")
    assert page.url == before
    assert states() == ["received"] * 3
