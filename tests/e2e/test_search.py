"""The search by keys on any staff page: opened, typed, gone through, and without a script."""

from playwright.sync_api import expect

from requests.claims.models import Claim
from requests.kit.choices import OPEN
from tests.e2e import site


def a_claim() -> Claim:
    """An open request that the demo agent may see, with its tenant."""
    rows = Claim.objects.visible_to(site.account("agent").memberships.first())
    return rows.filter(state__in=OPEN, tenant__isnull=False).order_by("pk")[0]


def test_from_any_page_by_keys_alone(visitor, portal):
    claim = a_claim()
    page = visitor("agent")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/agency/incidents/")
    page.keyboard.press("/")
    field = page.locator("#find-dialog-q")
    expect(field).to_be_focused()
    expect(page.locator(".find-dialog .find p, .find-dialog .find section").first).to_be_visible()
    before = len([url for url in asked if "/search/results/" in url])
    page.keyboard.type(claim.reference, delay=20)
    first = page.locator(".find-dialog .find__hit--first")
    expect(first).to_contain_text(claim.spoken_reference)
    # Typed without a pause: one question for six letters.
    assert len([url for url in asked if "/search/results/" in url]) == before + 1
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/agency/{claim.pk}/")


def test_a_late_answer_does_not_replace_a_newer_one(visitor, portal):
    page = visitor("agent")
    page.goto("/agency/incidents/")
    held = []

    def hold(route):
        if "q=zzz" in route.request.url and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/search/results/**", hold)
    page.keyboard.press("/")
    field = page.locator("#find-dialog-q")
    with page.expect_request("**/search/results/?q=zzz"):
        field.fill("zzz")
    field.fill("incidents")
    expect(page.locator(".find-dialog .find__hit").first).to_be_visible()
    with page.expect_response("**/search/results/?q=zzz"):
        held[0].continue_()
    expect(page.locator(".find-dialog .find__hit").first).to_be_visible()


def test_keys_that_were_turned_off_stay_off_and_the_link_is_a_page(visitor, portal):
    page = visitor("agent")
    page.goto("/agency/incidents/")
    page.evaluate("localStorage.setItem('palier:shortcuts', 'off')")
    page.keyboard.press("/")
    expect(page.locator("dialog[open]")).to_have_count(0)
    plain = visitor("agent", javascript=False)
    plain.goto("/agency/incidents/")
    plain.click("a[data-search]")
    plain.fill("#find-q", "incidents")
    plain.press("#find-q", "Enter")
    expect(plain.locator(".find__hit").first).to_be_visible()
