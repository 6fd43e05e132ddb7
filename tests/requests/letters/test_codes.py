"""The code on each page of our letters: printed, scanned back, and read whatever happened."""

import io
import random

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from pypdf import PdfReader

from requests.channels import marks, reasons
from requests.channels.mailbox_models import Mailbox
from requests.inbound import imap
from requests.letters import actions as letters
from requests.letters import scans
from requests.letters.models import Letter, LetterBatch
from tests.factories import category, member
from tests.requests.channels import mails as made
from tests.requests.letters.scanned import file

pytestmark = pytest.mark.long

A4 = (1654, 2339)  # 200 dots an inch


@pytest.fixture(autouse=True)
def at(monkeypatch, clock):
    for name in ("letters.views", "letters.scan_views"):
        monkeypatch.setattr(f"requests.{name}.now", clock)
    monkeypatch.setattr("django.utils.timezone.now", clock)


@pytest.fixture
def post(clock, work, sonia):
    """Print and post what waits; return the letters."""

    def post(registered=""):
        rows = list(letters.waiting_deliveries(sonia, clock()))
        keys = {row.pk for row in rows}
        batch = letters.make_batch(
            membership=sonia, picked=keys, registered=keys if registered else set(), now=clock()
        )
        work()
        letters.mark_printed(batch=batch, now=clock())
        made = list(LetterBatch.objects.get(pk=batch.pk).letters.all())
        numbers = {row.pk: registered for row in made if row.registered}
        letters.mark_posted(batch=batch, on=clock().date(), numbers=numbers, now=clock())
        return list(Letter.unscoped.filter(batch=batch))

    return post


@pytest.fixture
def receive(sonia, clock):
    def receive(*files):
        return scans.receive(
            uploads=files, membership=sonia, received_on=clock().date(), now=clock()
        )[0]

    return receive


def sheets(letter: Letter, dots: int = 200) -> list[Image.Image]:
    """Return the pages of a letter as a scanner sees them."""
    with pypdfium2.PdfDocument(letters.content(letter)) as document:
        return [page.render(scale=dots / 72, grayscale=True).to_pil() for page in document]


def worn(sheet: Image.Image, degrees: float = 0, noise: int = 0, blur: float = 0) -> Image.Image:
    """Return a sheet that lay askew on a scanner which is not quite sharp, among specks."""
    sheet = sheet.rotate(degrees, expand=True, fillcolor=245, resample=Image.Resampling.BICUBIC)
    sheet = sheet.filter(ImageFilter.GaussianBlur(blur))
    chance, pen = random.Random(5), ImageDraw.Draw(sheet)
    for _speck in range(noise):
        x, y = chance.randrange(sheet.width), chance.randrange(sheet.height)
        pen.ellipse((x, y, x + 3, y + 3), fill=chance.randrange(256))
    return sheet


def scanned(*found: Image.Image, quality: int = 60) -> bytes:
    out = io.BytesIO()
    first, *others = found
    first.save(out, "PDF", save_all=True, append_images=others, quality=quality)
    return out.getvalue()


def blank(text: str = "") -> Image.Image:
    sheet = Image.new("L", A4, 245)
    ImageDraw.Draw(sheet).text((200, 300), text or "Bonjour", fill=20, font_size=60)
    return sheet


def test_returned_letters_are_known_by_their_code_however_they_were_scanned(
    claim, send, post, receive
):
    send(claim)
    (letter,) = post()
    sheet = sheets(letter)[0]
    rough = [
        worn(sheet, 180),
        worn(sheet, 90, noise=3_000),
        worn(sheet, 7.5, noise=1_500, blur=1.2),
        worn(sheets(letter, 150)[0], -3, blur=0.8),
    ]
    photo = io.BytesIO()
    worn(sheets(letter, 300)[0], 4, noise=2_000, blur=1).save(photo, "JPEG", quality=55)
    scan = receive(file(scanned(*rough)), file(photo.getvalue(), "photo.jpg"))
    assert [page.letter for page in scan.pages.all()] == [letter] * 5


def test_a_pile_is_parted_at_the_codes_and_what_has_none_waits_with_the_reason(
    claim, make_claim, send, post, receive, clock, sonia
):
    send(claim)
    (first,) = post()
    send(claim, "Le plombier est malade.")
    (second,) = post()
    pile = scanned(sheets(first)[0], blank("Signé"), sheets(second)[0])
    spoilt = worn(sheets(first)[0].resize((300, 424)), blur=3)
    scan = receive(file(pile), file(scanned(spoilt), "spoilt.pdf"))
    pages = list(scan.pages.all())
    assert [page.begins for page in pages] == [True, False, True, True]
    assert [page.letter for page in pages] == [first, None, second, None]
    made = scans.split(scan=scan, now=clock())
    assert [scans.letter_on_pages(intake, sonia) for intake in made] == [first, second, None]
    known, _other, unknown = (intake.error for intake in made)
    assert claim.spoken_reference in known
    assert "letter_no_code" in unknown
    assert {intake.state for intake in made} == {"failed"}


@pytest.mark.django_db
def test_only_a_code_that_we_signed_names_a_letter(claim, send, post):
    send(claim)
    (letter,) = post()
    code = marks.printed_code(letter.delivery_id)
    assert scans.letter_of_codes(["https://x.example", code]) == letter
    forged = code[:-1] + ("A" if code[-1] != "A" else "B")
    other = code[:2] + code[2:28].swapcase() + code[28:]
    for wrong in (forged, other, code + "A", "P.1.2", "", "1A12345678901"):
        assert scans.letter_of_codes([wrong]) is None


