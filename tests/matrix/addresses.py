"""The addresses of the URLconf, filled with the rows of the world."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from portal.access import PUBLIC, audience_of
from portal.middleware import checks_itself
from tests.matrix.rules import Door, door_of
from tests.matrix.world import World

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
# Arguments that choose among things of the code, not among rows.
WORDS = {
    "tile": "water",
    "state": "on",
    "way": {
        "my/contacts/": "yes",
        "agency/doubles/contacts/": "yes",
        "agency/doubles/changes/": "accept",
        "": "up",
    },
    "what": {"my/contacts/": "point", "agency/doubles/person/": "point", "": "new"},
    "version": "1",
    "transition": {
        "my/": "withdraw",
        "s/": "withdraw",
        "proxy/": "say_fixed",
        "work/": "cancel",
        "": "take_charge",
    },
    "name": {
        "jobs/<uuid:pk>/step/": "confirm",
        "job/<token:token>/step/": "confirm",
        "jobs/slots/": "week",
        "jobs/": "impossible",
        "job/": "impossible",
        "": "none",
    },
    "code": {"hall/": "none", "e/": "lift9", "stock/": "tenants", "": "none"},
    "family": "PLO",
    "slug": "none",
    "key": "none",
    "number": "1",
}


@dataclass(frozen=True)
class Address:
    """One pattern with arguments, filled with the rows of one variant."""

    route: str
    path: str
    variant: str
    door: Door
    audience: frozenset[str]


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Our own addresses that take an argument, as (route, pattern)."""
    for pattern, route in every_pattern():
        if isinstance(pattern.pattern, RoutePattern) and "<" in route:
            yield route, pattern


def every_pattern(rows=None, prefix: str = "") -> Iterator[tuple[URLPattern, str]]:
    """Our own addresses, as (pattern, route)."""
    for pattern in get_resolver().url_patterns if rows is None else rows:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from every_pattern(pattern.url_patterns, route)
        elif not checks_itself(pattern.callback):
            yield pattern, route


def uncovered() -> list[str]:
    """Return the addresses whose argument no row of the table explains."""
    found = []
    for route, _pattern in patterns():
        door = door_of(route)
        if door is None:
            found.append(route)
        elif not door.why:
            found += [
                f"{route}: {name}"
                for _converter, name in ARGUMENT.findall(route)
                if name not in door.kinds and name not in WORDS
            ]
    return found


def word_for(route: str, name: str) -> str:
    """Return what stands for an argument that names no row."""
    words = WORDS.get(name, "none")
    if isinstance(words, str):
        return words
    return next(word for start, word in words.items() if route.startswith(start))


def kinds_of(door: Door, route: str, name: str) -> list[str]:
    """Return the kinds of row an argument may name; ``a|b`` are tried one after the other."""
    return door.kinds[name].split("|") if name in door.kinds else []


def addresses(world: World) -> Iterator[Address]:
    """Every address, once for each variant that its rows have."""
    for route, pattern in patterns():
        door = door_of(route)
        assert door is not None, f"say in tests/matrix/rules.py who reaches /{route}"
        names = [name for _converter, name in ARGUMENT.findall(route)]
        choices = [kinds_of(door, route, name) or [""] for name in names]
        for kinds in product(*choices):
            rows = {n: world.values[k] for n, k in zip(names, kinds, strict=True) if k}
            variants = (
                set.intersection(*(set(row) for row in rows.values())) if rows else {"shared"}
            )
            for variant in sorted(variants):
                yield Address(
                    route,
                    "/" + _filled(route, {n: row[variant] for n, row in rows.items()}),
                    variant,
                    door,
                    audience_of(pattern.callback) or frozenset(),
                )


def crossed(world: World) -> Iterator[tuple[Address, str]]:
    """Every address that names a row and another one below it, which belongs to another parent."""
    for address in world_addresses(world):
        names = [name for _converter, name in ARGUMENT.findall(address.route)]
        rows = {
            n: world.values[k.split("|")[0]] for n, k in address.door.kinds.items() if n in names
        }
        if len(rows) < 2:
            continue
        parent, *children = (name for name in names if name in rows)
        for other in set.intersection(*(set(rows[c]) for c in children)) - {address.variant}:
            mixed = {child: rows[child][other] for child in children}
            mixed[parent] = rows[parent][address.variant]
            yield address, "/" + _filled(address.route, mixed)


def lists(role: str | None) -> Iterator[str]:
    """Our pages without an argument that a role opens and strangers do not."""
    for pattern, route in every_pattern():
        audience = audience_of(pattern.callback) or frozenset()
        if "<" not in route and "(" not in route and role in audience and PUBLIC not in audience:
            yield "/" + route


def _filled(route: str, rows: dict[str, object]) -> str:
    def value(match: re.Match) -> str:
        converter, name = match.groups()
        if name in rows:
            return str(rows[name])
        word = word_for(route, name)
        if converter == "uuid":
            return "00000000-0000-4000-8000-000000000000"
        return "1" if converter == "int" else word

    return ARGUMENT.sub(value, route)


@cache
def world_addresses(world: World) -> list[Address]:
    """Return every address, once for each variant that its rows have."""
    return list(addresses(world))
