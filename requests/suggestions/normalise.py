"""Bring « sa sen le gaaaz ds lapart » and « Ça sent le gaz dans l'appartement » together.

Also the place where a person is taken out of a text before anything is learnt from it
(``Anonymiser``): addresses, numbers, names and rare words do not reach the model.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

MOST = 4000  # characters read of one text; the rest of a long letter adds nothing
CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
TITLED = re.compile(
    r"\b(?:M\.|MM\.|Mr|Mme|Mlle|Dr|Monsieur|Madame|Mademoiselle)\s+((?:[A-ZÀ-Ý][\w'’-]+\s*){1,3})"
)
SIGNED = re.compile(
    r"\b(cordialement|bien à vous|salutations|sincères|je vous prie d'agréer|veuillez agréer)\b.*",
    re.IGNORECASE | re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# SMS spellings and joined little words: what is written -> what is meant, folded.
SHORT = {
    "g": "j ai", "jai": "j ai", "ge": "j ai", "c": "c est", "cest": "c est", "ct": "c etait",
    "ya": "il y a", "yora": "il y aura", "yavait": "il y avait", "pb": "probleme",
    "pbm": "probleme", "prob": "probleme", "ds": "dans", "dan": "dans", "ss": "sous",
    "sou": "sous", "tt": "tout", "ts": "tous", "tte": "toute", "ttes": "toutes", "tps": "temps",
    "tjr": "toujours", "tjrs": "toujours", "bcp": "beaucoup", "pk": "pourquoi", "pq": "pourquoi",
    "qd": "quand", "kan": "quand", "kand": "quand", "ki": "qui", "ke": "que", "koi": "quoi",
    "mm": "meme", "pr": "pour", "ac": "avec", "avc": "avec", "qqn": "quelqu un",
    "qqun": "quelqu un", "svp": "", "stp": "", "bjr": "", "bonjour": "", "bonsoir": "",
    "rdv": "rendez vous", "rdc": "rez de chaussee", "appart": "appartement",
    "lappart": "l appartement", "lapart": "l appartement", "apt": "appartement",
    "sdb": "salle de bain", "elec": "electricite", "gaze": "gaz",
    "plu": "plus", "pu": "plus", "pa": "pas", "fo": "faut", "vou": "vous", "sa": "ca",
    "h24": "jour et nuit", "hs": "hors service panne", "bb": "bebe", "tel": "telephone",
    "lo": "l eau", "do": "d eau", "lescalier": "l escalier", "limeuble": "l immeuble",
}  # fmt: skip
# Rules of sound, in order, for folded words: spellings that sound alike in French.
SOUNDS = [
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"ph", "f"), (r"eau|aux|au|ot$|os$", "o"), (r"qu|q|ck|c(?=[aoulrkt]|$)", "k"),
        (r"sc?h", "ch"), (r"c(?=[eiy])|ss|sc(?=[eiy])", "s"), (r"g(?=[eiy])", "j"),
        (r"ge(?=[ao])", "j"), (r"gu(?=[ei])", "g"), (r"y", "i"), (r"x", "ks"), (r"z", "s"),
        (r"ail+e?", "ai"), (r"ei|ai|ez$|er$|et$|ee$|e$", "e"), (r"oe", "e"),
        (r"(?:en|em|am|an)(?![aeiou])", "an"), (r"(?:in|im|ain|ein|un)(?![aeiou])", "in"),
        (r"om(?=[bp])", "on"), (r"h", ""), (r"([a-z])\1+", r"\1"),
        (r"(?<=..)(?:ent|es|e|s|t|d|p)$", ""), (r"(?<=..)(?:e|s|t)$", ""),
    )
]  # fmt: skip


def fold(text: str) -> str:
    """Return lower case, no accents or ligatures, one straight apostrophe; no other change."""
    text = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("’", "'")
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


def words_of(text: str) -> list[str]:
    """Return plain words of ``text``: no contacts, digits or elongations, SMS written out."""
    bare = fold(CONTACT.sub(" ", text[:MOST]))
    bare = re.sub(r"([a-z])\1{2,}", r"\1", bare)
    found = []
    for word in re.findall(r"[a-z]+|h24", bare):
        found.extend(SHORT.get(word, word).split())
    return found


def normalise(text: str) -> str:
    """Return ``text`` as one line of plain words; empty when it holds none."""
    return " ".join(words_of(text))


def phonetic_key(word: str) -> str:
    """Return roughly how a folded French word sounds: chodiere, chaudiere → chodier."""
    for pattern, heard in SOUNDS:
        word = pattern.sub(heard, word)
    return word


def _shorter(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


class Anonymiser:
    """Removes persons from the landlord's own texts before training.

    Kept: words of the product's lexicon, words one letter away from it, and words that at least
    ``FEW`` different texts use in lower case. Removed: mail and web addresses, every digit, what
    follows a title (« Mme … »), what follows a closing formula, and capitalised or rare words
    outside the lexicon, among which names are.
    """

    FEW = 5

    def __init__(self, lexicon: Iterable[str]) -> None:
        """Take ``lexicon``: texts of the product's own (catalogue, phrases), free of persons."""
        self.known = {word for text in lexicon for word in words_of(text)}
        self.near = {s for word in self.known if len(word) >= 5 for s in _shorter(word)}

    def clean(self, texts: list[str]) -> list[str]:
        """Return the texts, in order, as plain words without persons."""
        plain = [self._open(text) for text in texts]
        used = Counter(word for words in plain for word in {w for w, low in words if low})
        return [
            " ".join(w for w, low in words if self._is_known(w) or (low and used[w] >= self.FEW))
            for words in plain
        ]

    def _open(self, text: str) -> list[tuple[str, bool]]:
        """Return words, each with whether it is written in lower case."""
        text = CONTACT.sub(" ", text[:MOST])
        text = TITLED.sub(" ", SIGNED.sub(" ", text))
        return [(w, raw[:1].islower()) for raw in WORD.findall(text) for w in words_of(raw)]

    def _is_known(self, word: str) -> bool:
        if word in self.known:
            return True
        return len(word) >= 5 and not self.near.isdisjoint(_shorter(word))
