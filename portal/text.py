"""Words without accents or capitals, the same in Python and in PostgreSQL, for searching."""

import re
import unicodedata

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Func, TextField, Value

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'"})


def plain(text: str) -> str:
    """Return lower case without accents or NUL: « Œuvre à côté » gives "oeuvre a cote"."""
    split = unicodedata.normalize("NFKD", text.replace("\0", ""))
    bare = "".join(c for c in split if not unicodedata.combining(c))
    return bare.casefold().translate(LIGATURES)


def words_of(text: str, most: int = 8) -> list[str]:
    """Return the first plain words of what a person typed in a search box."""
    return plain(text).split()[:most]


def search_words(text: str, most: int = 8) -> list[str]:
    """Return the plain words to search for: also parted at hyphens, apostrophes and points."""
    return [word for word in re.split(r"[^\w@]+", plain(text)) if word.strip("_")][:most]


def digits(text: str) -> str:
    """Return the last nine digits of a phone number: the same with +33, 0033 or 0 before them."""
    return "".join(c for c in text if c.isascii() and c.isdigit())[-9:]


class Plain(Func):
    """``plain()`` on a column; immutable, so that an index can hold it (tenants/0003)."""

    function = "palier_plain"
    output_field = TextField()


class Digits(Func):
    """``digits()`` on a column."""

    function = "palier_digits"
    output_field = TextField()


class PlainWords(Func):
    """``plain()`` on several columns with a space between them, as the indexes hold them."""

    function = "palier_plain"
    arg_joiner = " || ' ' || "
    output_field = TextField()


class FirstNumber(Func):
    """The digits that a text begins with; NULL where it begins with something else."""

    template = r"substring(%(expressions)s from '^\d+')"
    output_field = TextField()


class LikeAny(Func):
    """Whether a column is like one of some patterns; one look into a trigram index for each."""

    template = "(%(expressions)s))"
    arg_joiner = " LIKE ANY ("
    output_field = BooleanField()

    def __init__(self, column: str, patterns: list[str]) -> None:
        super().__init__(column, Value(patterns, ArrayField(TextField())))
