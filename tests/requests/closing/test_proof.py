"""Test that the dossier holds only what the tenant may read, and that its hash can be checked."""

import hashlib
import re
from io import BytesIO

from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from agencies.models import Landlord
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.closing import dossier
from requests.closing.models import Proof
from requests.closing.proof import is_intact, make_proof
from requests.conversation import actions as conversation
from requests.work_orders.actions import advance_order
from tests.requests.fixtures.visits import visit


def test_the_content_has_events_messages_and_promises_but_no_note(order, claim):
    conversation.write(
        claim=claim,
        text="Note interne",
        direction="note",
        channel="web",
        actor=Actor.SYSTEM,
        now=now(),
    )
    visit(order)
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    claim.refresh_from_db()
    content = dossier.build(claim, now=now())
    text = str(content)
    assert "Ça coule" in text
    for secret in ("Note interne", "Traoré", "0612345678", "12B4", "awa@example.test"):
        assert secret not in text
    names = [e["name"] for e in content["events"]]
    assert names[0] == Event.FILED
    assert {Event.PLAN, Event.REPORT_DONE} <= set(names)
    assert {(p["kind"], p["verdict"]) for p in content["promises"]} >= {
        ("visit", "kept"),
        ("acknowledgement", "kept"),
        ("resolution", "kept"),
    }


def test_a_broken_promise_is_said(claim):
    late = dossier.build(claim, now=claim.promise_at.replace(year=claim.promise_at.year + 1))
    assert {p["verdict"] for p in late["promises"]} == {"not_kept"}
    assert {p["verdict"] for p in dossier.build(claim, now=now())["promises"]} == {"to_come"}


def test_the_hash_sees_every_change(claim):
    at = now()
    content = dossier.build(claim, now=at)
    assert dossier.digest(content) == dossier.digest(dossier.build(claim, now=at))
    proof = make_proof(claim=claim, now=at)
    proof.refresh_from_db()
    assert is_intact(proof)
    proof.content["events"][0]["at"] = "2020-01-01T00:00:00+00:00"
    assert not is_intact(proof)


def test_download_and_check(client, claim):
    page = reverse("dossier", args=[claim.token])
    assert client.get(page).status_code == 200
    assert not Proof.unscoped.exists()
    answer = client.post(page)
    assert answer.content.startswith(b"%PDF")
    proof = Proof.unscoped.get()
    check = client.get(reverse("proof_check", args=[proof.sha256]))
    assert check.status_code == 200
    assert "coule" not in check.content.decode()
    assert client.get(reverse("proof_check", args=["0" * 64])).status_code == 404
    Proof.unscoped.update(content={})
    altered = client.get(reverse("proof_check", args=[proof.sha256]))
    assert not altered.context["intact"]
    assert client.post(reverse("dossier", args=["nothing"])).status_code == 404


def test_paper_and_mail_never_say_today(settings):
    folder = settings.BASE_DIR / "templates" / "requests"
    kept = [*folder.glob("*/*_pdf.html"), *folder.glob("*/*.txt")]
    kept.append(folder / "tenant_pages" / "my" / "letter.html")
    assert len(kept) >= 10
    for path in kept:
        # These filters write "tomorrow", which is wrong when the paper is read later.
        assert not re.search(r"\|(moment|day)\b", path.read_text()), path


def test_the_paper_shows_who_where_what_was_promised_and_the_photos(
    client, claim, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    Landlord.objects.create(
        name="Valmer Habitat", phone="02 40 00 00 00", address="1 quai de la Sarle"
    )
    photo = BytesIO()
    Image.new("RGB", (1600, 1200), "red").save(photo, "JPEG")
    note = Message.objects.create(claim=claim, text="x", direction="note", channel="web", at=now())
    for name, message in (("fuite.jpg", None), ("interne.jpg", note)):
        file = Attachment(
            claim=claim,
            message=message,
            kind="photo",
            channel="web",
            name=name,
            content_type="image/jpeg",
            size=len(photo.getvalue()),
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            at=now(),
        )
        file.file.save("x", ContentFile(photo.getvalue()), save=False)
        file.save()
    content = dossier.build(claim, now=now())
    assert content["landlord"] == "Valmer Habitat"
    assert [p["name"] for p in content["photos"]] == ["fuite.jpg"]
    assert all(p["made"] for p in content["promises"] if p["kind"] != "visit")
    assert len(content["promises"]) >= claim.promises.count()
    paper = PdfReader(BytesIO(client.post(reverse("dossier", args=[claim.token])).content))
    text = "\n".join(page.extract_text() for page in paper.pages)
    for part in ("Valmer Habitat", "1 quai de la Sarle", str(claim.residence), "fuite.jpg"):
        assert part in text
    assert f"1 / {len(paper.pages)}" in text
    assert len({image.data for page in paper.pages for image in page.images}) == 1
