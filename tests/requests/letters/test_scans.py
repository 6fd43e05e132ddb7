"""Test letters received: scans split into letters, one intake each, hostile files refused."""

import io

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from requests.channels.models import Intake
from requests.inbound import letter, tray
from requests.inbound import reader as reading
from requests.letters import scans
from requests.letters.models import Scan, ScanPage
from tests.factories import member
from tests.requests.letters.scanned import file, written

pytestmark = pytest.mark.long


def photo(kind="JPEG", ink=True) -> bytes:
    """Return a scanned sheet, with lines of ink or blank."""
    image = Image.new("RGB", (620, 877), (250, 249, 246))
    if ink:
        draw = ImageDraw.Draw(image)
        for line in range(20):
            draw.rectangle((80, 100 + line * 30, 500, 110 + line * 30), fill=(20, 20, 60))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def scanned(*sheets: bytes) -> bytes:
    """Return a PDF like a scanner's: one image per page."""
    images = [Image.open(io.BytesIO(sheet)) for sheet in sheets]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:])
    return out.getvalue()


@pytest.fixture
def receive(sonia, clock):
    def receive(*files):
        return scans.receive(
            uploads=files, membership=sonia, received_on=clock().date(), now=clock()
        )

    return receive


def texts_of(intake) -> list[str]:
    return [p.extract_text().strip() for p in PdfReader(io.BytesIO(bytes(intake.raw))).pages]


def test_a_batch_of_letters_is_parted_ordered_and_loses_its_blank_pages(receive, clock):
    scan, refusals = receive(file(written("Un", "", "Deux a", "Deux c", "Deux b")))
    assert refusals == []
    pages = list(scan.pages.all())
    assert [page.blank for page in pages] == [False, True, False, False, False]
    order = [1, 2, 3, 5, 4]
    wanted = {
        page.pk: (place, page.words in ("Un", "Deux a"), page.left_out)
        for page, place in zip(pages, order, strict=True)
    }
    scans.arrange(scan=scan, wanted=wanted)
    made = scans.split(scan=scan, now=clock())
    assert [texts_of(intake) for intake in made] == [["Un"], ["Deux a", "Deux b", "Deux c"]]
    assert {intake.channel for intake in made} == {"letter"}
    assert {intake.state for intake in made} == {"failed"}
    with pytest.raises(scans.NotPossible):
        scans.split(scan=scan, now=clock())
    with pytest.raises(scans.NotPossible):
        scans.arrange(scan=scan, wanted=wanted)
    assert Intake.unscoped.filter(channel="letter").count() == 2


def test_pictures_and_pdfs_together_keep_their_pages_and_get_thumbnails(receive, clock):
    pdf = scanned(photo(), photo(ink=False))
    scan, _refusals = receive(file(pdf), file(photo("PNG"), "page.png"))
    first, second = scan.files.all()
    kept = PdfReader(first.file)
    assert [page.images[0].data for page in kept.pages] == [
        page.images[0].data for page in PdfReader(io.BytesIO(pdf)).pages
    ]
    assert second.content_type == "image/jpeg"
    pages = list(scan.pages.all())
    assert [page.blank for page in pages] == [False, True, False]
    for page in pages:
        assert max(Image.open(page.thumb).size) <= 360
    made = scans.split(scan=scan, now=clock())
    assert [len(texts_of(intake)) for intake in made] == [1, 1]
    box = PdfReader(io.BytesIO(bytes(made[1].raw))).pages[0].mediabox
    assert box.width == pytest.approx(595, abs=3)


def test_the_day_given_by_hand_is_the_day_it_was_received(sonia, clock):
    day = clock().date().replace(day=20)
    scan, _refusals = scans.receive(
        uploads=[file(written("Bonjour"))], membership=sonia, received_on=day, now=clock()
    )
    (intake,) = scans.split(scan=scan, now=clock())
    assert intake.received_at.date() == day
    assert "20 novembre 2026" in intake.text


