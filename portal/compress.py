"""Compress text answers inside Django, so that the web server in front needs no setting."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")


class CompressTextMiddleware(GZipMiddleware):
    """Django's compression (random padding against BREACH), for texts only.

    It runs outside WhiteNoise: static files that were compressed beforehand pass unchanged, and
    development, which has none, sends as few bytes as production.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if request.method != "GET" and response.streaming or not kind.startswith(TEXT):
            return response
        return super().process_response(request, response)
