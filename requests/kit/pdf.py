"""Render PDF documents; the renderer may not fetch anything (docs/principles.md, T14)."""

import io

import qrcode
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from agencies import landlord


def pdf(template: str, context: dict, *, light: bool = False) -> bytes:
    """Render ``template`` to PDF bytes; images must be inline: SVG, or PNG and JPEG as data.

    Every paper knows who speaks: ``landlord`` and its ``colour`` are in the context.

    ``light``: pictures are drawn as fine as paper shows them, no finer.
    """
    # Most processes draw no document; WeasyPrint is a fifth of the time that they need to start.
    from weasyprint import HTML

    from requests.kit.pdf_fetcher import FONTS, NoFetcher

    ours = landlord.current()
    context = {
        "landlord": ours,
        "phone": ours.phone.replace(" ", "\u00a0"),
        "colour": ours.ink,
        "fonts": FONTS,
    } | context
    html = render_to_string(template, context)
    options = {"optimize_images": True, "jpeg_quality": 75, "dpi": 150} if light else {}
    return HTML(string=html, url_fetcher=NoFetcher()).write_pdf(**options)


def qr_svg(text: str, *, border: int = 2) -> SafeString:
    """Return a QR code as inline SVG, without XML declaration; ``border`` in dots."""
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=10, border=border).save(out)
    svg = out.getvalue().decode().replace(' id="qr-path"', "")  # a page may have several
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made here, holds no input as markup
