"""Answer each error with a page that says what to do next, and give back what was typed.

Where a view has its own answer to an error (422 and 409 draw the form again, with its words), it
stays. The API and scripts get problem details instead (RFC 9457).
"""

import sys
from collections.abc import Callable
from contextlib import suppress

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import loader
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from portal import saved_text
from portal.context import Nobody
from portal.problems import API
from portal.transactions import is_away

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# The database is away, or gave up on a lock: a minute later the same request works.
RETRY_SECONDS = 60
# Those that a view may answer without a word.
WORDLESS = frozenset({400, 403, 404, 405, 413})
NOT_ALLOWED = 405


class Explained(PermissionDenied):
    """Refused for a reason that the person may read: ``str()`` is a sentence for the page."""


def reads_pages(request: HttpRequest) -> bool:
    """Return whether the caller is shown a page: not the API, no script."""
    return not request.path.startswith(API) and request.accepts("text/html")


def opens_page(request: HttpRequest) -> bool:
    """Return whether a browser goes to an address, rather than sending a form there."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def _above(request: HttpRequest) -> str | None:
    """Return the nearest address above that of ``request`` which exists; None when none does."""
    path = request.path
    while (path := path.rstrip("/").rpartition("/")[0] + "/") != "/":
        with suppress(Resolver404):
            resolve(path)
            return path
    return None


@requires_csrf_token
def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    """Answer 400; 413 to what is larger than any form of ours, 503 while the database is away.

    Django calls a session that could not be saved a bad request, whatever the reason.
    """
    if isinstance(exception, SessionInterrupted) and _came_from_away(exception):
        return unavailable(request)
    if isinstance(exception, TOO_LARGE):
        if not reads_pages(request):
            return saved_text.refusal(_("This is too large."), 413)
        return saved_text.page(request, "413.html", status=413)
    if not reads_pages(request):
        return saved_text.refusal(_("We could not read this."), 400)
    if isinstance(exception, DisallowedHost):
        request.landlord = Nobody()  # nothing is read for them
    return saved_text.page(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """Answer 403."""
    if not reads_pages(request):
        return saved_text.refusal(_("You may not do this."), 403)
    why = str(exception) if isinstance(exception, Explained) else ""
    return saved_text.page(request, "403.html", status=403, why=why)


@requires_csrf_token
def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    """Answer 404."""
    if not reads_pages(request):
        return saved_text.refusal(_("There is nothing at this address."), 404)
    return saved_text.page(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 while the database is away; the pages read no database."""
    if is_away(sys.exc_info()[1]):
        return unavailable(request)
    return _breakdown(request, 500, _("Something broke on our side."))


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503, with the moment to try again."""
    response = _breakdown(request, 503, _("Not available for the moment."))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _breakdown(request: HttpRequest, status: int, said: str) -> HttpResponse:
    if not reads_pages(request):
        return saved_text.refusal(said, status)
    page = loader.get_template(f"{status}.html").render({"readable": _typed(request)})
    return HttpResponse(page, status=status)


def _came_from_away(error: BaseException | None) -> bool:
    """Return whether the error, or one that led to it, says that the database is away."""
    while error is not None:
        if is_away(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _typed(request: HttpRequest) -> list[str]:
    """Return what was typed, when it can still be read; nothing may fail here once more."""
    try:
        return saved_text.typed(request)
    except Exception:
        return []


class ErrorPagesMiddleware:
    """Give a view's error without a word its page: a method that is not allowed, for instance.

    A person who opens the address of a form leads to the page above it: they changed the language
    on a page with mistakes, reloaded it or kept its address. Machines (views without CSRF check)
    read the status alone.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code not in WORDLESS or response.streaming or response.content:
            return response
        match = request.resolver_match
        if match and not getattr(match.func, "csrf_exempt", False) and reads_pages(request):
            status = response.status_code
            if status == NOT_ALLOWED and opens_page(request) and (above := _above(request)):
                return redirect(above)
            response.content = saved_text.page(request, f"{status}.html", status=status).content
            response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response
