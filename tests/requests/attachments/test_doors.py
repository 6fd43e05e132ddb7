"""Every way in gives a file the ending of its bytes, and no picture keeps where it was taken."""

import base64
import struct
import time
import zlib
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.clock import now
from portal.file_types import HEAD, FileType, recognise
from requests.attachments import file_names, metadata, responses, uploads
from requests.attachments.models import Attachment
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap, reader, whatsapp_content
from requests.letters import scans
from tests.factories import category, member
from tests.requests.attachments.pictures import PDF, heic, png_header, with_gps
from tests.requests.channels import mails as made

pytestmark = pytest.mark.long

BAT = "facture.bat"
GPS = (b"GPSMARK", b"Exif\0\0", b"xmpmeta", b"photoshop")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def saved_as(attachment) -> str:
    return responses.serve(attachment)["Content-Disposition"]


# One test for each door.


@pytest.mark.parametrize(("data", "name"), [(PDF, "facture.pdf"), (with_gps(), "facture.jpg")])
def test_the_web_form_names_a_file_by_its_bytes(landlord, data, name):
    kept, refusals = uploads.keep_all([upload(data, BAT)], session="s", channel="web", now=now())
    assert refusals == []
    assert kept[0].name == name
    assert f'"{name}"' in saved_as(kept[0])


def test_a_contractors_photo_is_named_by_its_bytes(landlord, make_claim):
    claim = make_claim()
    kept = uploads.keep(
        upload(with_gps(), "avant.exe"), claim=claim, channel="web", now=now(), photo=True
    )
    assert kept.name == "avant.jpg"
    with pytest.raises(uploads.Refused):
        uploads.keep(upload(PDF, BAT), claim=claim, channel="web", now=now(), photo=True)


def test_a_scan_is_named_by_its_bytes(landlord):
    agent = member(landlord["north"], "agent")
    found = uploads.check(upload(PDF, "courrier.js"))
    assert found.name == "courrier.pdf"
    blank = BytesIO()
    Image.new("RGB", (300, 400), "white").save(blank, "JPEG")
    scan, refusals = scans.receive(
        uploads=[upload(blank.getvalue(), "courrier.exe")],
        membership=agent,
        received_on=now().date(),
        now=now(),
    )
    assert refusals == []
    assert [file.name for file in scan.files.all()] == ["courrier.jpg"]


@pytest.fixture
def by_mail(landlord, clock, work):
    category("ADM-14", "A1", "crc")
    box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")

    def come(*files: tuple[str, bytes]) -> list[Attachment]:
        head = (
            'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="{}"'
        )
        parts = [made.part(head.format(name), data) for name, data in files]
        imap.store(box, made.parts(made.TEXT, *parts), clock())
        work()
        return list(Attachment.unscoped.all())

    return come


