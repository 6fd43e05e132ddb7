"""The tap and second budgets of contractor and caretaker, counted on the page itself.

Seconds are those of the keystroke-level model (Card, Moran, Newell 1980), not of the machine:
1.35 to find what to do, 1.1 to reach it, 0.2 to press, 0.28 per key. So a page that asks for one
tap or one field more fails here, however fast it is.
"""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.rounds.queries import PICTURES
from requests.work_orders import appointments
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import OrderLink
from tests import factories
from tests.e2e.pages import fr
from tests.requests.fixtures.work import later

pytestmark = pytest.mark.django_db(transaction=True)
# Milliseconds for what a busy machine may take; nothing here measures speed.
PATIENCE = 60_000

COUNT = """
for (const [event, name] of [['pointerdown', 'taps'], ['keydown', 'keys']])
  addEventListener(event, () => sessionStorage.setItem(
    name, 1 + Number(sessionStorage.getItem(name) || 0)), true);
"""
THINK, REACH, PRESS, KEY = 1.35, 1.1, 0.2, 0.28
# docs/principles.md, D10: « Confirm in two taps », the first opens the link of the mail.
CONFIRM_TAPS = 2
# The action, the photo, the words, the button.
DONE_TAPS, DONE_FIELDS = 4, 1
# docs/principles.md, D10: photo + note, pictogram, send: at most 20 s and three taps.
ROUND_TAPS, ROUND_SECONDS = 3, 20
CHECK_TAPS = 1


@pytest.fixture
def phone(browser, live_server, settings, tmp_path):
    """A page as on a phone, on which taps and keys are counted."""
    settings.MEDIA_ROOT = tmp_path / "media"
    context = browser.new_context(
        base_url=live_server.url,
        locale="fr-FR",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(COUNT)
    page = context.new_page()
    page.base = live_server.url
    yield page
    context.close()


def counted(page: Page, name: str = "taps") -> int:
    return int(page.evaluate(f"sessionStorage.getItem('{name}') || 0"))


def sign_in(page: Page, user) -> None:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page.context.add_cookies(
        [{"name": c.key, "value": c.value, "url": page.base} for c in client.cookies.values()]
    )


def file_for(page: Page, opener, name: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    with page.expect_file_chooser() as chooser:
        opener.tap()
    chooser.value.set_files(
        {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )


@pytest.fixture
def job():
    """An order whose date waits for the contractor, and its link."""
    place = factories.landlord()
    filing = {"category": "PLO-03", "dwelling": place["dwelling"].pk, "words": "Ça coule"}
    claim = file_claim(Filing(channel="web", key="k", **filing), actor=Actor.TENANT, now=now())
    contract = factories.contract(factories.contractor())
    agent = Actor.member(factories.member(place["north"], "agent"))
    order = create_order(
        claim=claim,
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=later(days=3),
        actor=agent,
        now=now(),
    )
    send_order(order=order, actor=agent, now=now())
    appointments.book(
        order=order,
        starts=later(days=2),
        ends=later(days=2, hours=2),
        actor=agent,
        channel="phone",
        now=now(),
    )
    link = OrderLink.unscoped.create(order=order, created_at=now())
    return {"order": order, "url": reverse("job", args=[link.token])}


def test_the_contractor_confirms_in_two_taps_and_types_nothing(phone, job):
    phone.goto(job["url"])  # the first tap, in the mail
    with phone.expect_navigation():
        phone.locator("main .btn--block").first.tap()
    job["order"].refresh_from_db()
    assert job["order"].state == "confirmed"
    assert 1 + counted(phone) <= CONFIRM_TAPS
    assert counted(phone, "keys") == 0


def test_the_contractor_reports_done_with_a_photo_and_one_field(phone, job):
    order = job["order"]
    order.refresh_from_db()
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    phone.goto(job["url"])
    with phone.expect_navigation():
        phone.get_by_role("link", name=fr("The work is done"), exact=True).tap()
    required = (
        phone.locator("main form")
        .locator("input, textarea")
        .evaluate_all("all => all.filter(e => e.required && e.type !== 'hidden').length")
    )
    file_for(phone, phone.locator("input[name=after]"), "after")
    phone.get_by_label(fr("What did you do?")).tap()
    phone.keyboard.type("Joint")
    with phone.expect_navigation():
        phone.locator("main .btn--block").tap()
    order.refresh_from_db()
    assert (order.state, order.photos.filter(moment="after").count()) == ("done", 1)
    assert counted(phone) <= DONE_TAPS
    assert required <= DONE_FIELDS


def seconds(page: Page, decisions: int) -> float:
    """What a person needs for what was done since the page opened."""
    pressed = counted(page) * (REACH + PRESS) + counted(page, "keys") * KEY
    return decisions * THINK + pressed


def test_the_caretaker_reports_in_three_taps_and_twenty_seconds(phone):
    place = factories.landlord()
    for code, _picture, _label in PICTURES:
        factories.common_fault(code)
    sign_in(phone, factories.caretaker(place["north"]).user)
    phone.goto("/round/")
    phone.wait_for_selector("html[data-outbox=ready]")
    file_for(phone, phone.locator("#camera"), "fault")
    phone.locator("#id_category label.tile").first.tap()
    phone.locator("#go").tap()
    expect(phone.locator("#outbox")).to_contain_text(fr("sent, no."), timeout=PATIENCE)
    assert Claim.objects.system("test").get().attachments.count() == 1
    assert counted(phone) <= ROUND_TAPS
    # A note of twenty signs is typed besides.
    assert seconds(phone, ROUND_TAPS) + REACH + 20 * KEY <= ROUND_SECONDS


def test_the_caretaker_checks_finished_work_in_one_tap(phone):
    place = factories.landlord()
    filing = {"category": "PLO-03", "dwelling": place["dwelling"].pk, "words": "Ça coule"}
    claim = file_claim(Filing(channel="web", key="k", **filing), actor=Actor.TENANT, now=now())
    agent = factories.member(place["north"], "agent")
    advance(claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(agent), now=now())
    sign_in(phone, factories.caretaker(place["north"]).user)
    phone.goto("/round/")
    phone.wait_for_selector("html[data-outbox=ready]")
    phone.locator(".round__yes button").tap()
    expect(phone.locator("#outbox")).to_contain_text(fr("sent, no."), timeout=PATIENCE)
    assert claim.events.filter(name=Event.VERIFIED).exists()
    assert counted(phone) <= CHECK_TAPS
