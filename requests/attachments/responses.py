"""Serve a file that the caller was already allowed to see, so that it can do no harm."""

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
UNKNOWN = "application/octet-stream"
Answer = TypeVar("Answer", bound=HttpResponseBase)
SMALL = 240  # px of the longer side: 96 × 72 on a page, on a screen with small dots


def serve(attachment: Attachment, *, small: bool = False) -> HttpResponseBase:
    """Answer with the file of ``attachment``; a page may show a photo, other files are downloaded.

    ``small`` answers a photo's thumbnail: a page of six photos then weighs 60 KB instead of 2 MB.
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
        content_type=attachment.content_type
        if attachment.content_type in MEDIA_ENDINGS
        else UNKNOWN,
    )
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return with_safe_headers(response)


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
