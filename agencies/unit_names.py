"""How a sentence names a unit: « l’agence Nord vous répond », « Karim, de l’agence Nord ».

French needs the article and joins it to the preposition; other languages say the name alone.
Pure: no ORM.
"""

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

APOSTROPHE = "’"


class Article(models.TextChoices):
    """The French article of a name; AUTOMATIC: that of its first word, where that is known."""

    AUTOMATIC = "auto", _("by the first word of the name")
    ELIDED = "elided", _("l’ (l’agence Nord)")
    MASCULINE = "le", _("le (le siège)")
    FEMININE = "la", _("la (la régie)")
    NONE = "none", _("none (Nord Habitat)")


ARTICLES = {
    Article.ELIDED: ("l’", "de l’"),
    Article.MASCULINE: ("le ", "du "),
    Article.FEMININE: ("la ", "de la "),
}
# Common nouns that begin the names of units: written small after an article.
NOUNS = {
    Article.ELIDED: ("agence", "antenne", "office", "accueil", "équipe", "espace", "unité"),
    Article.MASCULINE: ("siège", "service", "pôle", "bureau", "centre", "secteur", "département"),
    Article.FEMININE: ("direction", "régie", "maison", "délégation", "plateforme", "cellule"),
}
OF_NOUN = {noun: article for article, nouns in NOUNS.items() for noun in nouns}
VOWELS = "aeiouyhàâéèêëîïôùûœ"


def _french(language: str | None) -> bool:
    return (language or get_language() or "fr").startswith("fr")


def _parts(name: str, article: str) -> tuple[str, tuple[str, str] | None]:
    """Return the name as it stands after an article, and the article alone and after "de"."""
    first = name.partition(" ")[0]
    noun = OF_NOUN.get(first.lower())
    chosen = (noun or Article.NONE) if article == Article.AUTOMATIC else Article(article)
    if chosen == Article.NONE:
        return name, None
    return (first.lower() + name[len(first) :] if noun else name), ARTICLES[chosen]


def the(name: str, article: str = Article.AUTOMATIC, language: str | None = None) -> str:
    """Return « l’agence Nord »; the name alone where it has no article."""
    if not _french(language):
        return name
    plain, words = _parts(name, article)
    return words[0] + plain if words else plain


def of(name: str, article: str = Article.AUTOMATIC, language: str | None = None) -> str:
    """Return « de l’agence Nord », « du siège », « d’Ouest Habitat »; elsewhere the name alone."""
    if not _french(language) or not name:
        return name
    plain, words = _parts(name, article)
    if words:
        return words[1] + plain
    return f"d{APOSTROPHE}{plain}" if plain[:1].lower() in VOWELS else f"de {plain}"


def begins(name: str, article: str = Article.AUTOMATIC, language: str | None = None) -> str:
    """Return « L’agence Nord », as a sentence begins."""
    return capfirst(the(name, article, language))
