"""One word for one thing, and apostrophes as a printer sets them, in whatever people read."""

import csv
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.portal.test_translations import entries, french

CATALOGUE = Path(settings.BASE_DIR) / "requests/catalogue/categories.csv"
STRAIGHT = re.compile(r"(?<=[^\W_])'(?=[^\W_])|(?<=s)'(?= )")
# Word that is not said -> what is said instead.
FRENCH = {
    r"e-?mails?|mails?(?!\.| \()|mél": "courriel (message), adresse électronique (where it goes)",
    r"tickets?|doléances?|sollicitations?": "demande",
    r"veuillez": "a plain imperative",
    r"cliquez|cliquer": "what the person obtains",
    r"sera(?:ient|it)? (?:traitée?s?) (?:dans les meilleurs délais|prochainement)": "a date",
    r"dans les meilleurs délais|prochainement": "a date",
    r"uploader|checker|backlog|workflow|dashboard": "a French word",
    r"back-?office|front-?office": "the person or the page",
    r"réceptionnée?s?": "reçue",
    r"24h/24|7j/7": "24 h/24, 7 j/7",
}
ENGLISH = {
    r"tickets?": "request",
    r"please click|click here": "what the person obtains",
    r"emails?": "e-mail",
    r"in due course|at your earliest convenience": "a date",
    r"submit": "send",
}


def said(words: dict[str, str], texts: list[str]) -> list[str]:
    """Say which forbidden word stands in which text; a quoted one names a field of the API."""
    found = []
    for word, instead in words.items():
        shape = re.compile(rf"(?<![\w%(.@/“-])(?<!«\u00a0)(?:{word})(?![\w@-])", re.IGNORECASE)
        found += [f"«{text[:90]}»: {instead}" for text in texts if shape.search(text)]
    return found


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    """What people read, by language: translated texts and the catalogue of faults."""
    read = {"fr": [], "en": []}
    for entry in entries():
        read["fr"] += french(entry)
        read["en"] += [entry[name] for name in ("msgid", "msgid_plural") if name in entry]
    with CATALOGUE.open(newline="") as file:
        for row in csv.DictReader(file):
            for column, text in row.items():
                if column.endswith(("_fr", "_en")):
                    read[column[-2:]].append(text)
    return read


@pytest.mark.parametrize("language", ["fr", "en"])
def test_apostrophes_are_typographic(texts, language):
    assert [text for text in texts[language] if STRAIGHT.search(text)] == []


@pytest.mark.parametrize(("language", "words"), [("fr", FRENCH), ("en", ENGLISH)])
def test_one_word_for_one_thing(texts, language, words):
    assert said(words, texts[language]) == []
