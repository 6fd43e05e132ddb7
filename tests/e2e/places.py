"""The patterns of the URLconf, and those that are no pages of ours to look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

# Pages of libraries: their markup is not ours to mend.
THIRD_PARTY = {
    "django.contrib.admin": "Django's admin, drawn and checked by its authors",
    "drf_spectacular": "the API's documentation page, drawn by Swagger UI",
    "django.views.i18n": "the language switch: POST only",
}
# Not for people: no page to look at.
MACHINES = {
    "api:": "answers JSON; tests/requests/api",
    "open311:": "answers XML and JSON; tests/requests/open311/test_open311.py",
    "readyz": "says 503 here, where no worker runs; tests/portal/test_health.py",
    "missed_calls:hook": "takes signed posts only",
    "webhooks:whatsapp": "takes signed posts only",
    "webhooks:page": "takes signed posts only",
    "sensors:hook": "takes keyed posts only",
    "channels:mail_hook": "takes signed posts only",
}


@dataclass(frozen=True)
class Place:
    """One pattern of the URLconf; ``name`` includes its namespace."""

    route: str
    name: str
    arguments: tuple[str, ...]
    view: Callable

    def __str__(self) -> str:
        return "/" + self.route

    @property
    def module(self) -> str:
        view = getattr(self.view, "view_class", getattr(self.view, "cls", self.view))
        if hasattr(self.view, "admin_site") or hasattr(self.view, "model_admin"):
            return "django.contrib.admin"
        return getattr(view, "__module__", "")

    @property
    def third_party(self) -> str:
        """Why it is not walked, or nothing."""
        machine = next((why for start, why in MACHINES.items() if self.name.startswith(start)), "")
        return machine or next(
            (why for start, why in THIRD_PARTY.items() if self.module.startswith(start)), ""
        )


def places(patterns=None, prefix: str = "", space: str = "") -> Iterator[Place]:
    """All patterns, in the order of the URLconf."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + (
            pattern.pattern._route
            if isinstance(pattern.pattern, RoutePattern)
            else str(pattern.pattern).strip("^$")
        )
        if isinstance(pattern, URLPattern):
            arguments = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            name = f"{space}{pattern.name}" if pattern.name else ""
            yield Place(route, name, arguments, pattern.callback)
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from places(pattern.url_patterns, route, inner)
