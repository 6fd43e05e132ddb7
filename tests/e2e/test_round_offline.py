"""Five photo reports made without network, the browser killed: each arrives exactly once.

A real Chromium with its profile on disk, our own service worker and IndexedDB. What the receipts
say is compared with what the server holds at every step.
"""

import contextlib
import os
import signal
import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Error, expect

from agencies.models import Dwelling
from portal.actor import Actor
from portal.clock import now
from portal.dev import browser
from requests.attachments.models import Attachment
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.rounds.queries import PICTURES
from tests import factories, moments
from tests.e2e.chromium import playwright_loop
from tests.e2e.workers import WORKER_READY

pytestmark = pytest.mark.django_db(transaction=True)
KEPT, SENT = "kept on this phone", "sent, no."
COUNT_TAPS = "window.taps = 0; addEventListener('pointerdown', () => { window.taps += 1; }, true);"
STORED = """async () => {
  const db = await new Promise((ok) => {
    indexedDB.open('palier-round').onsuccess = (e) => ok(e.target.result);
  });
  const items = await new Promise((ok) => {
    db.transaction('outbox').objectStore('outbox').getAll().onsuccess = (e) => ok(e.target.result);
  });
  return Promise.all(items.flatMap((item) => item.photos).map(async (photo) => {
    const image = await createImageBitmap(new Blob([photo.data]));
    const text = new TextDecoder('latin1').decode(photo.data);
    return [Math.max(image.width, image.height), text.includes('Exif')];
  }));
}"""
TAPS = 3
# Milliseconds for what a busy machine may take; nothing here measures speed.
PATIENCE = 60_000


@pytest.fixture
def round_site(live_server, client, settings, tmp_path, monkeypatch):
    """The landlord with one caretaker, signed in; a photo with a GPS position in it."""
    # Playwright's loop runs in this thread, and so does the ORM: nothing here is concurrent.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.MEDIA_ROOT = tmp_path / "media"
    place = factories.landlord()
    for code, _picture, _label in PICTURES:
        factories.common_fault(code)
    karim = factories.caretaker(place["north"])
    client.force_login(karim.user)
    return {
        "url": live_server.url,
        "cookie": client.cookies["sessionid"].value,
        "profile": tmp_path / "profile",
        "place": place,
        "karim": karim,
    }


@pytest.fixture
def round_phone(round_site):
    """Opens the browser on the same profile again and again; ends what is left of it."""
    with playwright_loop() as playwright:
        opened = []

        def start():
            context = playwright.chromium.launch_persistent_context(
                round_site["profile"],
                executable_path=browser.find(),
                args=list(browser.ARGUMENTS),
                viewport={"width": 360, "height": 780},
                has_touch=True,
                locale="en-GB",
            )
            opened.append(context)
            context.add_cookies(
                [
                    {
                        "name": "sessionid",
                        "value": round_site["cookie"],
                        "url": round_site["url"],
                        "expires": moments.real_now().timestamp() + 3600,  # by the phone's clock
                    }
                ]
            )
            context.add_init_script(COUNT_TAPS)
            return context, context.pages[0]

        yield start
        for context in opened:
            with contextlib.suppress(Error):
                context.close()
    # The server may still be answering a page that is gone; the tables are emptied next.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


def kill(profile: Path) -> None:
    """SIGKILL to every process of this profile, and to no other."""
    mine = str(profile).encode()
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if mine in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)


def photo(number: int) -> dict:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 13.0, 5.0), 3: "W", 4: (1.0, 33.0, 10.0)})
    out = BytesIO()
    Image.new("RGB", (2400, 1800 + number), "red").save(out, "JPEG", exif=exif.tobytes())
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def ready(page) -> None:
    """The outbox is open, and the worker holds the shell."""
    page.wait_for_selector("html[data-outbox=ready]")
    page.evaluate(WORKER_READY)


def report(page, number: int) -> int:
    """One report from the home page; returns how many taps it took."""
    before = page.evaluate("window.taps")
    with page.expect_file_chooser() as chooser:
        page.locator("#camera").tap()
    chooser.value.set_files(photo(number))
    page.locator(f"label[for=c-{PICTURES[number][0]}]").tap()
    page.locator("#go").tap()
    expect(page.locator("#camera")).to_be_visible(timeout=PATIENCE)
    return page.evaluate("window.taps") - before


def receipts(page, text: str, count: int) -> None:
    """Every receipt on the page says ``text``, and there are ``count``."""
    lines = page.locator("#outbox > li")
    expect(lines).to_have_count(count, timeout=PATIENCE)
    said = lines.locator("strong").filter(has_text=text)
    expect(said).to_have_count(count, timeout=PATIENCE)


def arrived() -> int:
    return Claim.objects.system("test").filter(channel="round").count()


