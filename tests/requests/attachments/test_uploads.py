"""Hostile and honest files: what is kept is clean, what is refused says why, nothing else runs."""

import os
import struct
import subprocess
import sys
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests.attachments import decoder as _decode
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.filing.actions import Filing, file_claim
from tests.requests.attachments.pictures import GPS, HOSTILE, SVG, heic, picture, with_gps

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


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
