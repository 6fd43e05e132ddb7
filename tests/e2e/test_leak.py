"""A leak from the first call to the tenant's own « yes », each party on its own page.

Phone, order under contract, date by text message, magic link, no access, « not fixed », follow-on
order, caretaker's check. At each step: what a page shows, and what it must not show.
"""

import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from agencies.models import PriceItem
from portal.clock import now
from requests import tasks
from requests.channels import signatures
from requests.channels.outbound.receipt import Receipt
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.closing.models import Feedback
from requests.jobs import queue
from requests.work_orders.appointments import publish_slots
from requests.work_orders.models import AccessView, OrderLink, OrderPhoto, WorkOrder
from tests import factories
from tests.e2e.pages import fr
from tests.requests.fixtures.work import later

pytestmark = pytest.mark.django_db(transaction=True)
# Milliseconds for what a busy machine may take; nothing here measures speed.
PATIENCE = 60_000

TUESDAY = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)  # 10 h: text messages may leave
MOBILE, CODE, PRICE = "+33612003456", "Digicode 12B4", "84.50"
WORDS = "Ça coule sous l'évier, ma fille a glissé"
NAME, STREET = "Traoré", "rue du Lin"
# What only the agency reads.
MONEY = (PRICE, "84,50", "300.00", fr("The landlord’s by law."))


@pytest.fixture
def house(live_server, settings, tmp_path, monkeypatch):
    """The landlord, a contract with a price, three dates, and a text provider that remembers."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PALIER_HOOK_KEY = "hook-of-the-tests"
    settings.PALIER_URL = live_server.url
    with time_machine.travel(TUESDAY, tick=True):
        place = factories.landlord()
        awa = factories.tenant(place["dwelling"])
        factories.contact(awa, MOBILE, verified=True)
        contract = factories.contract(factories.contractor())
        PriceItem.objects.create(contract=contract, code="J1", label="Joint", price=PRICE)
        dates = [(later(days=n), later(days=n, hours=2)) for n in (2, 3, 6, 7, 8, 9)]
        publish_slots(contract.contractor, dates)
        sent = []

        def send(message):
            sent.append(message)
            return Receipt(True, f"id-{len(sent)}", "taken")

        monkeypatch.setattr("requests.channels.outbound.sms.send", send)
        yield {**place, "contract": contract, "dates": dates, "sms": sent, "url": live_server.url}


@pytest.fixture
def open_page(browser, house):
    """A French page of a phone or a desk, signed in or not."""
    contexts = []

    def make(user=None, width: int = 360) -> Page:
        context = browser.new_context(
            base_url=house["url"],
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": 800},
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            context.add_cookies(
                [
                    {"name": c.key, "value": c.value, "url": house["url"]}
                    for c in client.cookies.values()
                ]
            )
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def drain() -> None:
    """Let what was held go out, and do the due work."""
    for _round in range(3):
        factories.pass_time(minutes=2)
        queue.drain(tasks.HANDLERS, now)


def texts(body: str, house) -> None:
    """The tenant sends a text: the gateway posts it, signed, and it is read."""
    texts.count = getattr(texts, "count", 0) + 1
    form = {"MessageSid": f"SM{texts.count}", "From": MOBILE, "To": "+33700000000", "Body": body}
    raw = urlencode(form).encode()
    stamp = int(now().timestamp())
    answer = Client().post(
        reverse("channels:sms_hook"),
        raw,
        content_type="application/x-www-form-urlencoded",
        headers={
            "X-Palier-Timestamp": str(stamp),
            "X-Palier-Signature": signatures.sign("hook-of-the-tests", stamp, raw),
        },
    )
    assert answer.status_code == 202
    drain()


def press(page: Page, name: str) -> None:
    """Press the one button of that name in the page's main part."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def reads(page: Page) -> str:
    return page.get_by_role("main").inner_text()


def hides(page: Page, *secrets: str) -> None:
    """None of these is anywhere in what was sent to the browser."""
    body = page.content()
    assert [secret for secret in secrets if secret in body] == [], page.url