@pytest.mark.weakness("files as sent")
def test_mail_names_a_file_by_its_bytes_and_keeps_the_order(by_mail):
    sent = [
        (BAT, PDF),
        ("photo.exe", with_gps()),
        ("devis.pdf", b"MZ" + b"\0" * 100),
        ("script.pdf.js", b"var x = 1;\n"),
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("plan.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("Dr. Martin", PDF),
        ("etat.jpg", b"PK\x03\x04" + b"\0" * 30 + b"word/document.xml"),
    ]
    kept = by_mail(*sent)
    assert [row.name for row in kept] == [
        "facture.pdf",
        "photo.jpg",
        "devis.bin",
        "script.pdf.txt",
        "page.txt",
        "plan.txt",
        "Dr. Martin.pdf",
        "etat.docx",
    ]


def test_a_pdf_behind_other_bytes_is_made_anew_too(by_mail):
    (kept,) = by_mail(("etat.exe", b"<script>1</script>\r\n" + PDF))
    assert (kept.name, kept.content_type) == ("etat.pdf", "application/pdf")
    assert kept.file.read().startswith(b"%PDF-")


def test_twenty_photos_stay_in_the_order_of_the_mail(by_mail):
    names = [f"{letter}.dat" for letter in "qwertyuiopasdfghjklz"]
    kept = by_mail(*[(name, b"\0" + name.encode()) for name in names])
    assert [row.name for row in kept] == [name.replace(".dat", ".bin") for name in names]


def test_messaging_names_a_file_by_its_bytes(landlord, monkeypatch, clock, work):
    category("ADM-14", "A1", "crc")
    monkeypatch.setattr(whatsapp_content, "_fetch", lambda number: broken_jpeg())
    body = b"""{"message": {"from": "33639981234", "id": "w1", "type": "document", "document":
        {"id": "1", "filename": "facture.bat", "mime_type": "application/pdf"}}}"""
    intake = Intake.unscoped.create(
        channel="social", external_id="w1", raw=body, received_at=clock()
    )
    reader.work(key="x", now=clock(), intake_id=str(intake.pk))
    (kept,) = Attachment.unscoped.all()
    assert kept.name == "facture.jpg"
    stored = kept.file.read()
    assert not [mark for mark in GPS if mark in stored]


# Where it was taken.


def broken_jpeg() -> bytes:
    """A photo with its place, whose picture is cut off."""
    return with_gps()[:-400]


def segments(*rows: tuple[int, bytes]) -> bytes:
    return b"".join(b"\xff" + bytes([m]) + struct.pack(">H", len(d) + 2) + d for m, d in rows)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


EXIF = b"Exif\0\0II*\0" + b"GPSMARK" * 20
BROKEN = {
    "a jpeg cut off": broken_jpeg(),
    "a jpeg that is only its head": b"\xff\xd8" + segments((0xE1, EXIF)),
    "a jpeg with a second EXIF": b"\xff\xd8"
    + segments((0xE0, b"JFIF\0"), (0xE1, EXIF), (0xE1, EXIF)),
    "a jpeg with words of other programs": b"\xff\xd8"
    + segments((0xED, b"photoshop GPSMARK"), (0xFE, b"GPSMARK"), (0xE2, b"MPF GPSMARK")),
    "a jpeg whose EXIF says a wrong length": b"\xff\xd8\xff\xe1\x00\x04" + EXIF,
    "a jpeg with EXIF within another segment": b"\xff\xd8" + segments((0xDB, b"\0" * 10 + EXIF)),
    "a jpeg with something behind its end": b"\xff\xd8\xff\xd9" + EXIF,
    "a png with EXIF": png_header(8, 8)[:33] + chunk(b"eXIf", EXIF[6:]) + chunk(b"IDAT", b"x"),
    "a png with words": png_header(8, 8)[:33] + chunk(b"tEXt", b"Comment\0GPSMARK") + b"\0\0",
    "a webp with EXIF": b"RIFF\0\1\0\0WEBPVP8X\4\0\0\0abcdEXIF"
    + struct.pack("<I", len(EXIF))
    + EXIF,
    "a heic cut off": heic()[:40] + EXIF,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_picture_that_cannot_be_decoded_is_kept_without_its_place(by_mail, data):
    (kept,) = by_mail(("IMG_1.exe", data))
    assert (kept.width, kept.content_type) == (None, "application/octet-stream")
    served = b"".join(responses.serve(kept))
    assert not [mark for mark in GPS if mark in served]
    assert kept.name.rpartition(".")[2] in ("jpg", "png", "webp", "heic")


@pytest.mark.weakness("files as sent")
def test_a_photo_too_large_to_decode_loses_its_place_and_nothing_else(monkeypatch, by_mail):
    monkeypatch.setattr(uploads, "LARGEST", 500)
    (kept,) = by_mail(("grande.jpg", with_gps()))
    served = b"".join(responses.serve(kept))
    assert not [mark for mark in GPS if mark in served]
    picture = Image.open(BytesIO(served))
    picture.load()
    assert (picture.size, dict(picture.getexif())) == ((320, 200), {})


def test_a_sound_jpeg_stays_the_same_picture():
    out = BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(out, "JPEG", progressive=True)
    clean = metadata.strip(out.getvalue(), FileType.JPEG)
    assert Image.open(BytesIO(clean)).tobytes() == Image.open(BytesIO(out.getvalue())).tobytes()


HOSTILE = {
    "filling": b"\xff\xd8" + b"\xff" * 15_000_000,
    "restarts": b"\xff\xd8" + b"\xff\x01" * 7_000_000,
    "a scan of zeros": b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * 7_000_000,
    "marks of EXIF": b"\xff\xd8\xff\xdb\xff\xff" + b"Exif\0\0" * 2_000_000,
    "marks of XMP": b"\xff\xd8\xff\xdb\xff\xff" + b"<x:xmpmeta" * 1_500_000,
    "empty chunks": b"\x89PNG\r\n\x1a\n" + b"\0" * 15_000_000,
    "empty parts": b"RIFF\0\0\0\0WEBP" + b"VP8 \0\0\0\0" * 1_800_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_stripping_costs_bounded_time(data):
    begun = time.process_time()
    metadata.strip(data, recognise(data[:HEAD]))
    assert file_names.ending_of(data)
    assert time.process_time() - begun < 10  # far above what is needed, far below a hang


# What earlier releases kept.


@pytest.mark.parametrize(
    ("content_type", "name", "saved"),
    [
        ("application/pdf", "facture.bat", "facture.pdf"),
        ("application/octet-stream", "facture.bat", "facture.bat.bin"),
        ("application/octet-stream", "devis.docx", "devis.docx"),
        ("application/octet-stream", "sans", "sans.bin"),
    ],
)
def test_a_row_of_an_earlier_release_is_saved_under_a_harmless_name(db, content_type, name, saved):
    row = Attachment(session="s", kind="document", channel="email", name=name, size=1, at=now())
    row.content_type = content_type
    row.file.save("", ContentFile(b"x"), save=False)
    assert f'"{saved}"' in saved_as(row)


def test_no_ending_that_we_give_starts_a_program():
    programs = {
        ".bat",
        ".cmd",
        ".com",
        ".exe",
        ".html",
        ".js",
        ".lnk",
        ".msi",
        ".scr",
        ".svg",
        ".vbs",
    }
    assert not programs & file_names.ALL
    assert file_names.ending_of(made.mail()) == ".eml"
    assert file_names.ending_of(base64.b64decode("")) == ".bin"
    assert file_names.with_ending("x" * 300, ".pdf") == "x" * 116 + ".pdf"
