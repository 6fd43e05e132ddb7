"""Finding claims by reference, name, address or words: French, without accents, mistakes allowed.

Narrow the queryset to what the person may see first; the words only narrow it further.
"""

from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.functions import Concat

from portal.text import Plain, words_of

# Below PostgreSQL's own 0.6, so that "traroe" finds Traoré; only tried when nothing is exact.
NEAR = "0.4"
MOST_NEAR = 200


class Stemmed(Func):
    """Whether a column holds a word in another of its French endings; the index serves it."""

    template = "to_tsvector('french', %(expressions)s)"
    arg_joiner = ") @@ plainto_tsquery('french', "
    output_field = BooleanField()


def _exact(words: list[str]) -> Q:
    """Every word stands somewhere, as typed or with another French ending."""
    found = Q()
    for word in words:
        found &= Q(search__contains=word) | Q(Stemmed("search", Value(word)))
    return found


def find(claims: QuerySet, text: str) -> tuple[QuerySet, bool]:
    """Claims that ``text`` finds, and whether only near spellings did.

    One statement when something is found exactly, three otherwise.
    """
    words = words_of(text)
    if not words:
        return claims, False
    exact = claims.filter(Q(reference__iexact="".join(words)) | _exact(words))
    if exact.order_by().exists():
        return exact, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [NEAR])
    near = claims
    for word in words:
        near = near.filter(search__trigram_word_similar=word)
    return claims.filter(
        pk__in=list(near.order_by().values_list("pk", flat=True)[:MOST_NEAR])
    ), True


def stock(rows: QuerySet, text: str, street: str, residence: str) -> QuerySet:
    """Rows of the stock whose ``street`` and ``residence`` columns hold every word."""
    place = Plain(Concat(street, Value(" "), residence))
    rows = rows.annotate(place_words=place)
    for word in words_of(text):
        rows = rows.filter(place_words__contains=word)
    return rows
