"""A call from the ring to the spoken reference: four typed fields at most, counted."""

from datetime import date

import pytest
from playwright.sync_api import expect

from requests.claims.models import Claim
from tenants.models import ContactPoint, Lease, Occupancy, Tenant
from tests import factories
from tests.e2e.chromium import signed_in


@pytest.fixture
def calls_page(live_server, transactional_db, monkeypatch):
    """A signed-in call-taker, and a tenant whose number is known."""
    # Playwright's loop runs in this thread; the queries below are still plain ones.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    stock = factories.landlord()
    taker = factories.member(stock["head"], "call_taker")
    awa = Tenant.objects.system("test").create(first_name="Awa", last_name="Traoré")
    ContactPoint.unscoped.create(tenant=awa, kind="phone", value="+33612003456")
    lease = Lease.unscoped.create(
        dwelling=stock["dwelling"], reference="B1", bill_code="X1", starts=date(2014, 1, 1)
    )
    Occupancy.unscoped.create(lease=lease, tenant=awa, capacity="holder", starts=lease.starts)
    with signed_in(live_server.url, taker.user) as page:
        yield page


@pytest.mark.django_db(transaction=True)
def test_a_call_takes_four_typed_fields_at_most(calls_page, live_server):
    page, typed = calls_page, set()

    def write(text: str) -> None:
        """Type into what has the focus, and count that field."""
        typed.add(page.evaluate("document.activeElement.id"))
        page.keyboard.type(text)

    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    expect(page.locator("#call_category")).to_be_focused()
    write("fui plo")
    expect(page.locator("#faults [data-value=PLO-03]")).to_be_visible()
    while "PLO-03" not in (page.get_attribute("#call_category", "aria-activedescendant") or ""):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#say .say")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#call_words")).to_be_focused()
    write("Ça coule sous l'évier")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    claim = Claim.objects.system("test").get()
    expect(page.locator(".ref--big")).to_have_text(claim.spoken_reference)
    assert (claim.category.code, claim.words) == ("PLO-03", "Ça coule sous l'évier")
    assert claim.dwelling is not None
    assert len(typed) <= 4


@pytest.mark.django_db(transaction=True)
def test_a_call_cut_short_finds_its_words_again(calls_page, live_server):
    page = calls_page
    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    page.fill("#call_words", "L'appel coupe")
    kept = "Object.keys(localStorage).some(k => localStorage[k].includes('coupe'))"
    for _n in range(1_000):
        if page.evaluate(kept):
            break
        page.wait_for_timeout(50)
    assert page.evaluate(kept)
    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    expect(page.locator("#call_words")).to_have_value("L'appel coupe")
    # The next person at this machine finds nothing of it.
    page.locator(".more--user summary").click()
    page.locator("form[data-logout] button").click()
    expect(page.locator("form[data-logout]")).to_have_count(0)
    assert not page.evaluate(kept)


@pytest.mark.django_db(transaction=True)
def test_it_is_about_this_in_one_key(calls_page, live_server):
    page = calls_page
    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    page.locator("#call-form select[name=category]").evaluate("e => { e.value = 'PLO-03' }")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    with page.expect_navigation():
        page.keyboard.press("F1")
    claim = Claim.objects.system("test").get()
    assert claim.messages.get().direction == "in"


@pytest.mark.django_db(transaction=True)
def test_a_list_that_comes_late_moves_nothing(calls_page, live_server):
    page, held = calls_page, []
    page.goto(f"{live_server.url}/calls/?tel=0612003456")
    expect(page.locator("#call_category")).to_be_focused()
    page.keyboard.type("fui")
    expect(page.locator("#faults [data-value]").nth(1)).to_be_visible()
    page.route("**/faults/**", lambda route: held.append(route))
    with page.expect_request("**/faults/**") as asked:
        page.keyboard.type("t")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#faults [aria-selected=true]").get_attribute("data-value")
    assert chosen != page.locator("#faults [data-value]").first.get_attribute("data-value")
    held[0].continue_()
    asked.value.response().finished()
    expect(page.locator("#faults [aria-selected=true]")).to_have_attribute("data-value", chosen)
    page.keyboard.press("Enter")
    assert page.input_value("[name=category]") == chosen
