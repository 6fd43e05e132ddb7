"""Render PDF documents; the renderer may not fetch anything (docs/principles.md, T14)."""

import io

import qrcode
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage
from weasyprint import HTML
from weasyprint.urls import URLFetcher


class FetchRefused(ValueError):
    """A document tried to load something."""


class NoFetcher(URLFetcher):
    """Refuses every address, local files included."""

    def fetch(self, url, headers=None):
        raise FetchRefused(url)


def pdf(template: str, context: dict) -> bytes:
    """Render ``template`` to PDF bytes; images must be inline SVG."""
    html = render_to_string(template, context)
    return HTML(string=html, url_fetcher=NoFetcher()).write_pdf()


def qr_svg(text: str) -> SafeString:
    """Return a QR code as inline SVG, without XML declaration."""
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=10, border=2).save(out)
    svg = out.getvalue().decode()
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made here, holds no input as markup