def test_a_letter_joins_its_claim_once(receive, clock, sonia, claim):
    spoken = claim.spoken_reference
    scan, _refusals = receive(file(written(f"Ma demande {spoken} attend.")))
    (intake,) = scans.split(scan=scan, now=clock())
    assert scans.claims_on_pages(intake, sonia) == [claim]
    reply = letter.read(intake)
    for expected in (True, False):
        done = tray.attach(intake=intake, reply=reply, claim=claim, now=clock(), by=sonia.user)
        assert done is expected
    kept = claim.attachments.get(message__channel="letter")
    assert kept.content_type == "application/pdf"
    assert claim.messages.filter(direction="in", channel="letter").count() == 1


def test_a_letter_in_the_tray_is_never_read_by_a_machine(receive, clock, sonia, work):
    scan, _refusals = receive(file(written("Bonjour")))
    (intake,) = scans.split(scan=scan, now=clock())
    assert tray.replay(intake=intake, now=clock(), by=sonia.user)
    intake.refresh_from_db()
    reading.work(key=f"{intake.pk}:1", intake_id=str(intake.pk), now=clock())
    intake.refresh_from_db()
    assert (intake.state, intake.claim) == ("failed", None)


def test_the_same_file_sent_twice_is_kept_once(receive):
    data = written("Bonjour")
    assert receive(file(data))[0]
    scan, refusals = receive(file(data), file(data, "again.pdf"))
    assert scan is None
    assert len(refusals) == 2
    assert Scan.unscoped.count() == 1


def locked() -> bytes:
    writer = PdfWriter(io.BytesIO(written("secret")))
    writer.encrypt("secret", algorithm="RC4-128")
    return saved(writer)


def saved(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_script() -> bytes:
    writer = PdfWriter(io.BytesIO(written("script")))
    action = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )
    writer.root_object[NameObject("/OpenAction")] = action
    return saved(writer)


def with_attachment() -> bytes:
    writer = PdfWriter(io.BytesIO(written("attachment")))
    writer.add_attachment("evil.exe", b"MZ")
    return saved(writer)


def endless() -> bytes:
    writer = PdfWriter()
    for _number in range(2000):
        writer.add_blank_page(595, 842)
    return saved(writer)


HOSTILE = {
    "locked": (locked, "mot de passe|password"),
    "thousands of pages": (endless, "120"),
    "broken": (lambda: written("x")[:400] + b"\n%%EOF", "ouvrir|open"),
    "only a head": (lambda: b"%PDF-1.7\n%%EOF", "ouvrir|open"),
    "no end": (lambda: written("x")[:-40], "ouvrir|open"),
    "a program": (lambda: b"MZ\x90\0" + b"\0" * 500, "PDF"),
    "empty": (lambda: b"", "vide|empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_reason_and_cost_no_other_file(name, receive):
    make, why = HOSTILE[name]
    honest = written(f"Honest beside {name}")
    scan, refusals = receive(file(make(), "bad.pdf"), file(honest))
    (said,) = refusals
    assert "bad.pdf" in said
    assert any(word in said for word in why.split("|")), said
    assert scan.pages.count() == 1


@pytest.mark.parametrize(
    ("make", "hidden"), [(with_script, b"alert"), (with_attachment, b"/EmbeddedFile")]
)
def test_what_a_pdf_hides_is_not_kept(make, hidden, receive):
    assert hidden in make()
    scan, refusals = receive(file(make(), "bad.pdf"))
    assert refusals == []
    assert hidden not in scan.files.get().file.read()
    assert scan.pages.count() == 1


def test_what_is_handed_on_holds_no_link(receive, clock):
    scan, refusals = receive(file(written("<a href='https://evil.example'>ici</a>")))
    assert refusals == []
    (intake,) = scans.split(scan=scan, now=clock())
    assert b"evil.example" not in bytes(intake.raw)


def test_the_scans_of_another_agency_are_absent(receive, landlord):
    scan, _refusals = receive(file(written("Bonjour")))
    paul = member(landlord["south"], "agent")
    assert not scans.visible_scans(paul).exists()
    assert ScanPage.unscoped.filter(scan=scan).exists()
