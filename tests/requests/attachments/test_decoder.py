"""What a picture costs to open, measured by the kernel, and how many are opened at once."""

import io
import subprocess
import sys
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from requests.attachments import decoder, uploads

pytestmark = pytest.mark.long

WATCH = (
    "import resource, subprocess, sys; "
    "done = subprocess.run(sys.argv[1:], stdin=0, stdout=subprocess.DEVNULL); "
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss; "
    "print(done.returncode, peak)"
)


def encoded(kind: str, mode: str, size: tuple[int, int], **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def deep_png(width: int, height: int) -> bytes:
    """Sixteen bits a channel, with transparency: eight bytes a point."""
    import struct
    import zlib

    rows = zlib.compressobj(1)
    line = b"\0" * (1 + width * 8)
    packed = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def measured(data: bytes, kind: str) -> tuple[int, int]:
    """Exit status and peak in kilobytes, asked of a small parent: a child begins at its size."""
    child = [sys.executable, "-I", decoder.__file__, kind]
    told = subprocess.run(
        [sys.executable, "-I", "-c", WATCH, *child], input=data, capture_output=True, check=True
    )
    code, peak = map(int, told.stdout.split())
    return code, peak


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("WEBP", lambda: encoded("WEBP", "RGB", (4300, 3200), method=0)),
        ("WEBP", lambda: encoded("WEBP", "RGBA", (4300, 3200), lossless=True, method=0)),
        ("PNG", lambda: deep_png(4300, 3200)),
        ("PNG", lambda: encoded("PNG", "1", (4300, 3200))),
        ("JPEG", lambda: encoded("JPEG", "RGB", (8000, 5000), progressive=True)),
    ],
)
@pytest.mark.weakness("memory of pictures")
def test_the_largest_pictures_stay_under_300_megabytes(kind, data):
    code, peak = measured(data(), kind)
    assert code in (0, decoder.UNREADABLE)
    assert peak < 300 * 1024


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("WEBP", lambda: encoded("WEBP", "RGB", (7800, 5000), method=0)),
        ("PNG", lambda: deep_png(7800, 5000)),
        ("PNG", lambda: encoded("PNG", "1", (7800, 5000))),
        ("PNG", lambda: encoded("PNG", "L", (1, 400_000))),
    ],
)
def test_floods_of_points_are_refused_before_they_are_unpacked(kind, data):
    code, peak = measured(data(), kind)
    assert code == decoder.TOO_MANY_PIXELS
    assert peak < 120 * 1024


@pytest.mark.weakness("memory of pictures")
def test_few_foreign_files_are_opened_at_once(monkeypatch):
    """Twelve threads send a picture; never more than two decoders run, and all are answered."""
    running, most, lock = 0, 0, threading.Lock()
    real = subprocess.run

    def counted(*args, **more):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return real(*args, **more)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(uploads.subprocess, "run", counted)
    data, done = encoded("JPEG", "RGB", (64, 64)), []

    def send():
        done.append(uploads.check(SimpleUploadedFile("p.jpg", data)).name)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(done), most) == (6, 2)


def test_a_busy_server_says_so(monkeypatch):
    monkeypatch.setattr(uploads, "DECODERS", threading.BoundedSemaphore(1))
    monkeypatch.setattr(uploads, "DECODER_WAIT", 0)
    with uploads.DECODERS, pytest.raises(uploads.Refused, match="p.jpg"):
        uploads.check(SimpleUploadedFile("p.jpg", encoded("JPEG", "RGB", (9, 9))))
