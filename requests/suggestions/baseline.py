"""Suggestions from plain keywords on the same texts: the measure that a model must beat."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

from requests.suggestions.normalise import fold

ALARMS = (
    "gaz", "feu", "fumee", "incendie", "etincelle", "brule", "electrocut", "danger", "urgent",
    "urgence", "bloque", "agress", "menace", "violence", "secours", "tombe", "explos",
)  # fmt: skip


def _roots(text: str) -> set[str]:
    plain = "".join(c if c.isalpha() else " " for c in fold(text))
    return {w[:6] for w in plain.split() if len(w) > 2}


class Keywords:
    """Categories by the rare words they share with a text, from the same training texts."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Learn from ``texts``: pairs of a text and its category."""
        self.words: Mapping[str, set[str]] = {}
        for text, category in texts:
            self.words.setdefault(category, set()).update(_roots(text))
        seen = Counter(w for words in self.words.values() for w in words)
        self.worth = {w: log(1 + len(self.words) / n) for w, n in seen.items()}

    def guess(self, text: str, most: int = 3) -> list[str]:
        """Return the best categories first; [] when no word is known."""
        asked = _roots(text)
        scored = {
            code: sum(self.worth[w] for w in asked & words) / (5 + len(words)) ** 0.5
            for code, words in self.words.items()
        }
        best = sorted((code for code in scored if scored[code]), key=lambda c: (-scored[c], c))
        return best[:most]

    @staticmethod
    def danger(text: str) -> bool:
        return any(word in fold(text) for word in ALARMS)