def test_five_offline_reports_survive_a_kill_and_arrive_once(round_site, round_phone):
    context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    context.set_offline(True)
    page.goto(f"{round_site['url']}/round/")  # from the phone alone
    page.wait_for_selector("html[data-outbox=ready]")
    for number in range(5):
        assert report(page, number) <= TAPS
        receipts(page, KEPT, number + 1)
    expect(page.locator("#net")).to_contain_text("5", timeout=PATIENCE)
    assert page.evaluate(STORED) == [[1600, False]] * 5  # small, and the GPS position is gone
    assert arrived() == 0
    kill(round_site["profile"])

    context, page = round_phone()
    context.set_offline(True)
    page.goto(f"{round_site['url']}/round/")
    receipts(page, KEPT, 5)
    assert arrived() == 0

    context.set_offline(False)
    page.reload()
    receipts(page, SENT, 5)
    expect(page.locator("#net")).to_be_hidden(timeout=PATIENCE)
    claims = list(Claim.objects.system("test").filter(channel="round"))
    assert {claim.category.code for claim in claims} == {code for code, *_ in PICTURES[:5]}
    assert len(claims) == Attachment.unscoped.filter(claim__isnull=False).count() == 5
    listed = page.locator("#outbox").inner_text()
    assert all(claim.spoken_reference in listed for claim in claims)
    page.reload()
    receipts(page, SENT, 5)
    assert arrived() == 5


def test_work_is_checked_offline_with_one_tap(round_site, round_phone):
    place = round_site["place"]
    filing = Filing(channel="web", key="k", category="PLO-03", dwelling=place["dwelling"].pk)
    claim = file_claim(filing, actor=Actor.TENANT, now=now())
    agent = factories.member(place["north"], "agent")
    advance(claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(agent), now=now())
    context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    context.set_offline(True)
    page.locator(".round__yes button").tap()
    receipts(page, KEPT, 1)
    assert not claim.events.filter(name=Event.VERIFIED).exists()
    context.set_offline(False)
    page.reload()
    receipts(page, SENT, 1)
    assert claim.events.filter(name=Event.VERIFIED).count() == 1


def test_a_door_is_named_offline(round_site, round_phone):
    home = round_site["place"]["dwelling"]
    Dwelling.objects.filter(pk=home.pk).update(door="", number=1)
    context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    context.set_offline(True)
    page.locator(f"#door-{home.pk}").fill("12 left")
    page.locator(".round__door button").first.tap()
    receipts(page, KEPT, 1)
    expect(page.locator(f"#door-{home.pk}")).to_be_hidden(timeout=PATIENCE)
    assert Dwelling.objects.get(pk=home.pk).number == 1
    context.set_offline(False)
    page.reload()
    receipts(page, SENT, 1)
    home.refresh_from_db()
    assert (home.door, home.number, home.identified_by) == ("12 left", 0, round_site["karim"].user)
    page.reload()
    expect(page.locator(".round__door")).to_have_count(0, timeout=PATIENCE)


def test_a_lost_answer_is_not_called_sent_and_files_nothing_twice(round_site, round_phone):
    _context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)

    def lose_the_answer(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/round/send/", lose_the_answer)
    assert report(page, 0) <= TAPS
    expect(page.locator("#net")).to_be_visible(timeout=PATIENCE)
    receipts(page, KEPT, 1)
    assert arrived() == 1
    page.unroute("**/round/send/")
    page.reload()
    receipts(page, SENT, 1)
    assert arrived() == 1


def test_an_ended_session_keeps_the_item_and_says_log_in(round_site, round_phone):
    context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    context.clear_cookies()
    report(page, 0)
    expect(page.locator("#net a")).to_have_attribute("href", "/round/", timeout=PATIENCE)
    receipts(page, KEPT, 1)
    assert arrived() == 0


def test_logging_out_asks_while_something_is_kept_and_forgets_the_shell(round_site, round_phone):
    context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    context.set_offline(True)
    report(page, 0)
    receipts(page, KEPT, 1)
    page.locator("form[data-leave] button").tap()
    expect(page.locator("#net")).to_contain_text("Not sent yet", timeout=PATIENCE)
    assert "/round/" in page.url
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    receipts(page, SENT, 1)
    page.locator("form[data-leave] button").tap()
    page.wait_for_url(lambda url: "/round/" not in url)
    assert not page.evaluate("caches.match('/round/shell/').then(found => Boolean(found))")


def test_a_refused_photo_says_why_and_can_be_sent_without(round_site, round_phone):
    _context, page = round_phone()
    page.goto(f"{round_site['url']}/round/")
    ready(page)
    with page.expect_file_chooser() as chooser:
        page.locator("#camera").tap()
    fake = {"name": "fausse.jpg", "mimeType": "image/jpeg", "buffer": b"<svg onload=alert(1)>"}
    chooser.value.set_files(fake)
    page.locator(f"label[for=c-{PICTURES[0][0]}]").tap()
    page.locator("#go").tap()
    receipts(page, "refused:", 1)
    expect(page.locator("#outbox")).to_contain_text("fausse.jpg")
    assert arrived() == 0
    page.get_by_role("button", name="Send without photo").tap()
    receipts(page, SENT, 1)
    assert arrived() == 1
