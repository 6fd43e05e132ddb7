"""Find a fault by a few words, in French or English, whatever the accents or slips.

A category is described by its labels, its plain words and the everyday words of
``search_words.csv``, in each language. A word that few categories have counts more. Pure, except
for the texts of the categories.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log
from pathlib import Path
from typing import Protocol

from requests.kit.choices import Urgency

FILE = Path(__file__).with_name("search_words.csv")
# Words that say nothing about the fault.
NOISE = {
    "fr": "a ai aie ait alors apres au aussi aux avec avoir beaucoup bonjour bonsoir ca car ce "
    "cela ces cet cette c chez comme comment d dans de depuis des deux du elle elles en encore est "
    "et ete etes etre eu fait faire faut ici il ils j je jour jours jusqu l la le les leur "
    "lui m ma mais me merci mes moi mon n ne ni nos notre nous on ont ou par pas petit peu "
    "plus pour pourquoi puis qu quand que quel quelle qui s sa sans se semaine ses si son "
    "sont suis sur svp t ta te tes toi ton toujours tout toute tous tres trop tu un une va "
    "vais veux voudrais vos votre vous y",
    "en": "a about after again all also am an and any are as at be because been before but by can "
    "cannot could do does doesn don for from get getting got had has have he hello help her here "
    "his how i if in into is isn it its just keep keeps like m me much my near need no not now of "
    "off on one or our out over please re s she since so some still t that the their them then "
    "there they this to today too up ve very want was we were what when where which who why will "
    "with won would you your",
}
EMPTY = {language: frozenset(words.split()) for language, words in NOISE.items()}
MOST_WORDS = 12
FEW_WORDS = 3
MARKED = re.compile(r"(\S+)\+")
BEGINS, STEM, SLIP = 0.9, 0.8, 0.7  # how far a word counts that is not the same
NAMED = 0.5  # more for a text that the words say whole: « fire » is "Fire" before "Fire lane"
EVERYDAY = 0.85  # words of the file count a little less than those a person reads in the list
FIRST = 1.4  # a word with + in the file: what a person who says only this most often means
LEAST = 0.45  # of the best score, below which a category is not shown


class Described(Protocol):
    """A category of the catalogue."""

    code: str
    urgency: str
    public_rank: int | None
    label_fr: str
    label_en: str
    plain_language_fr: str
    plain_language_en: str


@dataclass(frozen=True)
class Entry:
    """The words of one category in one language, with what each counts, and its short texts."""

    words: Mapping[str, float]
    texts: tuple[frozenset[str], ...]


def fold(text: str) -> list[str]:
    """Return lower-case words without accents: « Évier bouché » → evier, bouche."""
    text = text.replace("œ", "oe").replace("Œ", "OE")
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", bare)


def _root(word: str) -> str:
    """Return a word without the mark of the plural and the silent e before it."""
    if len(word) > 3 and word[-1] in "sx" and not word.endswith("ss"):
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("ee") else word


def _telling(text: str, language: str) -> list[str]:
    return [_root(word) for word in fold(text) if word not in EMPTY[language]]


@cache
def _everyday() -> dict[str, dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def _describe(category: Described, language: str) -> Entry:
    label = getattr(category, f"label_{language}")
    plain = getattr(category, f"plain_language_{language}")
    everyday = _everyday().get(category.code, {}).get(language, "")
    texts = tuple(frozenset(_telling(text, language)) for text in (label, plain))
    words = dict.fromkeys(_telling(everyday, language), EVERYDAY)
    words |= {word: 1.0 for text in texts for word in text}
    words |= dict.fromkeys(_telling(" ".join(MARKED.findall(everyday)), language), FIRST)
    return Entry(words, texts)


def is_one_slip(a: str, b: str) -> bool:
    """Return whether one letter added, lost, changed or two swapped turn ``a`` into ``b``."""
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    rest, other = a[i:], b[i:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])
    )


@lru_cache(maxsize=50_000)
def _alike(asked: str, word: str) -> float:
    """Return how far ``word`` is what was asked, 0–1: same, begins with it, same stem, a slip."""
    if asked == word:
        return 1.0
    shorter, longer = sorted((asked, word), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return BEGINS if len(longer) - len(shorter) <= 4 else STEM
    if len(shorter) >= 5 and longer.startswith(shorter[:-1]) and len(longer) - len(shorter) <= 2:
        return STEM
    return SLIP if len(shorter) >= 5 and is_one_slip(asked, word) else 0.0


def _scores(asked: list[str], entries: list[Entry]) -> list[float]:
    """Return what each entry has of the words asked, the rarer the more."""
    held = Counter(word for entry in entries for word in entry.words)
    scores = [0.0] * len(entries)
    known: list[set[str]] = [set() for _entry in entries]
    for word in dict.fromkeys(asked):
        near = {other: like for other in held if (like := _alike(word, other))}
        if not near:
            continue
        best = max(near.values())
        near = {other: like for other, like in near.items() if like >= best - 0.2}
        having = [
            max((near[o] * entry.words[o] for o in near if o in entry.words), default=0.0)
            for entry in entries
        ]
        rare = log(1 + len(entries) / sum(1 for value in having if value))
        for i, value in enumerate(having):
            scores[i] += rare * value
            known[i] |= near.keys() & entries[i].words.keys()
    for i, entry in enumerate(entries):
        if scores[i]:
            said = max(len(text & known[i]) / len(text) if text else 0.0 for text in entry.texts)
            scores[i] *= 1 + NAMED * said
    return scores


def merge(query: str, plain: list, guessed: list, *, is_danger: bool) -> list:
    """Return what words describe (``plain``) and what a French model guessed as one list.

    Of a few words the best description comes first, of a sentence the model knows more. Without
    danger in the words no category of danger comes first while there is another.
    """
    by_code = {category.code: category for category in guessed + plain}
    first, second = ([category.code for category in ranking] for ranking in (guessed, plain))
    if len(_telling(query, "fr")) <= FEW_WORDS:
        codes = list(dict.fromkeys(second[:1] + first + second[1:]))
    else:
        points = dict.fromkeys(first + second, 0.0)  # reciprocal rank fusion
        for ranking in (first, second):
            for place, code in enumerate(ranking):
                points[code] += 1 / (2 + place)
        codes = sorted(points, key=lambda code: -points[code])
    order = [by_code[code] for code in codes]
    if not is_danger:
        calm = next((c for c in order if c.urgency != Urgency.U0), None)
        order.sort(key=lambda category: category is not calm)
    return order


def describe_all(categories: Iterable[Described]) -> dict[str, list[Entry]]:
    """Return the words of each category in each language, for many queries of the same ones."""
    found = list(categories)
    return {language: [_describe(one, language) for one in found] for language in EMPTY}


def find(
    query: str,
    categories: Iterable[Described],
    most: int = 12,
    *,
    described: Mapping[str, list[Entry]] | None = None,
) -> list:
    """Return the categories that the words of ``query`` describe, best first; [] when none.

    A category of danger comes after an everyday one that the words describe as well.
    ``described``: what ``describe_all`` returned for the same categories.
    """
    found = list(categories)
    scores = [0.0] * len(found)
    for language in EMPTY:
        asked = _telling(query[:200], language)[:MOST_WORDS]
        if asked and found:
            words = described[language] if described else None
            own = _scores(asked, words or [_describe(category, language) for category in found])
            scores = [max(pair) for pair in zip(scores, own, strict=True)]
    best = max(scores, default=0.0)
    order = sorted(
        (-round(score, 3), c.urgency == Urgency.U0, c.public_rank or 99, c.code, c)
        for score, c in zip(scores, found, strict=True)
        if score and score >= LEAST * best
    )
    return [row[-1] for row in order[:most]]
