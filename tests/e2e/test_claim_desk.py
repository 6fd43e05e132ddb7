"""The claim page as a desk: a usual claim on one screen, and writing without leaving it."""

import pytest
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from requests.channels import gsm7
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.conversation.models import CannedReply
from tests import factories
from tests.e2e.chromium import signed_in
from tests.e2e.live_house import work
from tests.e2e.pages import fr
from tests.e2e.shots import shoot

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+33639981234"
MEASURED = 2_454  # px: the height of this page on 27 November 2026
FOOTER = 60  # px: under the panes
WORDS = "Bonjour, le plombier passe demain matin. Êtes-vous là ? 5 € d’œuvre"
READY = {
    "Photo": "Pouvez-vous envoyer une photo ?",
    "Vanne": "Fermez l’arrivée d’eau, s’il vous plaît.",
}
BOTTOM = "e => e.getBoundingClientRect().bottom"


@pytest.fixture
def agent(house):
    return factories.member(house["north"], "agent")


@pytest.fixture
def claim(house, sent, agent) -> Claim:
    """A leak by SMS under a contract, an answer of the tenant and a note; ready-made replies."""
    awa = factories.tenant(house["dwelling"])
    factories.contact(awa, NUMBER, verified=True, preferred=True)
    factories.contract(factories.contractor())
    for name, body in READY.items():
        CannedReply.objects.create(name=name, body=body, language="fr")
    filed = factories.leak(
        house, now(), tenant=awa.pk, channel="sms", contact_phone=NUMBER, words="Ça coule."
    )
    work()
    found = Claim.objects.system("test").get(pk=filed.pk)
    common = {"claim": found, "now": now()}
    conversation.write(
        text="C’est dur.", direction="in", channel="sms", actor=Actor.TENANT, **common
    )
    us = Actor.member(agent)
    conversation.write(text="Vu.", direction="note", channel="web", actor=us, **common)
    return found


@pytest.fixture
def page(live_server, claim, agent):
    with signed_in(live_server.url, agent.user, width=1440) as opened:
        opened.goto(f"{live_server.url}/agency/{claim.pk}/")
        yield opened


def bottom(locator) -> float:
    return locator.evaluate(BOTTOM)


def test_a_usual_claim_is_seen_whole_without_scrolling(page):
    expect(page.locator("#claim-pane")).to_be_visible()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 900 + FOOTER < MEASURED
    pane = page.locator("#claim-pane")
    assert pane.evaluate("e => e.scrollHeight <= e.clientHeight")
    seen = {
        "title": page.locator("#title"),
        "order": page.locator("[data-key=o]"),
        "last words": page.locator(".thread .msg").last,
        "proposal": page.locator("[data-key=a]"),
        "other steps": page.get_by_text(fr("Other steps")),
        "text": page.locator("#message_text"),
        "send": page.get_by_role("button", name=fr("Send the reply"), exact=True),
        "person": page.locator("#context-pane h2").first,
    }
    low = {name: bottom(part) for name, part in seen.items() if bottom(part) > 900}
    assert not low
    # The composer stays in reach when the rest is longer: a step with a form of its own.
    page.set_viewport_size({"width": 1440, "height": 700})
    page.locator("[data-key=c]").click()
    expect(page.locator("#take_charge_text")).to_be_visible()
    assert bottom(page.locator(".composer")) <= 701


def test_a_step_opens_in_its_panel_and_what_is_typed_elsewhere_stays(page):
    page.fill("#message_text", WORDS)
    page.get_by_text(fr("Other steps")).click()
    page.get_by_role("link", name=fr("Hand over")).click()
    expect(page.get_by_role("heading", name=fr("Hand over"))).to_be_focused()
    page.get_by_role("button", name=fr("Hand over")).click()
    expect(page.locator("#panel-decision .error-summary")).to_be_focused()
    expect(page.locator("#message_text")).to_have_value(WORDS)
    # Another step takes over the words that were begun for the first one.
    page.get_by_role("link", name=fr("Ask the tenant"), exact=True).click()
    page.fill("#ask_text", "Quel étage ?")
    page.get_by_role("link", name=fr("Answer and finish"), exact=True).click()
    expect(page.locator("#answer_text")).to_have_value("Quel étage ?")
    page.get_by_role("link", name=fr("Back to the proposal")).click()
    expect(page.locator("[data-key=a]")).to_be_visible()
    expect(page.locator("#message_text")).to_have_value(WORDS)


