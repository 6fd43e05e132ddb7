"""Sensitive words are found whatever their accents, and plain faults are left alone."""

import pytest

from requests.kit.sensitive_words import sensitive_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Elle est MALADE et enceinte", ["malade", "enceinte"]),
        ("Voisin d’origine inconnue", ["d'origine"]),
        ("famille musulmane", ["musulmane"]),
        ("n° 2 85 05 78 006 048 12", ["2 85 05 78 006 048 12"]),
        ("he is disabled", ["disabled"]),
        ("Il sort de prison", ["sort de prison"]),
    ],
)
def test_found(text, found):
    assert sensitive_words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "La lumière de l'escalier est en panne, gayette du palier",
        "06 12 00 34 56",
        "Le radiateur du salon est froid depuis mardi",
        "Origine de la fuite : le joint",
        "",
    ],
)
def test_left_alone(text):
    assert sensitive_words(text) == []
