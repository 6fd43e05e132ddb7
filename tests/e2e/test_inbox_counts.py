"""Counts by script, beside what was measured on 27 November 2026: how much the list shows, how many
keys the usual tasks take, what a move sends for. They are printed, and fail when they get worse.
"""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from agencies.models import Desk, Membership, Residence
from portal.clock import now
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze, Watch
from tests.e2e.pages import fr
from tests.requests.fixtures.desk import make_claim

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 30_000  # ms; on a busy machine
# What is on the screen, in pixels of 1440 × 900.
SEEN = """() => {
  const pane = document.getElementById('list-pane').getBoundingClientRect();
  const top = document.querySelector('.inbox__top').getBoundingClientRect().bottom;
  const rows = [...document.querySelectorAll('.inbox__item')].map(e => e.getBoundingClientRect());
  return {
    rows: rows.filter(r => r.top >= top - 1 && r.bottom <= Math.min(innerHeight, pane.bottom) + 1)
      .length,
    height: Math.max(...rows.map(r => r.height)),
    page: document.documentElement.scrollHeight,
    lines: ['.chips--line', '.inbox__tools'].map(one => {
      const parts = [...document.querySelector(one).children].filter(e => e.offsetParent);
      return new Set(parts.map(e => Math.round(e.getBoundingClientRect().bottom / 20))).size;
    }),
  };
}"""


@pytest.fixture
def page(agency_page) -> Page:
    """Sixty claims over four days, on a screen of 1440 × 900."""
    desk = Desk.objects.get(unit__code="nord", kind="technical")
    residence = Residence.objects.filter(unit=desk.unit).first()
    for number in range(57):
        make_claim(desk, residence, number * 2 + 6, contact_email="a@example.test")
    users = get_user_model().objects
    marc = users.create_user(email="marc@example.test", first_name="Marc", password="x" * 14)
    Membership.objects.create(user=marc, unit=desk.unit, role="agent", starts=date(2020, 1, 1))
    agency_page.set_viewport_size({"width": 1440, "height": 900})
    agency_page.goto(agency_page.url.split("/agency/")[0] + "/agency/")
    opened(agency_page)
    return agency_page


def opened(page: Page) -> str:
    """Wait until the claim whose row is marked is shown; return its key."""
    row = page.locator(".inbox__item[aria-current]")
    expect(row).to_have_count(1, timeout=SLOW)
    key = row.get_attribute("data-claim")
    expect(page.locator("#claim-pane")).to_have_attribute("data-claim", key, timeout=SLOW)
    expect(page.locator("#claim-pane")).not_to_have_attribute("aria-busy", "true", timeout=SLOW)
    return key


def keys(page: Page, *pressed: str) -> int:
    """Press keys; return how many."""
    for key in pressed:
        page.keyboard.press(key)
    return len(pressed)


def test_what_is_seen_and_what_a_move_sends_for(page):
    seen = page.evaluate(SEEN)
    print(f"\nclaims seen at 1440 × 900: {seen['rows']} (before: 4-5), rows of {seen['height']} px")
    assert seen["rows"] >= 11
    assert seen["height"] <= 64
    assert seen["page"] <= 900  # the panes scroll, the page does not
    assert seen["lines"] == [1, 1]
    for name in ("list-pane", "claim-pane", "context-pane"):
        pane = page.locator(f"#{name}")
        pane.focus()
        expect(pane).to_be_focused()
        assert pane.evaluate("e => getComputedStyle(e).overflowY") == "auto"

    done = []
    page.on("requestfinished", lambda request: done.append(request))
    page.evaluate("window.same = true")
    for _move in range(3):
        before = opened(page)
        with page.expect_navigation():
            keys(page, "j")
        assert opened(page) != before
    assert page.evaluate("window.same"), "the page was loaded anew"
    # Beside it: who else reads, the module of keys once, pictograms of the browser's own cache.
    beside = re.compile(r"/here/|inbox_keys|sprite")
    moves = [request for request in done if not beside.search(request.url)]
    sizes = [r.sizes()["responseBodySize"] + r.sizes()["responseHeadersSize"] for r in moves]
    print(f"\na move: {len(moves) // 3} request (before: a page), {max(sizes)} bytes")
    assert len(moves) == 3
    assert max(sizes) <= 15_000
    expect(page.locator("#title")).to_be_focused()
    expect(page.locator("#status")).to_have_text(page.locator("#title").inner_text())


