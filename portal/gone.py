"""Answer 410 to a link that was good once: how to come back, and nothing of what it opened."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal import saved_text


class Gone(Exception):
    """The address was good once and has ended for good."""


class GoneMiddleware:
    """Turn ``Gone`` into its page, whatever the view; a text that was being sent stays on it."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for ``Gone``; leave every other exception alone."""
        if not isinstance(error, Gone):
            return None
        response = saved_text.page(request, "410.html", status=410)
        response.known_link = True  # no guess: portal/limits.py does not count it
        return response
