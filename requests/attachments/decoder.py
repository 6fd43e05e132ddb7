"""Decode an untrusted picture to a clean JPEG, alone in a process with hard limits.

``python -I decoder.py FORMAT < picture > clean``. The answer is width and height (two big-endian
32-bit numbers), then a JPEG without EXIF, XMP, GPS, comment or profile. A TIFF of several pages (a
fax) is a PDF of its pages, of width and height 0. Exit status: 0 done,
2 not readable as FORMAT, 3 too many pixels. Imports nothing of ours (docs/principles.md, T9).
"""

import contextlib
import resource
import struct
import sys
from io import BytesIO
from typing import Any

MEMORY = 640 * 1024 * 1024  # address space, libraries included; resident use stays far below
SECONDS = 15
PIXELS = 40_000_000
# JPEG is decoded small, and PNG of eight bits line by line; the rest is unpacked whole, four to
# eight bytes a point.
PIXELS_WHOLE = 14_000_000
WHOLE = {"WEBP", "GIF", "TIFF"}
LONGEST_SIDE = 20_000
SIDE = 1600
MOST_PAGES = 40
UNREADABLE, TOO_MANY_PIXELS = 2, 3


def limit() -> None:
    """Give up memory, time and files before any foreign byte is looked at."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def is_deep(data: bytes, kind: str) -> bool:
    """Return whether a PNG has sixteen bits a channel: Pillow's mode does not tell."""
    return kind == "PNG" and data[24:25] == b"\x10"


def clean(data: bytes, kind: str) -> bytes:
    """Decode ``data`` as ``kind`` only, turn it upright, shrink it, copy it to a new image."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit below refuses, where Pillow's warns
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    picture: Image.Image = Image.open(BytesIO(data), formats=[kind])
    if kind == "TIFF" and getattr(picture, "n_frames", 1) > 1:
        return struct.pack(">II", 0, 0) + pages(picture)
    sheet = page(picture, data, kind)
    return struct.pack(">II", *sheet.size) + jpeg(sheet)


def jpeg(sheet: Any) -> bytes:
    out = BytesIO()
    sheet.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def page(picture: Any, data: bytes, kind: str) -> Any:
    """Return one picture upright and small, on white. Exits when it has too many pixels."""
    from PIL import Image, ImageOps

    whole = kind in WHOLE or (kind == "PNG" and picture.mode not in {"L", "RGB", "P"})
    most = PIXELS_WHOLE if whole or is_deep(data, kind) else PIXELS
    if picture.width * picture.height > most or max(picture.size) > LONGEST_SIDE:
        sys.exit(TOO_MANY_PIXELS)
    if picture.mode.startswith(("I", "F")):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif picture.mode in {"P", "PA", "1"}:
        picture = picture.convert("RGBA")
    picture.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    # A broken EXIF block is common and harmless: the picture is then not rotated.
    with contextlib.suppress(Exception):
        picture = ImageOps.exif_transpose(picture)
    mask = picture.convert("RGBA").getchannel("A") if "A" in picture.mode else None
    # A new image: none of the original's metadata can remain.
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture.convert("RGB"), mask=mask)
    return sheet


def pages(picture: Any) -> bytes:
    """Return a PDF of the pages of ``picture``, each as ``page`` makes it."""
    from PIL import ImageSequence

    if picture.n_frames > MOST_PAGES:
        sys.exit(TOO_MANY_PIXELS)
    sheets = (page(frame.copy(), b"", "TIFF") for frame in ImageSequence.Iterator(picture))
    first, out = next(sheets), BytesIO()
    first.save(out, "PDF", save_all=True, append_images=sheets, resolution=150)
    return out.getvalue()


if __name__ == "__main__":
    limit()
    try:
        answer = clean(sys.stdin.buffer.read(), sys.argv[1])
    except Exception:  # noqa: BLE001 - any failure of a decoder means the same to the sender
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
