"""Count tries: links opened by guessing, and forms sent too often."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.throttling import BaseThrottle

from portal import api_tokens, devices, saved_text, throttle
from portal.access import PUBLIC, audience_of
from portal.clock import now
from portal.converters import LINKS

API_WINDOW = timedelta(minutes=1)
API_READS = 300
API_WRITES = 60
GUESSES = 30
GUESS_WINDOW = timedelta(hours=1)


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class LimitsMiddleware:
    """Answer 429 with the typed text to too many tries; the counters are rows in PostgreSQL.

    Every form that anybody may send has a limit: its own in ``PALIER_LIMITS``, else the one under
    ``"*"``. It is counted per link where the address holds one, else per account (signed in, or
    the last that was in this browser), else per client address. Links and the keys of machines
    are counted by wrong tries only, after the view: a good one opens whatever else came from the
    same address, since many people may share it.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_wrong(request, response):
            who = throttle.client(request)
            if not throttle.hit("link", who, GUESSES, GUESS_WINDOW, now()):
                return too_many(request, GUESS_WINDOW)
        elif link := getattr(request, "counted_link", None):
            scope, token, limit, window = link
            throttle.hit(scope, token, limit, window, now())
        return response

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        if request.method in SAFE_METHODS or is_machine(view) or not is_open(view):
            return None
        name = request.resolver_match.view_name
        limit, seconds = settings.PALIER_LIMITS.get(name) or settings.PALIER_LIMITS["*"]
        scope, window = f"form:{name}"[:40], timedelta(seconds=seconds)
        if link := next((kwargs[part] for part in LINKS if part in kwargs), ""):
            # Counted once the view has found it good: invented ones must not fill the table.
            request.counted_link = scope, link, limit, window
            allowed = not throttle.is_spent(scope, link, limit, window, now())
        else:
            user = request.user
            # As if signed in where somebody was: others at the address must not keep them out.
            who = str(user.pk) if user.is_authenticated else devices.read(request).last
            allowed = throttle.hit(scope, who or throttle.client(request), limit, window, now())
        return None if allowed else too_many(request, window)


def is_open(view: Callable) -> bool:
    """Return whether a view answers people who did not sign in."""
    allowed = audience_of(view)
    if allowed is not None:
        return PUBLIC in allowed
    return not hasattr(view, "admin_site") and not hasattr(view, "model_admin")


def is_machine(view: Callable) -> bool:
    """Return whether machines call the view: they show a key or a signature, no form's token."""
    return getattr(view, "csrf_exempt", False)


def wrong_link(response: HttpResponse) -> HttpResponse:
    """Mark an answer that says nothing, so that it still counts as a guess."""
    response.wrong_link = True
    return response


def _is_wrong(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether the request tried a link that leads nowhere, or a wrong key."""
    if getattr(response, "wrong_link", False):
        return True
    match = getattr(request, "resolver_match", None)
    if match is None or getattr(response, "known_link", False):
        return False
    if LINKS & match.kwargs.keys():
        return response.status_code in (404, 410)
    # DRF's views and Open311 count the keys that they are shown.
    machine = is_machine(match.func) and not hasattr(match.func, "cls")
    return machine and response.status_code in (401, 403)


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
    """Our tokens in DRF's header; a wrong one counts like a guessed link."""

    def authenticate_credentials(self, key: str):
        found = api_tokens.find(key, now())
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        return found.user, found

    def authenticate(self, request):
        who = throttle.client(request)
        if not request.headers.get("Authorization"):
            return None
        if throttle.is_spent("token", who, GUESSES, GUESS_WINDOW, now()):
            raise Throttled(wait=int(GUESS_WINDOW.total_seconds()))
        try:
            found = super().authenticate(request)
            if found and not found[1].writes and request.method not in SAFE_METHODS:
                raise PermissionDenied(_("This token reads only."))
            return found
        except AuthenticationFailed:
            throttle.hit("token", who, GUESSES, GUESS_WINDOW, now())
            raise
