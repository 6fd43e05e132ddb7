"""Save typed text: an expired session, a stale form or a rate limit gives it back.

A browser's form cannot keep files; the pages say so.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import throttle
from portal.clock import now

SESSION_KEY = "kept"
AT_MOST = 200_000
SAVES_PER_HOUR = 20
FOR = timedelta(hours=1)
SECRET = re.compile(r"passw|secret|csrf|^code$|^token$", re.I)


def fields(data: QueryDict) -> list[tuple[str, str]]:
    """Return the posted fields that may be given back: no password, no code, none when too long."""
    pairs = [
        (n.replace("\0", ""), v.replace("\0", ""))  # what PostgreSQL and a page cannot hold
        for n in data
        for v in data.getlist(n)
        if not SECRET.search(n)
    ]
    return pairs if sum(len(n) + len(v) for n, v in pairs) <= AT_MOST else []


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page; save a posted form in this session meanwhile.

    Scripts that ask for something else than a page get 401, so that none takes the sign-in page
    for a success.
    """
    if not request.accepts("text/html"):
        return refusal(_("Log in to continue."), 401)
    target = request.get_full_path()
    if request.method == "POST" and _may_save(request):
        target = keep(request)
    return redirect_to_login(target)


def keep(request: HttpRequest, *, confirmed: bool = False) -> str:
    """Save the posted form in the session; return the page that offers to send it again.

    ``confirmed``: it was not taken because a confirmation was asked, not a new sign-in.
    """
    request.session[SESSION_KEY] = {
        "path": request.get_full_path(),
        "fields": fields(request.POST),
        "files": bool(request.FILES),
        "user": getattr(request, "expired_user", ""),
        "confirmed": confirmed,
        "at": now().timestamp(),
    }
    return reverse("kept")


def _may_save(request: HttpRequest) -> bool:
    """Allow a few forms an hour and address: strangers must not fill the sessions' table."""
    return throttle.hit("kept", throttle.client(request), SAVES_PER_HOUR, FOR, now())


def refusal(title: str, status: int) -> JsonResponse:
    """Return problem details (RFC 9457) for a caller that reads no pages."""
    problem = {"type": "about:blank", "title": title, "status": status}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def read_saved_text(request: HttpRequest) -> dict | None:
    """Return what this session saved for the person now signed in.

    None for another's, or when old.
    """
    store = request.session.get(SESSION_KEY)
    if not store or now().timestamp() - store["at"] > FOR.total_seconds():
        return None
    if store["user"] and store["user"] != str(request.user.pk):
        return None
    return store


def drop(request: HttpRequest) -> None:
    """Forget the saved form: it was sent again."""
    request.session.pop(SESSION_KEY, None)


def page(request: HttpRequest, template: str, *, status: int, **context) -> HttpResponse:
    """Render ``template`` with what was just posted, in a form that sends it once more."""
    form = _own_form(request)
    context |= {
        "fields": [] if form is None else fields(form),
        "path": request.get_full_path(),
        "files": form is not None and bool(request.FILES),
        "again": form is not None,
    }
    context["readable"] = readable(context["fields"])
    return render(request, template, context, status=status)


def typed(request: HttpRequest) -> list[str]:
    """Return the values that a person wrote in the form that one of our pages just sent."""
    form = _own_form(request)
    return [] if form is None else readable(fields(form))


def _own_form(request: HttpRequest) -> QueryDict | None:
    """Return the form that one of our pages sent; None when there is none, or it cannot be read."""
    try:
        return request.POST if request.method == "POST" and same_origin(request) else None
    except (SuspiciousOperation, MultiPartParserError):  # too large, another host's, cut off
        return None


def same_origin(request: HttpRequest) -> bool:
    """Return whether one of our own pages sent this; another site's form is never offered again."""
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = urlsplit(source)
    return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())


def readable(pairs: list) -> list[str]:
    """Return the values a person wrote, for reading, without numbers, dates and ticks."""
    return [v for n, v in pairs if len(v) > 11 and not re.fullmatch(r"[\w:.,/+-]{1,60}", v)]
