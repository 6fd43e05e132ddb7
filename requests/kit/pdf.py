"""Render PDF documents; the renderer may not fetch anything (docs/principles.md, T14)."""

import io

import qrcode
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from agencies import landlord

PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,")
# What a paper is set in: the fonts of the pages, by an address that only this module knows.
FONTS = [
    {"family": "Atkinson", "weight": 400, "address": "paper:atkinson-400.woff2"},
    {"family": "Atkinson", "weight": 700, "address": "paper:atkinson-700.woff2"},
    {"family": "Bricolage", "weight": 700, "address": "paper:bricolage-700.woff2"},
]


class FetchRefused(ValueError):
    """A document tried to load something."""


class NoFetcher(URLFetcher):
    """Refuses every address, local files included; reads pictures in the document, our fonts."""

    def fetch(self, url, headers=None):
        if url.startswith(PICTURES):
            return super().fetch(url, headers)
        if url in {font["address"] for font in FONTS}:
            path = settings.BASE_DIR / "static" / "fonts" / url.removeprefix("paper:")
            return URLFetcherResponse(url, body=path.read_bytes())
        raise FetchRefused(url)


def pdf(template: str, context: dict, *, light: bool = False) -> bytes:
    """Render ``template`` to PDF bytes; images must be inline: SVG, or PNG and JPEG as data.

    Every paper knows who speaks: ``landlord`` and its ``colour`` are in the context.

    ``light``: pictures are drawn as fine as paper shows them, no finer.
    """
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


def qr_svg(text: str) -> SafeString:
    """Return a QR code as inline SVG, without XML declaration."""
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=10, border=2).save(out)
    svg = out.getvalue().decode()
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made here, holds no input as markup
