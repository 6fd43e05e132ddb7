"""Serve a file that the caller was already allowed to see, so that it can do no harm."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO, TypeVar

import qrcode
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from PIL import Image
from qrcode.image.svg import SvgPathImage

from portal.policies import SEALED
from requests.attachments import file_names
from requests.attachments.models import Attachment

MEDIA_ENDINGS = {"image/jpeg": ".jpg", "application/pdf": ".pdf"}
SHOWN = {*MEDIA_ENDINGS, *file_names.SOUNDS_AND_FILMS.values()}
RANGE = re.compile(r"bytes=(\d{1,12})?-(\d{1,12})?")
UNKNOWN = "application/octet-stream"
Answer = TypeVar("Answer", bound=HttpResponseBase)
SMALL = 240  # px of the longer side: 96 × 72 on a page, on a screen with small dots


def serve(
    attachment: Attachment, *, small: bool = False, wanted: str | None = None
) -> HttpResponseBase:
    """Answer with the file of ``attachment``; a page may show a photo or play a voice message.

    Other files are downloaded. ``wanted`` is the ``Range`` that a player asks for. ``small``
    answers a photo's thumbnail: a page of six photos then weighs 60 KB instead of 2 MB.
    Fetch the attachment through its claim's scope first (docs/principles.md, T4, T9). Whatever the
    bytes are, the browser neither guesses their type, runs them, nor keeps a shared copy.
    Raises Http404 when the file is gone from the disk.
    """
    try:
        stored = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    if small and attachment.content_type == "image/jpeg":
        response = FileResponse(_thumbnail(stored), content_type="image/jpeg")
        return with_safe_headers(response)
    response = FileResponse(
        stored,
        as_attachment=True,
        filename=_file_name(attachment),
        content_type=attachment.content_type if attachment.content_type in SHOWN else UNKNOWN,
    )
    if attachment.content_type in file_names.SOUNDS_AND_FILMS.values():
        _cut(response, stored, attachment.size, wanted or "")
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return with_safe_headers(response)


def _cut(response: FileResponse, stored: IO[bytes], size: int, wanted: str) -> None:
    """Answer the part that a player asks for: Safari plays nothing without (RFC 9110, 14.2)."""
    response["Accept-Ranges"] = "bytes"
    found = RANGE.fullmatch(wanted.strip())
    if not found or not any(found.groups()):
        return
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        response.status_code = 416
        response["Content-Range"] = f"bytes */{size}"
        response.streaming_content = iter(())
        response["Content-Length"] = "0"
        return
    stored.seek(start)
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    response.streaming_content = _part(stored, end - start + 1)


def _part(stored: IO[bytes], left: int) -> Iterator[bytes]:
    while left and (piece := stored.read(min(left, 64 * 1024))):
        left -= len(piece)
        yield piece


def _thumbnail(stored: IO[bytes]) -> BytesIO:
    """Return a small JPEG of one that we drew ourselves (decoder.py), decoded at its small size."""
    small = BytesIO()
    with stored, Image.open(stored, formats=["JPEG"]) as picture:
        picture.draft("RGB", (SMALL, SMALL))
        picture.thumbnail((SMALL, SMALL))
        picture.save(small, "JPEG", quality=75, optimize=True)
    small.seek(0)
    return small


def _file_name(attachment: Attachment) -> str:
    """Return the name it is saved under: rows of earlier releases keep the sender's ending."""
    kind = MEDIA_ENDINGS.get(attachment.content_type)
    if kind:
        return file_names.with_ending(attachment.name, kind)
    return file_names.with_known_ending(attachment.name)


def with_safe_headers(response: Answer) -> Answer:
    """Set headers so that the browser does not guess the type, run it, or keep a shared copy."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = f"sandbox; {SEALED}"
    response["Cache-Control"] = "private, no-store"
    return response


def pdf(content: bytes, name: str, *, inline: bool = False) -> HttpResponse:
    """Answer with a PDF called ``name``, kept by no shared cache; saved, unless it is ``inline``.

    Only PDFs that we rendered are shown by the browser: its own viewer does not work in a sandbox.
    """
    response = HttpResponse(content, content_type="application/pdf")
    way = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response if inline else with_safe_headers(response)


def qr_code(address: str) -> HttpResponse:
    """Answer with ``address`` as a QR code, rendered here, as SVG."""
    image = qrcode.make(address, image_factory=SvgPathImage, border=2)
    return with_safe_headers(HttpResponse(image.to_string(), content_type="image/svg+xml"))
