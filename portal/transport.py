"""Refuse what no caller of ours sends: secrets of machines in clear, methods that nothing takes."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal import saved_text

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MethodsMiddleware:
    """Answer 405 to TRACE and methods that we do not know, which many views take for a GET."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            response = saved_text.refusal(_("This address does not take this method."), 405)
            response.headers["Allow"] = ", ".join(METHODS)
            return response
        return self.get_response(request)


class HttpsMiddleware:
    """Answer 403 to a machine that calls in clear, where people are redirected.

    A redirect would hide that its key was sent in clear, call after call. ``PALIER_MACHINES`` are
    the addresses, which production takes out of Django's redirect.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        self.machines = [re.compile(pattern) for pattern in settings.PALIER_MACHINES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            path = request.path.lstrip("/")
            if any(pattern.search(path) for pattern in self.machines):
                said = _("This address takes HTTPS only. Replace the key that was sent in clear.")
                return saved_text.refusal(said, 403)
        return self.get_response(request)
