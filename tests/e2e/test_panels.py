"""A form of the claim page that fails comes back in its panel; what is typed elsewhere stays."""

import pytest
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from tests.e2e.pages import fr

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = "Le plombier passe demain."


@pytest.fixture
def page(agency_page):  # noqa: F811
    """Return the page of a claim, where somebody types a reply."""
    with agency_page.expect_navigation():
        agency_page.locator(".inbox__item").first.click()
    agency_page.locator("#message_text").fill(ELSEWHERE)
    return agency_page


def send(page):
    return page.get_by_role("button", name=fr("Send the reply"), exact=True)


def note_a_call(page) -> None:
    page.get_by_role("button", name=fr("Note the call")).click()


def test_a_mistake_comes_back_in_its_panel(page):
    before = page.url
    page.locator("label[for=tab-call]").click()
    page.locator("#called_note").fill("Pas de réponse")
    note_a_call(page)
    summary = page.locator("#panel-call .error-summary")
    expect(summary).to_be_focused()
    expect(page.locator("#status")).to_have_text(fr("There is a problem"))
    expect(page.locator(".error-summary")).to_have_count(1)
    expect(page.locator("#called_note")).to_have_value("Pas de réponse")
    expect(page.locator("#message_text")).to_have_value(ELSEWHERE)
    assert page.url == before

    # Corrected, it goes through, and the message shown once is still there to be read.
    page.locator("#called_outcome").select_option("no_answer")
    with page.expect_navigation():
        note_a_call(page)
    expect(page.locator(".toast, .notice--success")).to_contain_text(fr("Call noted."))


def test_a_conflict_shows_what_arrived(page):
    claim = Claim.objects.system("test").get(pk=page.url.split("/agency/")[1].split("/")[0])
    conversation.from_tenant(claim=claim, text="Tout est inondé.", actor=Actor.TENANT, now=now())
    send(page).click()
    expect(page.locator("#panel-composer [role=alert]")).to_be_focused()
    expect(page.locator("#panel-thread")).to_contain_text("Tout est inondé.")
    expect(page.locator("#message_text")).to_have_value(ELSEWHERE)
    with page.expect_navigation():
        send(page).click()
    assert Message.unscoped.get(direction="out").text == ELSEWHERE


def test_without_network_the_text_stays_and_may_be_sent_again(page):
    page.context.set_offline(True)
    send(page).click()
    said = fr("Not sent: no answer came. Your text is still here.")
    expect(page.locator("#panel-composer .unsent")).to_have_text(said)
    expect(page.locator("#status")).to_have_text(said)
    expect(page.locator("#message_text")).to_have_value(ELSEWHERE)
    page.context.set_offline(False)
    with page.expect_navigation():
        send(page).click()
    assert Message.unscoped.get(direction="out").text == ELSEWHERE


def test_a_refusal_is_shown_as_a_page(page):
    """A stale form of ours: the page that gives the text back, not a panel."""
    page.context.clear_cookies(name="csrftoken")
    with page.expect_navigation():
        send(page).click()
    expect(page.locator("main")).to_contain_text(ELSEWHERE)
    assert not Message.unscoped.filter(direction="out").exists()
