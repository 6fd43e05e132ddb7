"""Answers to a script that stays on the page: the panes alone, to put in the place of the old ones.

It sends ``X-Pane``: ``claim`` for the reading pane and its context, ``all`` for the list too,
``list`` for the list alone. The address is that of the page, so that the browser keeps it, and the
same view answers: what a pane shows is logged as the page is (docs/adr/0055-panes.md).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

HEADER = "X-Pane"
CLAIM, ALL, LIST = "claim", "all", "list"
FRAME, BARE = "requests/inbox/_frame.html", "requests/inbox/_bare.html"


def pane_of(request: HttpRequest) -> str:
    """Return which panes a script asks for; "" for the whole page."""
    asked = request.headers.get(HEADER, "")
    return asked if asked in {CLAIM, ALL, LIST} else ""


def render_panes(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return the page of ``template``, or those of its panes that the script asks for."""
    pane = pane_of(request)
    context |= {"pane": pane, "frame": BARE if pane else FRAME}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, [HEADER])
    if pane:
        response.headers[HEADER] = pane
        response.headers["Cache-Control"] = "private, no-store"
    return response
