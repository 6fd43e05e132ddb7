"""Finding a fault by words."""

import pytest

from requests.catalogue.actions import load_catalogue
from requests.catalogue.legal import source_texts
from requests.catalogue.models import Category
from requests.catalogue.search import find


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