def picture(color: str) -> dict:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(out, "JPEG")
    return {"name": f"{color}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def order(number: int) -> WorkOrder:
    return WorkOrder.objects.system("test").get(number=number)


def state() -> str:
    return Claim.objects.system("test").get().state


def newest_link(mailoutbox) -> str:
    """The link of the contractor's last mail, whose words are about the building only."""
    mail = [m for m in mailoutbox if m.to == ["atelier@example.test"]][-1]
    assert [s for s in (NAME, MOBILE, "0612", "12B4", "évier") if s in mail.body] == []
    return re.search(r"http://\S+/job/\S+/", mail.body)[0]


def file_by_phone(page: Page) -> Claim:
    """The call-taker answers a known number."""
    page.goto("/calls/?tel=0612003456")
    page.locator("#call_category").fill("fui")
    page.locator("#faults [data-value=PLO-03]").click()
    page.locator("#call_words").fill(WORDS)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    claim = Claim.objects.system("test").get()
    expect(page.locator(".ref--big")).to_have_text(claim.spoken_reference, timeout=PATIENCE)
    return claim


def send_order(page: Page, claim: Claim, words: str = "") -> None:
    """The agency sends what the contract proposes; for a follow-on, with words of its own."""
    page.goto(f"/agency/{claim.pk}/")
    if words:
        page.get_by_role("main").get_by_role("link", name=re.compile(rf"{order(1)}")).click()
        page.get_by_role("link", name=fr("Additional order, or another company")).click()
        page.get_by_label(fr("Work to do")).fill(words)
    else:
        page.get_by_role("link", name=fr("Write the order")).click()
        expect(page.get_by_role("main")).to_contain_text("Robinetterie", timeout=PATIENCE)
        expect(page.get_by_role("main")).to_contain_text("Plomberie Le Goff", timeout=PATIENCE)
        page.get_by_label("Joint").check()
    page.get_by_label(fr("Access: door code, keys, dog")).fill(CODE)
    press(page, fr("Send the order"))
    drain()


def act(page: Page, label: str, **photos) -> None:
    """Open an action of the contractor's page and send its form as filled."""
    page.get_by_role("link", name=label, exact=True).click()
    for name, file in photos.items():
        page.locator(f"input[name={name}]").set_input_files(file)


def test_a_leak_from_the_call_to_the_tenants_own_word(house, open_page, mailoutbox):
    north, sms = house["north"], house["sms"]
    agent = open_page(factories.member(north, "agent").user, 1280)
    other_agent = open_page(factories.member(house["south"], "agent").user, 1280)
    taker = open_page(factories.member(house["head"], "call_taker").user, 1280)
    karim = open_page(factories.caretaker(north).user)
    works = open_page()
    tenant = open_page()

    # By phone: the promise said aloud leaves as a text, which says nothing of the leak.
    claim = file_by_phone(taker)
    drain()
    claim.refresh_from_db()
    assert claim.owner.unit == north
    assert claim.reference in sms[-1].text
    assert not [s for s in (WORDS, NAME, STREET) if s in sms[-1].text]

    # The agency orders as the contract proposes; another agency sees nothing.
    send_order(agent, claim)
    assert order(1).state == "sent"
    assert "84" in reads(agent)
    for page in (f"/agency/{claim.pk}/", f"/work/{order(1).pk}/"):
        assert other_agent.goto(page).status == 404
    hides(other_agent, WORDS, NAME, STREET)

    # The tenant answers the dates with a digit; the contractor is told by mail.
    assert re.search(r"(?m)^1\s: jeudi 4 mars, 10 h.*\n2\s: vendredi 5 mars", sms[-1].text)
    texts("2", house)
    assert (state(), order(1).appointments.get().channel) == ("planned", "sms")
    assert order(1).appointments.get().starts == house["dates"][1][0]
    assert "vendredi 5 mars" in sms[-1].text

    # Behind the link: where and what, but neither name nor phone nor code before confirming.
    works.goto(newest_link(mailoutbox))
    assert STREET in reads(works)
    hides(works, NAME, MOBILE, "06 12 00 34 56", CODE, "300.00")
    press(works, fr("Confirm"))
    hides(works, NAME, MOBILE, "06 12 00 34 56", CODE)
    # Phone and code open on the eve of the visit.
    expect(works.get_by_role("button", name=fr("Show phone and door code"))).to_have_count(0)
    with time_machine.travel(house["dates"][1][0] - timedelta(hours=1), tick=True):
        works.reload()
        press(works, fr("Show phone and door code"))
        assert CODE in reads(works)
    assert AccessView.unscoped.filter(order=order(1)).count() == 1
    assert (order(1).state, state()) == ("confirmed", "planned")

    # What the tenant reads by link: the visit, no name, no price, no code.
    tenant.goto(reverse("follow", args=[claim.token]))
    assert "vendredi 5 mars" in reads(tenant)
    hides(tenant, CODE, *MONEY)
    tenant.get_by_role("link", name=fr("See or change the visit")).click()
    assert "vendredi 5 mars" in reads(tenant)
    hides(tenant, NAME, STREET, MOBILE, CODE, WORDS, *MONEY)

    # Nobody opens: a photo of the door, and new dates at once.
    works.goto(newest_link(mailoutbox))
    press(works, fr("We are on the way"))
    act(works, fr("No access"), photo=picture("brown"))
    works.get_by_label(fr("Nobody opens")).check()
    press(works, fr("No access"))
    drain()
    assert (order(1).state, state()) == ("no_access", "in_review")
    assert OrderPhoto.unscoped.get(order=order(1), moment="no_access")
    hides(works, CODE, MOBILE, NAME)
    assert re.search(r"(?m)^1\s: .*\n2\s: ", sms[-1].text)
    texts("le 1 merci", house)
    assert state() == "planned"

    # Done, with photos; the tenant is asked by text and says no.
    works.goto(newest_link(mailoutbox))
    press(works, fr("Confirm"))
    act(works, fr("The work is done"), before=picture("red"), after=picture("green"))
    works.get_by_label(fr("What did you do?")).fill("Joint changé")
    press(works, fr("The work is done"))
    drain()
    assert (order(1).state, state()) == ("done", "done")
    hides(works, CODE, MOBILE)
    assert "OUI" in sms[-1].text
    texts("Non", house)
    assert state() == "in_review"

    # A follow-on order remembers the first and its photos; this date is picked on the web.
    send_order(agent, claim, "Reprendre la fuite")
    assert (order(2).follows, order(2).state, order(2).photos.count()) == (order(1), "sent", 3)
    tenant.goto(reverse("follow", args=[claim.token]))
    tenant.get_by_role("link", name=fr("Choose a date")).click()
    tenant.get_by_role("radio").first.check(force=True)
    press(tenant, fr("Take this date"))
    hides(tenant, NAME, STREET, CODE, *MONEY)
    drain()
    works.goto(newest_link(mailoutbox))
    assert "Reprendre la fuite" in reads(works)
    press(works, fr("Confirm"))
    act(works, fr("The work is done"), after=picture("blue"))
    works.get_by_label(fr("What did you do?")).fill("Siphon remplacé")
    press(works, fr("The work is done"))
    drain()
    assert state() == "done"

    # The caretaker checks on the spot: what and which door, never who, how much or the code.
    karim.goto("/round/")
    assert fr("To see here") in karim.content()
    hides(karim, NAME, MOBILE, CODE, WORDS, "Siphon", *MONEY)
    tick = karim.get_by_role("button", name=re.compile(rf"{fr('Done')}\s*: "))
    tick.click()
    expect(karim.locator("#outbox")).to_contain_text(fr("sent, no."), timeout=PATIENCE)
    assert (order(2).state, state()) == ("verified", "done")

    # Only the tenant closes, and says how it was.
    tenant.goto(reverse("follow", args=[claim.token]))
    press(tenant, fr("Yes, it is fixed"))
    assert state() == "closed"
    tenant.goto(reverse("feedback", args=[claim.token]))
    tenant.get_by_role("radio").first.check(force=True)
    tenant.get_by_role("main").get_by_role("button").first.click()
    expect(tenant.get_by_role("radio")).to_have_count(0, timeout=PATIENCE)
    assert Feedback.unscoped.get().channel == "web"

    # A former link of the first order opens nothing of the second; an invented one nothing at all.
    first = OrderLink.unscoped.filter(order=order(1)).first()
    works.goto(reverse("job", args=[first.token]))
    hides(works, "Reprendre la fuite", "Siphon", NAME, MOBILE, CODE)
    assert works.goto(reverse("job", args=["x" * 43])).status == 410
    hides(works, NAME, STREET, WORDS)
    events = list(claim.events.values_list("name", flat=True))
    assert [
        events.count(n) for n in (Event.PLAN, Event.UNPLAN, Event.REPORT_DONE, Event.SAY_NOT_FIXED)
    ][1:] == [
        1,
        2,
        1,
    ]
    assert events.index(Event.VERIFIED) < events.index(Event.SAY_FIXED)
