"""Every address of the project, as the matrix of addresses reads them."""

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.crypto import get_random_string

from portal.middleware import checks_itself

# Our own parameters, by name and by type, so that a URL reaches the object that must not leak.
SAMPLES = {"tile": "water", "transition": "take_charge", "state": "on", "way": "up"}


def walk(patterns, prefix="", space=""):
    """Every pattern with its full route and its name, as (route, name, pattern)."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, space + (pattern.name or ""), pattern
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, route, inner)


EVERY = list(walk(get_resolver().url_patterns))


OURS = [row for row in EVERY if not checks_itself(row[2].callback)]


def path_of(route: str, pattern, claim) -> str:
    """A concrete address for a pattern: the canary claim wherever an id is asked for."""
    if not isinstance(pattern.pattern, RoutePattern):
        return "/" + route.replace("^", "").replace("$", "")
    for name, converter in converters(route).items():
        if name in SAMPLES:
            value = SAMPLES[name]
        elif converter == "uuid":
            value = str(claim.pk)
        elif converter == "int":
            value = "1"
        else:
            value = get_random_string(20)
        route = route.replace(f"<{converter}:{name}>", value).replace(f"<{name}>", value)
    return "/" + route


def converters(route: str) -> dict[str, str]:
    """``{"pk": "uuid"}`` for ``"<uuid:pk>/"``; a bare ``<name>`` is a ``str``."""
    found = {}
    for part in route.split("<")[1:]:
        converter, _, name = part.partition(">")[0].rpartition(":")
        found[name] = converter or "str"
    return found
