"""One word for one thing, and apostrophes as a printer sets them, in whatever people read."""

import csv
import re
from pathlib import Path

import pytest
from django.conf import settings

from requests.channels import gsm7
from tests.portal.catalogue import entries, french

CATALOGUE = Path(settings.BASE_DIR) / "requests/catalogue/categories.csv"
MESSAGES = Path(settings.BASE_DIR) / "templates/requests/notifications/messages"
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
    r"adresses? de courriel": "adresse électronique",
    # One word per thing.
    r"bureaux?": "service",
    r"catégories?|(?<!au )sujets?": "motif",
    r"commandes|ordres d’une": "bon de travaux, bons",
    r"comptoirs?": "guichet",
    r"rattach\w+|liée?s? à": "relier, relié",
    r"QR codes?": "code QR",
    r"codes? de porte|codes? d’entrée": "digicode",
    r"codes? de la quittance": "code de l’avis d’échéance",
    r"logiciel des loyers|logiciel de gestion": "logiciel de loyers",
    r"entrées? brutes?": "message reçu",
    r"double authentification": "second facteur",
    r"en marche": "actif, active",
    # Sentences that a tired person does not understand at once.
    r"on nous dit que": "who says it: l’entreprise dit…",
    r"fait : (?:prendre|refuser|transmettre)": "what was done: demande prise en charge",
    r"dits? finis|en un mot|et rien d’autre|suit son cours": "a whole sentence",
    r"dites-le nous": "dites-le-nous",
    r"aujourd[’']hui, avant le": "one of the two",
}
ENGLISH = {
    r"tickets?": "request",
    r"please click|click here": "what the person obtains",
    r"emails?": "e-mail",
    r"in due course|at your earliest convenience": "a date",
    r"submit": "send",
    r"[ap]\.m\.": "AM, PM (portal/dates.py)",
    r"tell it nobody|read along|we are told that": "a plain sentence",
    r"take (?:my|your|their) request back|took your request back": "withdraw",
    r"answer mark": "code",
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
    """What people read, by language: translated texts, messages, the catalogue of faults."""
    read = {"fr": [], "en": []}
    for entry in entries():
        read["fr"] += french(entry)
        read["en"] += [entry[name] for name in ("msgid", "msgid_plural") if name in entry]
    with CATALOGUE.open(newline="") as file:
        for row in csv.DictReader(file):
            for column, text in row.items():
                if column.endswith(("_fr", "_en")):
                    read[column[-2:]].append(text)
    for path in MESSAGES.glob("*.txt"):
        if ".sms." not in path.name:  # written in the alphabet of text messages
            read[path.name.split(".")[-2]].append(path.read_text())
    return read


@pytest.mark.parametrize("language", ["fr", "en"])
def test_apostrophes_are_typographic(texts, language):
    assert [text for text in texts[language] if STRAIGHT.search(text)] == []


@pytest.mark.parametrize(("language", "words"), [("fr", FRENCH), ("en", ENGLISH)])
def test_one_word_for_one_thing(texts, language, words):
    assert said(words, texts[language]) == []


def test_french_text_messages_need_no_other_letter():
    """A ç or an ê would halve what a text message holds, or arrive without its accent."""
    for path in MESSAGES.glob("*.sms.fr.txt"):
        text = re.sub(r"{{.*?}}", "", path.read_text()).replace("\u00a0", " ")
        assert gsm7.to_gsm7(text) == text, path.name