def test_the_code_stands_on_each_page_away_from_the_window(claim, send, post):
    send(claim, "Une phrase qui en remplit des pages. " * 150)
    (letter,) = post()
    pages = sheets(letter)
    assert len(pages) > 1
    for page in pages:
        found = zxingcpp.read_barcodes(page, formats=zxingcpp.QRCode)
        ours = [c for c in found if marks.printed_delivery(c.text) == letter.delivery_id]
        down = ours[0].position.top_left.y / page.height * 297
        assert len(ours) == 1
        assert 270 < down < 285
    assert len(PdfReader(io.BytesIO(letters.content(letter))).pages) == len(pages)


def test_what_came_back_is_written_down_from_its_scan(
    client, claim, send, post, receive, clock, sonia
):
    send(claim)
    (letter,) = post("1A12345678901")
    slip = blank("Avis de réception")
    bars = zxingcpp.create_barcode("1A 123 456 7890 1", zxingcpp.Code128).to_image(scale=3)
    slip.paste(Image.fromarray(bars), (300, 600))
    scan = receive(file(scanned(slip)), file(scanned(sheets(letter)[0]), "letter.pdf"))
    first, second = scans.split(scan=scan, now=clock())
    client.force_login(sonia.user)
    page = client.get(f"/agency/letters/in/letter/{first.pk}/")
    assert page.context["ours"] == letter
    assert "1A12345678901" in page.content.decode()
    late = {"scan": first.pk, "on": "2026-11-25"}
    refused = client.post(f"/agency/letters/{letter.pk}/received/", late)
    assert refused.status_code == 422
    assert f'name="scan" value="{first.pk}"' in refused.content.decode()
    done = client.post(f"/agency/letters/{letter.pk}/received/", late | {"on": "2026-11-24"})
    assert done.url == f"/agency/letters/in/letter/{second.pk}/"
    letter.refresh_from_db()
    first.refresh_from_db()
    assert (letter.state, first.state) == ("received", "discarded")
    assert reasons.read(first.error)[0].coded
    # The signed answer joins the conversation.
    page = client.get(done.url)
    assert not page.context["on_its_way"]
    client.post(f"{done.url}attach/", {"claim": claim.pk})
    assert claim.messages.filter(direction="in", channel="letter").count() == 1


def test_a_desk_that_may_not_see_the_request_is_not_shown_the_letter(
    client, landlord, claim, send, post, receive, clock, sonia
):
    send(claim)
    (letter,) = post()
    (intake,) = scans.split(scan=receive(file(scanned(sheets(letter)[0]))), now=clock())
    assert scans.letter_on_pages(intake, sonia) == letter
    assert scans.letter_on_pages(intake, member(landlord["south"], "agent")) is None


def photo(letter: Letter) -> bytes:
    """Return a photo of a letter on a table, as a telephone makes it."""
    table = Image.new("L", (2400, 3200), 90)
    table.paste(sheets(letter, 190)[0].resize((2050, 2899)), (180, 150))
    out = io.BytesIO()
    worn(table, 2.5, noise=800, blur=1.2).save(out, "JPEG", quality=75)
    return out.getvalue()


@pytest.fixture
def mailed(landlord, clock, work):
    """Return a function by which a stranger mails files; it returns the intake once read."""
    category("ADM-14", "A1", "crc")
    box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")

    def mailed(*files: tuple[str, bytes], sender="Eve <eve@other.example>"):
        rows = [made.part(f"Content-Type: {kind}; name=x", data) for kind, data in files]
        raw = made.parts(made.TEXT, *rows, sender=sender, message_id=None, subject="Votre lettre")
        intake, _new = imap.store(box, raw, clock())
        work()
        intake.refresh_from_db()
        return intake

    return mailed


@pytest.mark.parametrize("kind", ["image/jpeg", "application/pdf"])
def test_a_photo_of_a_letter_that_is_mailed_joins_its_request_and_proves_nobody(
    claim, send, post, mailed, kind
):
    send(claim)
    (letter,) = post()
    data = photo(letter) if kind == "image/jpeg" else scanned(sheets(letter)[0])
    state = claim.state
    intake = mailed((kind, data))
    claim.refresh_from_db()
    assert (intake.claim, intake.state) == (claim, "parsed")
    assert (intake.belongs, intake.verified, intake.proof) == (False, False, "mark")
    assert claim.state == state
    notes = claim.messages.filter(direction="note").values_list("text", flat=True)
    assert any("eve@other.example" in note for note in notes)
    assert claim.messages.get(direction="in", channel="email").attachments.count() == 1
    assert claim.tenant.contact_points.filter(value="eve@other.example").count() == 0


def test_a_code_of_no_posted_letter_or_of_two_requests_brings_nothing_together(
    claim, make_claim, send, post, mailed, work, monkeypatch
):
    other = make_claim(
        tenant=str(claim.tenant_id), channel="letter", contact_email="", contact_name=""
    )
    work()
    send(claim)
    send(other)
    letters_ = post()
    both = ("application/pdf", scanned(*(sheets(letter)[0] for letter in letters_)))
    apart = {claim, other, None}
    assert mailed(both).claim not in apart
    one = ("application/pdf", scanned(sheets(letters_[0])[0], blank()))
    Letter.unscoped.filter(pk=letters_[0].pk).update(posted_on=None)  # nobody but us holds it
    assert mailed(one).claim not in apart
    monkeypatch.setattr(marks, "printed_delivery", lambda code: None)  # another landlord's key
    assert mailed(both).claim not in apart
