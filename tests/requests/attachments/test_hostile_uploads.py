"""Each hostile file through the real doors: nothing runs, nothing tells a place, little is used.

A tenant's form, a scan by staff, a mail. What is kept is fetched again by its page, as a browser
would; what cannot be kept costs neither the words nor an error.
"""

import io
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.clock import now
from portal.models import Throttle
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap, reader
from requests.letters.models import ScanFile
from tests import factories, trust
from tests.requests.attachments import hostile_files, pdfs
from tests.requests.channels import mails as made

pytestmark = [pytest.mark.trust, pytest.mark.long]
FILES = hostile_files.files()
# A short run takes one in nine, from another place for each door.
EACH = trust.size(9, 1)
MEGABYTES = 300
WORDS = "Voici ce que je voulais montrer."
BOUNDARY = "=-hostile-="
SAFE_TYPES = {"image/jpeg", "application/pdf", "application/octet-stream"}
PLACES = [b"47.2184", b"GPSMARK", b"xmpmeta x", *hostile_files.SECONDS]
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
# PDFs that our reader cannot open: refused by forms, kept to the byte and called .bin by mail
# (tests/requests/attachments/test_pdfs.py).
UNOPENED = {f"pdf that is {name}" for name in pdfs.BROKEN}
RANDOM = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{32}(\.\w+)?")
# Between the portal and the child, so that the peak is the child's own: a fork begins at its
# parent's size.
WATCH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdin=0)
with open(sys.argv[1], "a") as peaks:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=peaks)
sys.exit(done.returncode if done.returncode >= 0 else 99)
"""


def chosen(start: int) -> list[str]:
    return list(FILES)[start::EACH] if EACH > 1 else list(FILES)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def peaks(monkeypatch, tmp_path) -> Iterator[Path]:
    """Measure every process that opens a foreign file; none may grow beyond its limit."""
    kept, real = tmp_path / "peaks", subprocess.run

    def watched(command, **more):
        return real([sys.executable, "-I", "-c", WATCH, str(kept), *command], **more)

    monkeypatch.setattr(uploads.subprocess, "run", watched)
    yield kept
    used = [int(line) // 1024 for line in kept.read_text().split()] if kept.exists() else []
    assert max(used, default=0) <= MEGABYTES


@pytest.fixture(autouse=True)
def _nothing_runs():
    """Payloads would make these files, or climb out of their folder into them."""
    yield
    assert not glob(hostile_files.CANARY.format("*"))
    assert not glob("/etc/cron.d/trust-canary*")


@pytest.fixture
def claim(landlord) -> Claim:
    return factories.leak(landlord, now(), contact_email=made_for("awa"))


def made_for(name: str) -> str:
    return f"{name}@tenant.example"


def post(client: Client, url: str, field: str, name: str, data: bytes, **values: str):
    """Post a form with one file as a browser does; the name is sent as it is."""
    rows = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in values.items()
    ]
    said = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    head = f'Content-Disposition: form-data; name="{field}"; filename="{said}"'
    rows += [
        f"--{BOUNDARY}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode(),
        data,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return client.generic(
        "POST", url, b"".join(rows), content_type=f"multipart/form-data; boundary={BOUNDARY}"
    )


def check_bytes(data: bytes, what: str) -> None:
    """No place stands in it, in no stream of a PDF and in no directory of a picture."""
    if what in UNOPENED:
        return
    unpacked = [data]
    for part in STREAM.findall(data):
        try:
            unpacked.append(zlib.decompressobj().decompress(part, 1_000_000))
        except zlib.error:
            continue
    for part in unpacked:
        assert not [mark for mark in PLACES if mark in part], what
    try:
        told = dict(Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825))
    except Exception:  # no picture, or a broken one
        return
    assert not told, what


def check_served(client: Client, url: str, what: str) -> None:
    """Handed out as a download of a harmless type, which no browser runs or guesses."""
    answer = client.get(url)
    assert answer.status_code == 200, what
    head = answer.headers
    assert head["Content-Type"].partition(";")[0] in SAFE_TYPES, what
    assert head["Content-Disposition"].startswith("attachment"), what
    assert head["X-Content-Type-Options"] == "nosniff", what
    assert head["Content-Security-Policy"].startswith("sandbox"), what
    assert "\r" not in head["Content-Disposition"] + what
    check_bytes(b"".join(answer.streaming_content), what)


def check_kept(media: Path, what: str) -> None:
    """All that lies on the disk: random names, no place."""
    for path in media.rglob("*"):
        if path.is_file():
            assert re.fullmatch(
                r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{32}(\.\w+)?", str(path.relative_to(media))
            )
            check_bytes(path.read_bytes(), what)


def forget(media: Path) -> None:
    """Begin anew: without files, and with a sender who was not told to wait."""
    Throttle.objects.all().delete()
    for path in media.rglob("*"):
        if path.is_file():
            path.unlink()


def test_there_are_enough_files():
    assert len(FILES) >= 60
    told = [name for name, (_as, data) in FILES.items() if any(m in data for m in PLACES)]
    assert len(told) >= 12


def test_through_the_tenants_form(claim, media, client):
    kept = 0
    for what in chosen(0):
        name, data = FILES[what]
        url = reverse("follow_write", args=[claim.token])
        answer = post(client, url, "photos", name, data, text=WORDS)
        assert answer.status_code in (302, 422), what
        if answer.status_code == 422:
            assert WORDS in answer.content.decode(), what
            assert "<img src=x" not in answer.content.decode(), what
        for row in Attachment.unscoped.filter(claim=claim):
            check_served(client, reverse("follow_file", args=[claim.token, row.pk]), what)
            assert row.content_type in ("image/jpeg", "application/pdf"), what
            kept += 1
        check_kept(media, what)
        Attachment.unscoped.all().delete()
        forget(media)
    assert 0 < kept < len(chosen(0))


def test_through_a_scan(landlord, media, client):
    client.force_login(factories.member(landlord["north"], "agent").user)
    for what in chosen(3):
        name, data = FILES[what]
        answer = post(
            client, reverse("letters:scan"), "files", name, data, received_on="2026-11-24"
        )
        assert answer.status_code in (302, 422), what
        for row in ScanFile.unscoped.all():
            check_served(client, reverse("letters:original", args=[row.pk]), what)
        check_kept(media, what)
        ScanFile.unscoped.all().delete()
        forget(media)


def test_through_the_mail(landlord, media, client):
    factories.category("ADM-14", "A1", "crc")
    box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")
    client.force_login(factories.member(landlord["head"], "head_office").user)
    for number, what in enumerate(chosen(6)):
        name, data = FILES[what]
        head = "Content-Type: application/octet-stream\nContent-Disposition: attachment; "
        said = name.replace("\r", "").replace("\n", "").replace('"', "")
        raw = made.parts(
            made.TEXT,
            made.part(f'{head}filename="{said}"', data),
            sender=made_for(f"n{number}"),
            message_id=f"<{number}@t>",
        )
        intake, _new = imap.store(box, raw, now())
        reader.work(key="x", now=now(), intake_id=str(intake.pk))
        intake = Intake.unscoped.get(pk=intake.pk)
        assert (intake.state, bytes(intake.raw)) == ("parsed", raw), f"{what}: {intake.error}"
        rows = Attachment.unscoped.filter(claim=intake.claim)
        assert rows.count() == (1 if data or said else 0), what
        for row in rows:
            check_served(client, reverse("agency:file", args=[row.pk]), what)
        check_kept(media, what)
        forget(media)
