"""Find a fault by a few words, in French or English, whatever the accents.

Pure except for labels.
"""

import re
import unicodedata
from collections.abc import Iterable

# Words that say nothing about the fault.
NOISE = (
    "a ai au aux avec c ce ces chez d dans de des du elle en est et il ils j je l la le les ma mes "
    "mon n ne pas plus qu que qui s sa se ses son sur un une y "
    "the an is are i my of to in on it not no any more have has and"
)
EMPTY = frozenset(NOISE.split())


def fold(text: str) -> list[str]:
    """Return lower-case words without accents: « Évier bouché » → evier, bouche."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", bare)


def _root(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def find(query: str, categories: Iterable, most: int = 12) -> list:
    """Return the categories whose labels have the words of ``query``, best first; [] when none.

    A word counts when a label's word begins with it. Those with every word come before those
    with some; short plain labels before long ones.
    """
    asked = [_root(w) for w in fold(query[:200]) if w not in EMPTY][:8]
    scored = []
    for category in categories:
        words = fold(
            f"{category.label_fr} {category.label_en} "
            f"{category.plain_language_fr} {category.plain_language_en}"
        )
        hits = sum(any(word.startswith(root) for word in words) for root in asked)
        if hits:
            scored.append((-hits, category.public_rank or 99, len(words), category.code, category))
    scored.sort(key=lambda row: row[:4])
    best = -scored[0][0] if scored else 0
    return [row[4] for row in scored if -row[0] >= max(1, best - 1)][:most]
