"""A heavy photo on a bad line: made smaller by the browser, sent again, shown as a thumbnail."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from requests.attachments.models import Attachment
from tests.e2e.pages import Filing
from tests.e2e.shots import shoot


def heavy(side: int = 3000) -> bytes:
    """Return a JPEG of several megabytes with the place where it was made."""
    picture = Image.effect_noise((side, side * 3 // 4), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (47.0, 13.0, 6.0)}
    out = BytesIO()
    picture.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.fixture
def page(visitor):
    page = visitor(width=360)
    Filing(page, address="1 rue du Lin, Valmer", room="cuisine").begin().until(r"/words/")
    return page


def test_a_heavy_photo_is_made_small_and_survives_a_cut(page):
    sent: list[int] = []

    def cut_the_first(route):
        if route.request.method != "POST":
            return route.continue_()
        sent.append(len(route.request.post_data_buffer or b""))
        return route.abort() if len(sent) == 1 else route.continue_()

    page.route("**/file/words/", cut_the_first)
    original = heavy()
    assert len(original) > 3_000_000
    page.get_by_label("Photos").set_input_files(
        {"name": "évier.jpg", "mimeType": "image/jpeg", "buffer": original}
    )
    expect(page.locator(".sending")).to_contain_text("Prêt à être envoyé")
    page.locator("textarea").fill("Ça goutte.")
    page.get_by_role("button", name="Ajouter ces fichiers").click()
    expect(page.locator(".sending")).to_contain_text("nouvel essai")
    shoot(page, "photos-again")
    thumbnail = page.locator("img.thumbnail")
    expect(thumbnail).to_have_count(1)
    assert len(sent) == 2
    assert sent[0] == sent[1] < len(original) / 3
    # Our own small picture, not the whole one.
    size = page.evaluate(
        "async a => (await (await fetch(a)).blob()).size", thumbnail.get_attribute("src")
    )
    kept = Attachment.unscoped.get(name__startswith="évier")
    assert 0 < size < 30_000 < kept.size
    assert max(kept.width, kept.height) <= 1600
    shoot(page, "photos-kept")


def test_mistakes_come_back_on_the_page_with_what_was_typed(page):
    page.get_by_label("Photos").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"rien"}
    )
    page.locator("textarea").fill("Ça goutte.")
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("Ça goutte.")


def test_without_a_network_everything_stays_on_the_page(page):
    page.clock.install()
    page.get_by_label("Photos").set_input_files(
        {"name": "lavabo.jpg", "mimeType": "image/jpeg", "buffer": heavy(400)}
    )
    page.locator("textarea").fill("Ça goutte.")
    expect(page.locator(".sending")).to_contain_text("Prêt à être envoyé")
    page.context.set_offline(True)
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".sending")).to_contain_text("nouvel essai")
    given_up = page.locator(".sending").get_by_text("Rien n’est perdu")
    for _second in range(600):  # between two tries the browser must say that one failed
        if given_up.is_visible():
            break
        page.clock.run_for(1_000)
    expect(page.locator(".sending")).to_contain_text("Rien n’est perdu")
    shoot(page, "photos-unsent")
    page.context.set_offline(False)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/file/reach/")