def test_moves_go_over_pages_and_back_and_lose_no_text(page):
    opened(page)
    page.locator("#message_text").fill("Nous venons demain.")
    page.locator("#title").click()
    for _move in range(49):
        keys(page, "j")
    last = opened(page)
    with page.expect_navigation():
        keys(page, "j")
    expect(page.locator("a[rel=prev]")).to_have_count(1, timeout=SLOW)
    assert opened(page) != last
    keys(page, "k")
    expect(page.locator("a[rel=next]")).to_have_count(1, timeout=SLOW)
    expect(page.locator("#claim-pane")).to_have_attribute("data-claim", last, timeout=SLOW)
    for _move in range(49):
        keys(page, "k")
    opened(page)
    expect(page.locator("#message_text")).to_have_value("Nous venons demain.")
    keys(page, "k")
    expect(page.locator("#status")).to_have_text(fr("This is the first one."))
    # What was typed outlives the page, and in which form it was: a note is never sent as a reply.
    page.locator("label[for=message_kind_1]").click()
    page.locator("#message_text").fill("Clé chez le gardien")
    page.reload()
    expect(page.locator("#message_text")).to_have_value("Clé chez le gardien", timeout=SLOW)
    expect(page.locator("#message_kind_1")).to_be_checked()


def test_ten_usual_tasks_by_keys(page):
    """Each task is done, not only begun, where no words are to be typed."""
    counted = {}
    first = opened(page)
    with page.expect_navigation():
        counted["next claim", "1"] = keys(page, "j")
    second = opened(page)
    with page.expect_navigation():
        counted["accept, send and next", "1"] = keys(page, "a")
    expect(page.locator(".toast")).to_have_count(1, timeout=SLOW)
    assert opened(page) != second
    assert ClaimEvent.unscoped.get(name=Event.TAKE_CHARGE).claim_id.__str__() == second
    with page.expect_navigation():
        counted["undo", "mouse"] = keys(page, "u")
    assert opened(page) == second
    assert not ClaimEvent.unscoped.filter(name=Event.TAKE_CHARGE).exists()

    counted["begin a reply", "mouse"] = keys(page, "r")
    expect(page.locator("#message_text")).to_be_focused()
    page.locator("#title").click()
    counted["begin a note", "mouse"] = keys(page, "n")
    expect(page.locator("#message_text")).to_be_focused()
    page.keyboard.type("Clé chez le gardien")
    page.get_by_role("button", name=fr("Keep the note")).click()
    expect(page.locator(".notice--success")).to_contain_text("Note gardée.", timeout=SLOW)
    assert Message.unscoped.filter(direction="note").count() == 1

    opened(page)
    counted["put aside until tomorrow", "-"] = keys(page, "s", "Enter")
    expect(page.locator(".toast")).to_contain_text(
        fr("Put aside. It comes back by itself."), timeout=SLOW
    )
    assert str(Snooze.objects.get().claim_id) == opened_claim(page)
    expect(page.locator(f".inbox__item[data-claim='{second}']")).to_have_count(0, timeout=SLOW)

    page.locator(".inbox__item").first.click()
    assert opened(page) == first
    counted["give to a colleague", "-"] = keys(page, "g", "M", "Tab", "Enter")
    expect(page.locator(".toast")).to_contain_text("Marc", timeout=SLOW)
    assert Charge.objects.get(ends_at=None).membership.user.first_name == "Marc"
    opened(page)
    counted["follow", "-"] = keys(page, "w")
    expect(page.locator(".notice--success")).to_be_visible(timeout=SLOW)
    assert str(Watch.objects.get().claim_id) == first

    opened(page)
    counted["tick five in a row", "5 by mouse"] = keys(page, "x", "j", "j", "j", "j", "Shift+X")
    expect(page.locator("[data-ticked]")).to_have_text("5")
    keys(page, "a")  # while some are ticked, keys are theirs
    expect(page.locator("#results")).to_be_visible(timeout=SLOW)
    assert Claim.objects.system("test").filter(state="in_review").count() == 5
    # The bar loads a page: its script listens once the button of the list of keys is there.
    expect(page.locator("[data-keys-open]")).to_be_visible(timeout=SLOW)
    counted["search", "1"] = keys(page, "/")
    expect(page.locator(".find-dialog input")).to_be_focused()
    print("\nkeys of ten usual tasks (before):")
    for (task, before), number in counted.items():
        print(f"  {task}: {number} ({before})")
    assert len(counted) == 10
    assert sum(counted.values()) <= 19


def opened_claim(page: Page) -> str:
    """Return the claim in the reading pane, whether its row is in the list or not."""
    return page.locator("#claim-pane").get_attribute("data-claim")


def test_all_stays_within_reach_without_a_script(page, live_server):
    """Links and forms alone: open, tick, take in charge."""
    context = page.context.browser.new_context(
        base_url=live_server.url, locale="fr-FR", java_script_enabled=False
    )
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.set_viewport_size({"width": 1440, "height": 900})
    plain.goto("/agency/")
    plain.locator(".inbox__pick > input").first.check(force=True)
    plain.get_by_role("button", name=fr("Take in charge"), exact=True).click()
    expect(plain.locator("#results")).to_be_visible(timeout=SLOW)
    plain.locator(".inbox__item").nth(1).click()
    expect(plain.locator("#claim-pane")).to_have_attribute("data-claim", opened_claim(plain))
    context.close()
    assert Claim.objects.system("test").filter(state="in_review").count() == 1
    assert now() - ClaimEvent.unscoped.get(name=Event.TAKE_CHARGE).at < timedelta(minutes=5)
