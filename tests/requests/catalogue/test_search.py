"""Finding a fault by words."""

import csv
from pathlib import Path

import pytest
from django.test import Client

from requests.catalogue.actions import load_catalogue, product_rows
from requests.catalogue.legal import source_texts
from requests.catalogue.models import Category
from requests.catalogue.search import FILE, find, is_one_slip, merge
from requests.kit.choices import Urgency

pytestmark = pytest.mark.long

with Path(__file__).with_name("everyday_phrases.csv").open(newline="") as _file:
    PHRASES = list(csv.DictReader(_file))


@pytest.fixture(scope="module")
def categories() -> list[Category]:
    """The product's catalogue, without a database."""
    names = ("code", "label_fr", "label_en", "plain_language_fr", "plain_language_en", "urgency")
    return [
        Category(
            public_rank=int(row["public_rank"] or 0) or None, **{name: row[name] for name in names}
        )
        for row in product_rows()
    ]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everyday_phrases_find_their_fault_among_the_first_three(categories, language):
    """Phrases that were written apart, and of which nothing was learnt."""
    asked = [row for row in PHRASES if row["language"] == language]
    missed = [
        (row["text"], row["category"], found)
        for row in asked
        if row["category"] not in (found := [c.code for c in find(row["text"], categories)][:3])
    ]
    assert len(asked) >= {"fr": 60, "en": 40}[language]
    assert len(missed) <= len(asked) / 10, missed


def test_no_danger_comes_first_for_a_harmless_phrase(categories):
    dangers = {c.code for c in categories if c.urgency == Urgency.U0}
    harmless = [row["text"] for row in PHRASES if row["category"] not in dangers]
    assert len(harmless) > 90
    alarming = [text for text in harmless if find(text, categories)[0].code in dangers]
    assert alarming == []


def test_each_category_has_everyday_words():
    with FILE.open(newline="") as file:
        described = [row["code"] for row in csv.DictReader(file) if row["fr"] and row["en"]]
    assert sorted(described) == sorted(row["code"] for row in product_rows())


def test_a_guess_joins_what_the_words_describe(categories):
    by = {c.code: c for c in categories}
    leak, tap, fire = by["PLO-03"], by["PLO-04"], by["SIN-02"]
    assert merge("fuite", [leak], [tap, leak], is_danger=False) == [leak, tap]
    long = "le robinet de la cuisine pleure nuit et jour"
    assert merge(long, [leak, tap], [tap], is_danger=False)[0] == tap
    assert merge("four", [], [fire, tap], is_danger=False) == [tap, fire]
    assert merge("four", [], [fire, tap], is_danger=True) == [fire, tap]
    assert merge("four", [fire], [], is_danger=False) == [fire]


def test_a_slip_is_one_letter():
    assert is_one_slip("robinet", "robinnet")
    assert is_one_slip("robinet", "robient")
    assert not is_one_slip("robinet", "rabonet")


def test_a_model_of_french_is_not_asked_in_english(db, monkeypatch):
    load_catalogue()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    monkeypatch.setattr("requests.suggestions.actions.suggest", lambda *args, **more: 1 / 0)
    page = client.get("/file/search/", {"q": "mould"}).content.decode()
    assert "I have mould on the walls" in page
    assert "There is a fire" not in page
    danger = client.get("/file/search/", {"q": "smell of gas"}).content.decode()
    assert "It smells of gas" in danger
    assert "112" in danger


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("evier bouche", "PLO-07"),
        ("Mes toilettes sont bouchées", "PLO-06"),
        ("ça sent le gaz", "GAZ-01"),
        ("gas smell", "GAZ-01"),
        ("pas de chauffage immeuble", "CHA-01"),
        ("quittance", "ADM-02"),
        ("PUNAISES", "NUI-01"),
    ],
)
def test_plain_words_find_the_fault_among_the_first(db, words, code):
    load_catalogue()
    found = [category.code for category in find(words, Category.objects.all())]
    assert code in found[:4], found


@pytest.mark.parametrize("words", ["", "   ", "le la les", "zzzzzz", "%_\\", "'; --"])
def test_words_that_say_nothing_find_nothing(db, words):
    load_catalogue()
    assert find(words, Category.objects.all()) == []


def test_sources_are_spelt_out_and_what_is_no_law_stays_out():
    assert source_texts("OPH31 U2 [v]; contrat P2") == []
    (only,) = source_texts("D87-712 IV-a [v]; Silène 48 h [v]")
    assert only.endswith("IV-a")
    assert "1987" in only


def test_tenants_are_not_told_a_source_that_nobody_checked():
    assert source_texts("CCH R142-3 [k]; D87-712 V [v]") == source_texts("D87-712 V [v]")
