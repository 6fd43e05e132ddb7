"""What a PDF shows stays; what it does, and what it tells beside, is gone."""

import re
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader, PdfWriter

from portal.clock import now
from requests.attachments import inbound_files, uploads
from requests.attachments.models import Attachment
from tests.factories import leak
from tests.requests.attachments.pdfs import BOX, BROKEN, GPS, HOSTILE, PLAIN, noted, stream

pytestmark = pytest.mark.long

ACTS = [
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/SubmitForm",
    b"/EmbeddedFile",
    b"/AA",
    b"/OpenAction",
]


def sent(data: bytes) -> bytes:
    """What is kept of a PDF that a visitor sends, with all its streams unpacked behind it."""
    kept = uploads.keep(
        SimpleUploadedFile("devis.pdf", data), session="s", channel="web", now=now()
    )
    assert kept.name == "devis.pdf"
    stored = kept.file.read()
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", stored, re.DOTALL)
    for part in parts:
        try:
            stored += zlib.decompress(part)
        except zlib.error:
            continue
    return stored


def words(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.weakness("files as sent")
def test_what_acts_or_tells_is_gone_and_the_page_stays(db, name):
    stored = sent(HOSTILE[name])
    assert b"canary" not in stored
    assert b"GPS" not in stored
    assert not [word for word in ACTS if word in stored]
    assert "Fuite sous evier" in words(stored)


def test_the_pictures_of_a_pdf_lose_their_place_and_stay_pictures(db):
    assert GPS in zlib.decompress(
        re.search(rb"DCTDecode\] >>\nstream\n(.*?)\nendstream", PLAIN, re.DOTALL)[1]
    )
    kept = sent(PLAIN)
    assert b"Exif" not in kept
    picture = PdfReader(BytesIO(kept)).pages[0].images[0].image
    assert picture.size == (8, 8)
    assert picture.getpixel((4, 4))[0] > 250
    assert PdfReader(BytesIO(kept)).pages[0].mediabox.width == 300, "inherited sizes stay"


def test_filled_fields_notes_and_links_to_the_web_stay(db):
    look = {10: stream(b"0 0 10 10 re f", b"/Subtype /Form /BBox [0 0 80 30]")}
    kept = sent(
        noted(
            b"<< /Subtype /Widget /FT /Tx /T (nom) /V (Awa) %s /AP << /N 10 0 R >> >>" % BOX,
            b"<< /Subtype /Text %s /Contents (a lire) >>" % BOX,
            b"<< /Subtype /Link %s /A << /S /URI /URI (https://example.org/) >> >>" % BOX,
            more=look,
        )
    )
    notes = [note.get_object() for note in PdfReader(BytesIO(kept)).pages[0]["/Annots"]]
    assert [note["/Subtype"] for note in notes] == ["/Stamp", "/Text", "/Link"]
    assert notes[0]["/AP"]["/N"].get_object().get_data() == b"0 0 10 10 re f"
    assert notes[1]["/Contents"] == "a lire"
    assert notes[2]["/A"]["/URI"] == "https://example.org/"


def locked(password: str) -> bytes:
    writer, out = PdfWriter(clone_from=BytesIO(PLAIN)), BytesIO()
    writer.encrypt(password, "owner", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def test_one_that_opens_without_a_password_is_opened_and_another_is_not(db):
    assert "Fuite" in words(sent(locked("")))
    with pytest.raises(uploads.Refused, match="mot de passe"):
        sent(locked("secret"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_refused_on_the_web_and_opened_by_nothing_when_mailed(landlord, name):
    with pytest.raises(uploads.Refused, match="devis"):
        sent(BROKEN[name])
    assert not Attachment.unscoped.exists()
    kept = inbound_files.keep(
        inbound_files.clean("facture.pdf", BROKEN[name]),
        claim=leak(landlord, now()),
        message=None,
        channel="email",
        now=now(),
    )
    assert (kept.name, kept.content_type) == ("facture.bin", "application/octet-stream")
    assert kept.file.read() == BROKEN[name], "nothing that was sent is lost"


def test_the_same_file_sent_twice_is_the_same(db):
    assert sent(PLAIN) == sent(PLAIN)
