"""Hostile and honest files: what is kept is clean, what is refused says why, nothing else runs."""

import os
import struct
import subprocess
import sys
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests.attachments import decoder as _decode
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.filing.actions import Filing, file_claim
from tests.requests.attachments import pdfs

GPS = b"GPSMARK"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(kind="JPEG", size=(320, 200), mode="RGB", **options) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 120 if mode in {"L", "P"} else None).save(out, kind, **options)
    return out.getvalue()


def noise(kind: str) -> bytes:
    out = BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(out, kind)
    return out.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 13.0, 5.0), 3: "W", 4: (1.0, 33.0, 10.0)})
    return picture(
        exif=exif.tobytes(),
        comment=GPS,
        xmp=b"<x:xmpmeta>" + GPS + b"</x:xmpmeta>",
        icc_profile=b"\0" * 128 + GPS,
    )


def heic() -> bytes:
    out = BytesIO()
    source = Image.new("RGB", (64, 48), "red")
    pillow_heif.from_pillow(source).save(out, quality=50, exif=b"Exif\0\0" + GPS)
    return out.getvalue()


def png_header(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", ihdr)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    body = b"Comment\0\0" + zlib.compress(b"A" * 80_000_000, 9)
    made = png_header(8, 8, b"\0" * 200)
    chunk = (
        struct.pack(">I", len(body))
        + b"zTXt"
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    )
    return made[:33] + chunk + made[33:]


PDF = pdfs.PLAIN
HOSTILE = {
    "svg": SVG,
    "svg called jpg": SVG,
    "svg behind an xml head": b'<?xml version="1.0"?>' + SVG,
    "html": b"<html><script>alert(1)</script></html>",
    "html behind a gif head": b"GIF89a/*<script>*/",
    "gif": picture("GIF", mode="P"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "icon": picture("ICO"),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "windows program": b"MZ" + b"\0" * 100,
    "elf program": b"\x7fELF" + b"\0" * 100,
    "shell script": b"#!/bin/sh\nrm -rf /\n",
    "php": b"<?php system($_GET['c']); ?>",
    "avif brand": b"\0\0\0\x1cftypavif" + b"\0" * 60,
    "mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 60,
    "jpeg head only": b"\xff\xd8\xff",
    "jpeg head, then svg": b"\xff\xd8\xff\xe0" + SVG,
    "jpeg cut in the middle": picture(size=(900, 900), quality=95)[:4000],
    "jpeg of zeros": b"\xff\xd8\xff\xe0" + b"\0" * 5000,
    "png head only": b"\x89PNG\r\n\x1a\n",
    "png cut in the middle": picture("PNG")[:60],
    "png of 60000 × 60000": png_header(60000, 60000),
    "png of 2³¹ pixels a side": png_header(2**31 - 1, 2**31 - 1),
    "png of 41 megapixels": png_header(8200, 5001),
    "png without pixels": png_header(0, 0),
    "png whose text unpacks to 80 MB": text_bomb(),
    "png with a broken checksum": picture("PNG").replace(b"IDAT", b"IDAU"),
    "webp head only": b"RIFF\x10\0\0\0WEBPVP8 ",
    "webp cut in the middle": noise("WEBP")[:2000],
    "riff that is sound": b"RIFF\x10\0\0\0WAVEfmt ",
    "heic head only": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "heic cut in the middle": heic()[:200],
    "pdf without an end": b"%PDF-1.4\n1 0 obj\n",
    "pdf head after a script": b"<script>1</script>" + PDF,
    "nothing at all": b"",
}


def send(data: bytes, name: str = "photo.jpg", session: str = "s"):
    upload = SimpleUploadedFile(name, data, content_type="image/jpeg")
    return uploads.keep(upload, session=session, channel="web", now=now())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_name_and_leaves_nothing(db, media, name):
    with pytest.raises(uploads.Refused, match="vacances"):
        send(HOSTILE[name], name="../../vacances.jpg")
    assert not Attachment.unscoped.exists()
    assert not [p for p in media.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    "data",
    [
        picture(),
        picture(size=(4000, 3000)),
        picture(mode="L"),
        picture(mode="CMYK"),
        picture("PNG", mode="RGBA"),
        picture("PNG", mode="P"),
        picture("PNG", mode="I;16"),
        picture("PNG", mode="LA"),
        picture("WEBP"),
        heic(),
        with_gps(),
        picture() + SVG,
        picture() + b"PK\x03\x04 a zip that follows",
        picture("PNG") + b"<?php echo 1; ?>",
    ],
)
def test_an_honest_or_mixed_picture_becomes_a_small_clean_jpeg(db, data):
    kept = send(data)
    stored = kept.file.read()
    again = Image.open(BytesIO(stored))
    assert again.format == "JPEG"
    assert max(again.size) <= 1600
    assert (kept.width, kept.height) == again.size
    assert not again.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(again.info)
    for trace in (GPS, b"Exif", b"<svg", b"<?php", b"PK\x03\x04", b"xmpmeta"):
        assert trace not in stored


def test_the_picture_is_turned_upright(db):
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = send(picture(size=(300, 100), exif=exif.tobytes()))
    assert (kept.width, kept.height) == (100, 300)


def test_a_file_over_twelve_megabytes_is_refused(db):
    with pytest.raises(uploads.Refused, match="12"):
        send(b"\xff\xd8\xff" + b"\0" * uploads.LARGEST)


def test_nothing_a_person_typed_names_the_stored_file(db, media):
    kept = send(picture(), name="../../etc/passwd\x00.jpg")
    assert Path(kept.file.path).is_relative_to(media)
    assert "passwd" not in kept.file.name
    assert "/" not in kept.name


def test_the_decoder_has_hard_limits_and_stays_small():
    """The largest picture allowed, through the real process, measured by the kernel."""
    rows = zlib.compressobj(1)
    line = b"\0" + b"\x40" * (8000 * 3)
    packed = b"".join(rows.compress(line) for _ in range(5000)) + rows.flush()

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 8000, 5000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )
    # Asked of a small parent: a child's high-water mark begins at its parent's size.
    watch = (
        "import resource, subprocess, sys; "
        "done = subprocess.run(sys.argv[1:], stdin=0, stdout=subprocess.DEVNULL); "
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss; "
        "print(done.returncode, peak)"
    )
    decoder = [sys.executable, "-I", _decode.__file__, "PNG"]
    told = subprocess.run(
        [sys.executable, "-I", "-c", watch, *decoder], input=data, capture_output=True, check=True
    )
    code, peak = map(int, told.stdout.split())
    assert code == 0
    assert peak < 300 * 1024


def test_one_bad_file_never_costs_the_others(db):
    files = [
        SimpleUploadedFile("bon.jpg", picture()),
        SimpleUploadedFile("mauvais.svg", SVG),
        SimpleUploadedFile("aussi bon.png", picture("PNG", size=(9, 9))),
        SimpleUploadedFile("encore bon.jpg", picture()),
    ]
    kept, refusals = uploads.keep_all(files, session="s", channel="web", now=now())
    assert [k.name for k in kept] == ["bon.jpg", "aussi bon.jpg"]  # the double is one
    assert len(refusals) == 1
    assert "mauvais.svg" in refusals[0]
    assert uploads.drafts("s", now()).count() == 2


def test_a_seventh_file_is_refused(db):
    files = [SimpleUploadedFile(f"{i}.jpg", picture(size=(10 + i, 10))) for i in range(7)]
    kept, refusals = uploads.keep_all(files, session="s", channel="web", now=now())
    assert len(kept) == 6
    assert "6.jpg" in refusals[0]


def test_drafts_join_the_claim_that_their_session_files_and_no_other(landlord):
    moment = now()
    mine, foreign = send(picture()), send(picture(size=(5, 5)), session="other")
    claim = file_claim(
        Filing(channel="web", key="k", category="PLO-03", words="ça coule", session="s"),
        actor=Actor.TENANT,
        now=moment,
    )
    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert (mine.claim, mine.session) == (claim, "")
    assert mine.message == claim.messages.get()
    assert foreign.claim is None


def test_drafts_expire_after_an_hour_and_are_forgotten(landlord):
    old = send(picture())
    Attachment.unscoped.update(at=now() - timedelta(minutes=61))
    claim = file_claim(
        Filing(channel="web", key="k", category="PLO-03", session="s"),
        actor=Actor.TENANT,
        now=now(),
    )
    assert not claim.attachments.exists()
    uploads.purge(now())
    assert not Attachment.unscoped.exists()
    assert not os.path.exists(old.file.path)


def test_only_the_session_itself_removes_its_draft(db):
    kept = send(picture())
    uploads.remove(session="other", attachment=str(kept.pk), now=now())
    assert Attachment.unscoped.exists()
    uploads.remove(session="s", attachment=str(kept.pk), now=now())
    assert not Attachment.unscoped.exists()


def test_drafts_of_all_strangers_together_are_bounded(db, monkeypatch):
    monkeypatch.setattr(uploads, "ALL_DRAFTS", 100)
    with pytest.raises(uploads.Refused):
        send(picture())
