"""Match a person with the records, graded, by names, numbers and homes. Pure, no ORM.

Known: one person, by an identifier they verified or that bears their name. Maybe: a person must
look. The answer carries ids and reasons only, never what belongs to the people compared.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from portal.phones import to_e164
from portal.typos import distance

CIVILITIES = frozenset(
    {"M", "MR", "MME", "MLLE", "MONSIEUR", "MADAME", "MADEMOISELLE", "MRS", "MS"}
)
LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


class Grade(StrEnum):
    """How sure the match is; only ``KNOWN`` may be used without a person."""

    KNOWN = "known"
    MAYBE = "maybe"
    UNKNOWN = "unknown"


class Likeness(StrEnum):
    """How alike two names are."""

    SAME = "same"
    CLOSE = "close"
    OTHER = "other"


@dataclass(frozen=True)
class Person:
    """One record to compare with. ``proved`` are the phones and e-mails that were verified."""

    key: str
    name: str
    contacts: frozenset[str] = frozenset()
    proved: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StatedIdentity:
    """What somebody says of themselves; empty fields say nothing. Contacts in normal form."""

    name: str = ""
    contacts: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """``person`` is set for ``KNOWN`` only; ``candidates`` are whom a person should compare."""

    grade: Grade
    person: str | None = None
    candidates: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def match_key(text: str) -> str:
    """Return letters and digits only, upper case, without accents: « Le-Bihan » = « LE BIHAN »."""
    bare = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return "".join(c for c in bare if c.isalnum()).upper()


def normal_contact(typed: str) -> str:
    """Return a phone as E.164, an e-mail in lower case, "" for anything else."""
    typed = typed.strip()
    if "@" in typed:
        local, _at, host = typed.lower().rpartition("@")
        return f"{local}@{host}" if local and host else ""
    return to_e164(typed)


def name_words(name: str) -> list[str]:
    """Return the words of a name in its order, without civility, accents or hyphens."""
    parts = [match_key(part) for part in re.split(r"[\s\-'’.,]+", name)]
    return [part for part in parts if part and part not in CIVILITIES]


def _spellings(words: list[str]) -> set[tuple[str, ...]]:
    """Return the words in any order; and with two neighbours joined, as in « Lebihan »."""
    joined = [[*words[:i], words[i] + words[i + 1], *words[i + 2 :]] for i in range(len(words) - 1)]
    return {tuple(sorted(one)) for one in [words, *joined]}


def _alike(one: str, other: str) -> bool:
    """Return whether typing errors explain the difference.

    None is allowed in short words, one from five letters, two from nine.
    """
    shortest = min(len(one), len(other))
    errors = (shortest >= 5) + (shortest >= 9)
    if one == other or abs(len(one) - len(other)) > errors or not errors:
        return one == other  # most pairs end here, before any counting
    return distance(one, other) <= errors


def likeness(one: str, other: str) -> Likeness:
    """Compare two full names, whatever the order, accents, hyphens and civility.

    Same: the same words, particles run together or not. Close: each word of the shorter name, at
    least two, has one like it in the other. Otherwise other.
    """
    left, right = name_words(one), name_words(other)
    if not left or not right:
        return Likeness.OTHER
    if _spellings(left) & _spellings(right):
        return Likeness.SAME
    few, many = sorted((left, right), key=len)
    rest = list(many)
    for word in few:
        twin = next((other for other in rest if _alike(word, other)), None)
        if twin is None:
            return Likeness.OTHER
        rest.remove(twin)
    return Likeness.CLOSE if len(few) > 1 else Likeness.OTHER


def match(given: StatedIdentity, people: list[Person]) -> Match:
    """Grade ``given`` against ``people``. Reasons, worst first:

    ``conflict``: its identifiers lead to different people. ``shared``: one leads to several.
    ``other_name``: it leads to one who has another name. ``unproved``: the identifier is not
    verified and no equal name supports it. ``contact``: an identifier fits. ``name_and_home``:
    name and dwelling fit, no identifier does.
    """
    owners = {
        value: [person for person in people if value in person.contacts]
        for value in sorted(given.contacts)
    }
    found = {person.key: person for hits in owners.values() for person in hits}
    if not found:
        return _by_home(given, people)
    candidates = tuple(sorted(found))
    if any(len(hits) > 1 for hits in owners.values()):
        return Match(Grade.MAYBE, None, candidates, ("shared",))
    if len(found) > 1:
        return Match(Grade.MAYBE, None, candidates, ("conflict",))
    person = found[candidates[0]]
    named = likeness(given.name, person.name) if given.name else None
    if named == Likeness.OTHER:
        return Match(Grade.MAYBE, None, candidates, ("other_name",))
    if named != Likeness.SAME and not given.contacts & person.proved:
        return Match(Grade.MAYBE, None, candidates, ("unproved",))
    return Match(Grade.KNOWN, person.key, candidates, ("contact",))


def _by_home(given: StatedIdentity, people: list[Person]) -> Match:
    """Grade by name and dwelling alone, for a person to judge: father and son may share both."""
    near = tuple(
        sorted(
            person.key
            for person in people
            if given.homes & person.homes and likeness(given.name, person.name) != Likeness.OTHER
        )
    )
    if near:
        return Match(Grade.MAYBE, None, near, ("name_and_home",))
    return Match(Grade.UNKNOWN)
