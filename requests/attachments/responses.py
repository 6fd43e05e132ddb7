"""Hand out a file that the caller was already allowed to see, so that it can do no harm."""

from typing import TypeVar

import qrcode
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from qrcode.image.svg import SvgPathImage

from requests.attachments.models import Attachment

KNOWN = {"image/jpeg", "application/pdf"}
UNKNOWN = "application/octet-stream"
Answer = TypeVar("Answer", bound=HttpResponseBase)


def serve(attachment: Attachment) -> HttpResponseBase:
    """The file of ``attachment``; a page may show a photo, opened by itself it is saved to disk.

    Fetch the attachment through its claim's scope first (docs/principles.md, T4, T9). Whatever the
    bytes are, the browser neither guesses their type, runs them, nor keeps a shared copy.
    Raises Http404 when the file is gone from the disk.
    """
    try:
        stored = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        stored,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type if attachment.content_type in KNOWN else UNKNOWN,
    )
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return harmless(response)


def harmless(response: Answer) -> Answer:
    """The same answer: the browser does not guess its type, run it, or keep a shared copy."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def pdf(content: bytes, name: str, *, inline: bool = False) -> HttpResponse:
    """A PDF called ``name``, kept by no shared cache; saved, unless it is ``inline``.

    Only what we drew ourselves is shown by the browser: its own viewer does not work in a sandbox.
    """
    response = HttpResponse(content, content_type="application/pdf")
    way = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response if inline else harmless(response)


def qr_code(address: str) -> HttpResponse:
    """``address`` as a QR code, drawn here, as SVG."""
    image = qrcode.make(address, image_factory=SvgPathImage, border=2)
    return harmless(HttpResponse(image.to_string(), content_type="image/svg+xml"))
