"""Words that may mean that somebody is about to be hurt: a curated list, read for recall.

``danger_words.txt`` holds one rule a line. A rule's groups must all be heard in the text; ``|``
parts alternatives, a leading ``!`` excludes, ``a_b`` asks for neighbours in that order. A word is
heard when a text's word begins with it, sounds like it, or is one slip away from it. A line
``@GAZ-01`` names the category of the rules under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from requests.catalogue.search import is_one_slip
from requests.suggestions.normalise import phonetic_key, words_of

FILE = Path(__file__).with_name("danger_words.txt")


@dataclass(frozen=True)
class Rule:
    """All of ``needed`` (each a tuple of alternatives), none of ``excluded``; what it means."""

    needed: tuple[tuple[str, ...], ...]
    excluded: tuple[str, ...]
    category: str = ""


@dataclass(frozen=True)
class Danger:
    """What a text may speak of: the code of a category, and the words that were heard."""

    category: str
    words: tuple[str, ...]

    @property
    def said(self) -> str:
        """Return the words as one text: « odeur, gaz »."""
        return ", ".join(self.words)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of the product's list. Lines that begin with ``#`` are comments."""
    found = []
    category = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        groups = line.split("#")[0].split()
        if line.startswith("@"):
            category = line[1:].strip()
        elif groups:
            needed = tuple(tuple(g.split("|")) for g in groups if not g.startswith("!"))
            excluded = tuple(w for g in groups if g.startswith("!") for w in g[1:].split("|"))
            found.append(Rule(needed, excluded, category))
    return tuple(found)


@lru_cache(maxsize=20_000)
def _sound(word: str) -> str:
    return phonetic_key(word)


def _same(stem: str, word: str) -> bool:
    if stem.endswith("."):  # the exact word: « feu. » is not « feuille »
        return word == stem[:-1]
    if stem.endswith("*"):  # the beginning to the letter: « agress » is not « adress »
        return word.startswith(stem[:-1])
    if word.startswith(stem):
        return True
    if len(stem) < 6:
        return False
    if any(is_one_slip(stem, word[: len(stem) + more]) for more in (-1, 0, 1)):
        return True
    heard = _sound(stem)
    return len(heard) >= 4 and _sound(word).startswith(heard)


def _with_article(stem: str, word: str) -> bool:
    """Match an article stuck to the word: « lascenseur », « dlelectricite »."""
    return len(stem) >= 5 and word[:1] in "ldsjnm" and _same(stem, word[1:])


@cache
def _stems() -> frozenset[str]:
    terms = [t for rule in rules() for group in (*rule.needed, rule.excluded) for t in group]
    return frozenset(part for term in terms for part in term.split("_"))


@lru_cache(maxsize=20_000)
def _stems_in(word: str) -> frozenset[str]:
    """Return the list's stems that ``word`` may be; cached, since people use the same words."""
    return frozenset(s for s in _stems() if _same(s, word) or _with_article(s, word))


def _places(text: str) -> dict[str, set[int]]:
    """Return the places, in the order of its words, at which each of the list's stems is heard."""
    found: dict[str, set[int]] = {}
    for place, word in enumerate(words_of(text)):
        for stem in _stems_in(word):
            found.setdefault(stem, set()).add(place)
    return found


def _occurs(term: str, places: Mapping[str, set[int]]) -> bool:
    """Return whether the parts of ``term`` are heard one after the other."""
    if "_" not in term:
        return term in places
    first, *others = term.split("_")
    begun = places.get(first, set())
    for distance, part in enumerate(others, 1):
        heard = places.get(part, set())
        begun = {place for place in begun if place + distance in heard}
    return bool(begun)


def find_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` that meet the first rule that fits; () when none fits."""
    found = find(text)
    return found.words if found else ()


@lru_cache(maxsize=8)
def find(text: str) -> Danger | None:
    """Return what the first rule that fits ``text`` means; None when none fits.

    Kept for the next who asks: whoever files a text has searched it before.
    """
    places = _places(text)  # once, since the list asks for some hundred terms
    for rule in rules():
        if any(_occurs(term, places) for term in rule.excluded):
            continue
        found = [next((t for t in group if _occurs(t, places)), "") for group in rule.needed]
        if all(found):
            said = tuple(t.replace("_", " ").rstrip(".*") for t in found)
            return Danger(rule.category, said)
    return None
