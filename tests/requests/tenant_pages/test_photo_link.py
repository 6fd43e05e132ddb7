"""The link that asks for photos: to one claim, for seven days, without account."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.clock import now
from portal.dev import phonecatcher
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.channels import photo_links
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from tests.factories import member

NUMBER = "+33639981234"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(name="a.png", colour="red") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def link(claim, at=None) -> str:
    return reverse(
        "photos:photo_link", args=[photo_links.make(claim.reference, at or claim.filed_at)]
    )


def test_photos_join_their_claim_and_nothing_else_is_shown(make_claim, client):
    claim, other = make_claim(words="canari"), make_claim()
    page = client.get(link(claim)).content.decode()
    assert claim.spoken_reference in page
    assert "canari" not in page
    assert "Awa" not in page
    answer = client.post(link(claim), {"photos": [photo(), photo("b.png", "blue")]})
    assert answer.status_code == 302
    assert claim.attachments.count() == 2
    assert other.attachments.count() == 0
    message = claim.messages.get(text__startswith="2 photos")
    assert message.attachments.count() == 2
    assert "canari" not in client.get(link(claim)).content.decode()


def test_a_bad_file_costs_the_good_ones_nothing(make_claim, client):
    claim = make_claim()
    bad = SimpleUploadedFile("x.svg", b"<svg/>", "image/svg+xml")
    answer = client.post(link(claim), {"photos": [photo(), bad]})
    assert answer.status_code == 422
    assert "x.svg" in answer.content.decode()
    assert claim.attachments.count() == 1
    assert client.post(link(claim), {}).status_code == 422


def test_a_forged_old_or_foreign_link_opens_nothing(make_claim, client):
    claim = make_claim()
    good = photo_links.make(claim.reference, now())
    assert len(good) == 26
    other = photo_links.make(make_claim().reference, now())
    forged = [
        other[:6] + good[6:],
        good[:6] + other[6:],
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "é",
        "x",
    ]
    for token in [
        *forged,
        good[:-4],
        good + "AAAA",
        claim.token,
        photo_links.make(claim.reference, now() - timedelta(8)),
    ]:
        path = f"/photos/{token}/"
        assert client.get(path).status_code == 404
        assert client.post(path, {"photos": [photo()]}).status_code == 404
    assert not Attachment.unscoped.exists()
    assert photo_links.read(good, now() + timedelta(days=6, hours=23)) == claim.reference


def test_a_full_claim_takes_no_more(make_claim, client, monkeypatch):
    claim = make_claim()
    monkeypatch.setattr(uploads, "PER_CLAIM", 1)
    assert client.post(link(claim), {"photos": [photo()]}).status_code == 302
    assert client.post(link(claim), {"photos": [photo(colour="blue")]}).status_code == 422
    assert claim.attachments.count() == 1


def test_staff_ask_and_the_link_arrives_by_text(make_claim, landlord, client, clock, work, texts):
    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    client.force_login(member(landlord["south"], "agent").user)
    path = reverse("photos:ask_photo", args=[claim.pk])
    assert client.post(path).status_code == 404
    client.force_login(member(landlord["north"], "agent").user)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 302
    clock.forward(minutes=1)
    work()
    event = ClaimEvent.unscoped.get(name=Event.PHOTO_ASKED)
    assert link(claim, event.at) in texts.sent[-1].text


def test_who_texts_photo_gets_the_link(make_claim, work, texts, clock):
    from requests.channels import intake as intakes

    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    body = b"MessageSid=SM1&From=%2B33639981234&Body=Photo+%21"
    intakes.receive(channel="sms", external_id="SM1", raw=body, now=clock())
    work()
    assert "/photos/" in texts.sent[-1].text
    stranger = body.replace(b"1234", b"5678").replace(b"SM1", b"SM2")
    before = ClaimEvent.unscoped.filter(name=Event.PHOTO_ASKED).count()
    intakes.receive(channel="sms", external_id="SM2", raw=stranger, now=clock())
    work()
    assert ClaimEvent.unscoped.filter(name=Event.PHOTO_ASKED).count() == before
    assert claim.messages.filter(direction="in").count() == 1


def test_the_demonstration_shows_what_was_sent(client, settings, tmp_path, db):
    settings.PALIER_HOME = tmp_path
    at = "2026-11-22T12:00:00+00:00"
    with phonecatcher.Catcher(tmp_path / "phones") as catcher:
        catcher.keep(phonecatcher.Text(at, "sms", NUMBER, "<b>Oui</b>", "text", "SM1"))
        catcher.keep(phonecatcher.Text(at, "social", NUMBER, "Non", "template", "wamid.1"))
    page = client.get("/demo/phones/").content.decode()
    assert "&lt;b&gt;Oui" in page
    assert "06 39 98 12 34" in page