def test_a_text_message_is_counted_and_shown_as_it_leaves_and_waits(page, claim, sent):
    page.fill("#message_text", WORDS)
    counter = page.locator(".sms summary")
    expect(counter).to_be_visible()
    counted = counter.inner_text()
    counter.click()
    shown = page.locator(".sms > .sms__text").text_content()
    page.keyboard.press("Escape")
    shoot(page, "sms-counted")
    with page.expect_navigation():
        page.get_by_role("button", name=fr("Send the reply"), exact=True).click()
    work()
    left = sent[-1]
    assert left.to == NUMBER
    length = gsm7.length(left.text)
    assert counted == f"{length.units} / {length.most} · {length.parts} SMS"
    assert shown.replace("...", claim.token) == left.text
    # And wait: the step of the table, by the same channel.
    page.fill("#message_text", "Une photo ?")
    with page.expect_navigation():
        page.get_by_role("button", name=fr("Reply and wait")).click()
    expect(page.locator(".toast")).to_contain_text(fr("The request waits for the tenant’s answer."))
    claim.refresh_from_db()
    assert claim.state == "waiting_tenant"
    work()
    assert sent[-1].to == NUMBER
    assert "Une photo ?" in sent[-1].text


def test_the_browser_spells_as_the_server_does(page):
    page.locator("#message_text").focus()
    letters = "".join(chr(n) for n in [*range(32, 0x2100), 0x20AC, 0xFB01] if chr(n).isprintable())
    page.fill("#message_text", "x")
    expect(page.locator(".sms summary")).to_be_visible()
    spelled, parts = page.evaluate(
        """async ([text, address]) => {
          const src = document.querySelector('script[src*="inbox"]').src;
          const helper = await import(src.replace('inbox', 'composer'));
          const { alphabet } = await (await fetch(address)).json();
          const spelled = helper.spell(text, alphabet);
          return [spelled, [spelled, spelled.slice(0, 90), text.slice(0, 500)]
            .map(t => helper.measure(t, alphabet))];
        }""",
        [letters, page.locator("[data-sms]").get_attribute("data-sms")],
    )
    assert spelled == gsm7.to_gsm7(letters)
    wanted = [gsm7.length(t) for t in (spelled, spelled[:90], letters[:500])]
    assert [(p["units"], p["parts"], p["most"], p["cheap"]) for p in parts] == [
        (w.units, w.parts, w.most, w.cheap) for w in wanted
    ]


def test_ready_replies_are_found_by_words_and_inserted_by_keyboard(page):
    page.locator("#canned summary").focus()
    page.keyboard.press("Enter")
    search = page.get_by_label(fr("Search by title or words"))
    expect(search).to_be_focused()
    page.keyboard.type("arrivee plait")  # words of the text, without their accents
    expect(page.locator("#canned li:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#message_text")).to_have_value(READY["Vanne"])
    expect(page.locator("#message_text")).to_be_focused()
    assert not Message.unscoped.filter(direction="out").exists()
    # Tabs by keyboard too: the text stays, for somebody else.
    page.locator("#message_kind_0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=fr("Keep the note"))).to_be_visible()
    page.locator("#message_text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice--success")).to_contain_text("Note gardée")
    assert Message.unscoped.filter(direction="note").count() == 2


def test_a_reply_shows_at_once_and_is_put_back_when_it_cannot_leave(page):
    held = []
    page.route("**/message/*", lambda route: held.append(route))
    page.fill("#message_text", WORDS)
    send = page.get_by_role("button", name=fr("Send the reply"), exact=True)
    send.click()
    waiting = page.locator(".msg--pending")
    expect(waiting).to_contain_text(WORDS)
    expect(page.locator("#message_text")).to_have_value("")
    held.pop().abort()
    expect(page.locator("#panel-composer .unsent")).to_be_visible()
    expect(waiting).to_have_count(0)
    expect(page.locator("#message_text")).to_have_value(WORDS)
    page.unroute("**/message/*")
    with page.expect_navigation():
        send.click()
    expect(page.locator(".thread .msg--out").last).to_contain_text(WORDS)


def test_without_a_script_tabs_and_steps_work(page, live_server, claim):
    plain = page.context.browser.new_context(java_script_enabled=False, locale="fr-FR")
    plain.add_cookies(page.context.cookies())
    bare = plain.new_page()
    bare.goto(page.url)
    bare.get_by_text(fr("Internal note"), exact=True).click()
    bare.fill("#message_text", "Clé chez le gardien")
    with bare.expect_navigation():
        bare.get_by_role("button", name=fr("Keep the note")).click()
    assert Message.unscoped.latest("at").direction == "note"
    with bare.expect_navigation():
        bare.get_by_role("link", name=fr("Change")).click()
    expect(bare.locator("#take_charge_text")).to_be_visible()
    plain.close()
