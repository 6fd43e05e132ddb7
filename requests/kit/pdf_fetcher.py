"""What a PDF document may load: the pictures that it holds and our fonts, and nothing else."""

from django.conf import settings
from weasyprint.urls import URLFetcher, URLFetcherResponse

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
