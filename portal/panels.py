"""Answers to scripts that ask for a part of a page (docs/adr/0028-panels.md).

A script sends ``X-Panel: 1`` with a form or a look. It gets HTML to put in the place of elements,
by their id, with the header ``X-Panel``; or 204 with ``X-Location``, a page to go to. It lets the
browser handle anything else, as without the header.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

HEADER = "X-Panel"
LOCATION = "X-Location"


def wants_panel(request: HttpRequest) -> bool:
    """Return whether a script asks for a part of the page only."""
    return request.headers.get(HEADER) == "1"


class PanelMiddleware:
    """Give a script the address of a redirect, instead of the page that it leads to.

    ``fetch`` follows a redirect by itself: the page, and with it the messages shown once, would be
    read by the script before the browser goes there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not wants_panel(request):
            return response
        patch_vary_headers(response, [HEADER])
        if response.status_code in (301, 302, 303) and "Location" in response.headers:
            response.status_code = 204
            response.headers[LOCATION] = response.headers["Location"]
            del response.headers["Location"]
        return response
