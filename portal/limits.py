"""Count tries: links opened by guessing, and forms sent too often."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.throttling import BaseThrottle

from portal import saved_text, throttle
from portal.clock import now

API_WINDOW = timedelta(minutes=1)
API_READS = 300
API_WRITES = 60
GUESSES = 30
GUESS_WINDOW = timedelta(hours=1)


class LimitsMiddleware:
    """Answer 429 with the typed text to too many tries; the counters are rows in PostgreSQL.

    A URL with a ``token`` counts its 404 answers only: the holder of a good link is never
    counted. ``PALIER_LIMITS`` names the forms that count each sending, per client address.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        if response.status_code == 404 and match and "token" in match.kwargs:
            throttle.hit("link", throttle.client(request), GUESSES, GUESS_WINDOW, now())
        return response

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        who = throttle.client(request)
        if "token" in kwargs and throttle.is_spent("link", who, GUESSES, GUESS_WINDOW, now()):
            return too_many(request, GUESS_WINDOW)
        rule = settings.PALIER_LIMITS.get(request.resolver_match.view_name)
        if rule and request.method == "POST":
            limit, seconds = rule
            window = timedelta(seconds=seconds)
            scope = f"form:{request.resolver_match.view_name}"[:40]
            if not throttle.hit(scope, who, limit, window, now()):
                return too_many(request, window)
        return None


def too_many(request: HttpRequest, window: timedelta) -> HttpResponse:
    """Say when to try again and how to reach a person; what was typed stays on the page."""
    minutes = max(1, round(window.total_seconds() / 60))
    if request.accepts("text/html"):
        response = saved_text.page(request, "429.html", status=429, minutes=minutes)
    else:
        response = saved_text.refusal(_("Too many tries. Try again later."), 429)
    response.headers["Retry-After"] = str(int(window.total_seconds()))
    return response


class ApiThrottle(BaseThrottle):
    """Calls to the API per minute and account, or per address for anonymous ones."""

    def allow_request(self, request, view) -> bool:
        reads = request.method in {"GET", "HEAD", "OPTIONS"}
        who = str(request.user.pk) if request.user.is_authenticated else throttle.client(request)
        limit = API_READS if reads else API_WRITES
        return throttle.hit("api:read" if reads else "api:write", who, limit, API_WINDOW, now())

    def wait(self) -> float:
        return API_WINDOW.total_seconds()


class GuardedTokenAuthentication(TokenAuthentication):
    """DRF's tokens; a wrong one counts like a guessed link."""

    def authenticate(self, request):
        who = throttle.client(request)
        if not request.headers.get("Authorization"):
            return None
        if throttle.is_spent("token", who, GUESSES, GUESS_WINDOW, now()):
            raise Throttled(wait=int(GUESS_WINDOW.total_seconds()))
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            throttle.hit("token", who, GUESSES, GUESS_WINDOW, now())
            raise
