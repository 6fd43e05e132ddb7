"""Compress text answers inside Django, so that the web server in front needs no setting."""

import re
import secrets
import string

import brotli
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")
SHORTEST = 200  # bytes; as Django's: below, there is nothing to gain
ACCEPTS_BROTLI = re.compile(r"(?:^|[\s,])br\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
QUALITY = 5  # as quick as gzip's usual level, and a tenth smaller
PADDING = "X-Padding"
MOST_PADDING = 100  # bytes, as many as Django adds to gzip


class CompressTextMiddleware(GZipMiddleware):
    """Brotli where the browser takes it, else Django's gzip; for texts only.

    Both add a random number of bytes, so that the length of an answer tells nothing of a secret in
    it beside words of somebody else's (BREACH): gzip in its header, brotli in one of HTTP's.

    It runs outside WhiteNoise: static files that were compressed beforehand pass unchanged, and
    development, which has none, sends as few bytes as production.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if request.method != "GET" and response.streaming or not kind.startswith(TEXT):
            return response
        accepted = request.headers.get("Accept-Encoding", "")
        plain = not response.streaming and not response.has_header("Content-Encoding")
        if not plain or len(response.content) < SHORTEST or not ACCEPTS_BROTLI.search(accepted):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = brotli.compress(response.content, mode=brotli.MODE_TEXT, quality=QUALITY)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "br"
        letters = secrets.choice(range(MOST_PADDING + 1))
        response.headers[PADDING] = "".join(
            secrets.choice(string.ascii_letters) for _letter in range(letters)
        )
        # Two answers of the same bytes before compression are alike, not the same.
        if (tag := response.headers.get("ETag", "")).startswith('"'):
            response.headers["ETag"] = f"W/{tag}"
        return response
