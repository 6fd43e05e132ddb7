"""How a sentence names a unit, in French and elsewhere."""

import pytest

from agencies.unit_names import Article, begins, of, the

AUTO = Article.AUTOMATIC


@pytest.mark.parametrize(
    ("name", "article", "within", "after"),
    [
        ("Agence Nord", AUTO, "l’agence Nord", "de l’agence Nord"),
        ("Antenne Sud", AUTO, "l’antenne Sud", "de l’antenne Sud"),
        ("Siège", AUTO, "le siège", "du siège"),
        ("Régie de Valmer", AUTO, "la régie de Valmer", "de la régie de Valmer"),
        ("Nord Habitat", AUTO, "Nord Habitat", "de Nord Habitat"),
        ("Ouest Habitat", AUTO, "Ouest Habitat", "d’Ouest Habitat"),
        ("Nord Habitat", Article.MASCULINE, "le Nord Habitat", "du Nord Habitat"),
        ("Agence Nord", Article.NONE, "Agence Nord", "d’Agence Nord"),
        ("", AUTO, "", ""),
    ],
)
def test_french_has_its_article_and_joins_it(name, article, within, after):
    assert (the(name, article, "fr"), of(name, article, "fr")) == (within, after)


def test_a_sentence_begins_large_and_other_languages_say_the_name_alone():
    assert begins("Agence Nord", AUTO, "fr") == "L’agence Nord"
    assert begins("Siège", AUTO, "fr") == "Le siège"
    assert (begins("Agence Nord", AUTO, "en"), of("Agence Nord", AUTO, "en")) == (
        "Agence Nord",
        "Agence Nord",
    )
