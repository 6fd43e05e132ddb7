"""Recognise a typed address, only when it can mean one building of ours."""

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from agencies.models import Building, Staircase
from portal.text import FirstNumber, PlainWords

SHORT = {
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "boul": "boulevard",
    "r": "rue",
    "pl": "place",
    "all": "allee",
    "imp": "impasse",
    "ch": "chemin",
    "che": "chemin",
    "rte": "route",
    "sq": "square",
    "crs": "cours",
    "st": "saint",
    "ste": "sainte",
    "dr": "docteur",
    "mal": "marechal",
    "gal": "general",
}


COMMON = frozenset(SHORT.values())
WORDS = 9  # words of an address that are looked up: the number and what follows


@dataclass(frozen=True)
class Place:
    """A building, and its staircase when the address has only one."""

    building: Building
    staircase: Staircase | None


def key(text: str) -> str:
    """Return an address without accents, case, commas or short forms, for comparing."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"\d+|[a-z]+", bare)
    return " ".join(SHORT.get(word, word) for word in words)


def recognise(typed: str) -> Place | None:
    """Return the one building that ``typed`` (number, street, anything after) can mean, or None.

    When the same street exists in several communes, commune or postcode must be written too.
    """
    words = f"{key(typed)} "
    for start in re.finditer(r"\b\d+\b", words):
        rest = words[start.start() :]
        hits = _begin(_named(start.group(), rest), rest) or _begin(_numbered(start.group()), rest)
        if hits:
            longest = max(len(street) for street, _row in hits)
            return _only([row for street, row in hits if len(street) == longest], f" {words}")
    return None


def _numbered(number: str) -> QuerySet[Staircase]:
    """Return the street doors of a house number."""
    rows = Staircase.objects.annotate(first=FirstNumber("street")).filter(first=number)
    return rows.select_related("building__residence")


def _named(number: str, rest: str) -> QuerySet[Staircase]:
    """Return those of the number whose street has one of the words that tell streets apart.

    A street that ``rest`` begins with has each of its words there, so only one that has none but
    short or common words is not among them.
    """
    words = rest.split()[1:WORDS]
    named = Q(pk__in=[])
    for word in words:
        if len(word) > 3 and word not in COMMON and not word.isdigit():
            named |= Q(plain__contains=word)
    return _numbered(number).annotate(plain=PlainWords("street")).filter(named)


def _begin(rows: QuerySet[Staircase], rest: str) -> list[tuple[str, Staircase]]:
    """Return the doors whose address ``rest`` begins with, each with its address for comparing."""
    hits = [(key(row.street), row) for row in rows]
    return [(street, row) for street, row in hits if rest.startswith(f"{street} ")]


def _only(rows: list[Staircase], words: str) -> Place | None:
    if len({row.building_id for row in rows}) > 1:
        rows = [
            row
            for row in rows
            if f" {row.building.residence.postcode} " in words
            or f" {key(row.building.residence.commune)} " in words
        ]
    if len({row.building_id for row in rows}) != 1:
        return None
    return Place(rows[0].building, rows[0] if len(rows) == 1 else None)
