"""Typed text survives: an expired session, a stale form or a rate limit gives it back.

Files cannot be kept by a browser's form; the pages say so.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import throttle
from portal.clock import now

SESSION_KEY = "kept"
AT_MOST = 200_000
KEPT_PER_HOUR = 20
FOR = timedelta(hours=1)
SECRET = re.compile(r"passw|secret|csrf|^code$|^token$", re.I)


def fields(data: QueryDict) -> list[tuple[str, str]]:
    """What was posted and may be given back: no password, no code, none when it is too long."""
    pairs = [(n, v) for n in data for v in data.getlist(n) if not SECRET.search(n)]
    return pairs if sum(len(n) + len(v) for n, v in pairs) <= AT_MOST else []


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; a form that was sent meanwhile waits behind it, in this session.

    Scripts that ask for something else than a page get 401, so that none takes the sign-in page
    for a success.
    """
    if not request.accepts("text/html"):
        return refusal(_("Log in to continue."), 401)
    target = request.get_full_path()
    if request.method == "POST" and _may_keep(request):
        request.session[SESSION_KEY] = {
            "path": target,
            "fields": fields(request.POST),
            "files": bool(request.FILES),
            "user": getattr(request, "expired_user", ""),
            "at": now().timestamp(),
        }
        target = reverse("kept")
    return redirect_to_login(target)


def _may_keep(request: HttpRequest) -> bool:
    """A few forms an hour and address: strangers must not fill the sessions' table."""
    return throttle.hit("kept", throttle.client(request), KEPT_PER_HOUR, FOR, now())


def refusal(title: str, status: int) -> JsonResponse:
    """Problem details (RFC 9457) for a caller that reads no pages."""
    problem = {"type": "about:blank", "title": title, "status": status}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def waiting(request: HttpRequest) -> dict | None:
    """What this session keeps for the person now signed in; None when it is another's, or old."""
    store = request.session.get(SESSION_KEY)
    if not store or now().timestamp() - store["at"] > FOR.total_seconds():
        return None
    if store["user"] and store["user"] != str(request.user.pk):
        return None
    return store


def drop(request: HttpRequest) -> None:
    """Forget it: it was sent again."""
    request.session.pop(SESSION_KEY, None)


def page(request: HttpRequest, template: str, *, status: int, **context) -> HttpResponse:
    """``template`` with what was just posted, in a form that sends it once more."""
    posted = request.method == "POST" and same_origin(request)
    context |= {
        "fields": fields(request.POST) if posted else [],
        "path": request.get_full_path(),
        "files": posted and bool(request.FILES),
        "again": posted,
    }
    context["readable"] = readable(context["fields"])
    return render(request, template, context, status=status)


def same_origin(request: HttpRequest) -> bool:
    """Whether one of our own pages sent this; another site's form is never offered again."""
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = urlsplit(source)
    return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())


def readable(pairs: list) -> list[str]:
    """The values a person wrote, for reading; numbers, dates and ticks are left out."""
    return [v for n, v in pairs if len(v) > 11 and not re.fullmatch(r"[\w:.,/+-]{1,60}", v)]
