"""Search claims by reference, name, address or words: French, without accents, typos allowed.

Narrow the queryset to what the person may see first; the search only narrows it further.
"""

from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.functions import Concat

from portal.database.pooler import setting
from portal.text import Plain, words_of
from requests.claims.models import Claim

# Lower than PostgreSQL's default of 0.6, so that "traroe" finds Traoré; used only when nothing
# matches exactly.
SIMILARITY = "0.4"
MAX_SIMILAR = 200


class Stemmed(Func):
    """Whether a column holds a word with any French ending; an index serves the expression."""

    template = "to_tsvector('french', %(expressions)s)"
    arg_joiner = ") @@ plainto_tsquery('french', "
    output_field = BooleanField()


def _exact(words: list[str]) -> Q:
    """Return the condition that every word is found, as typed or with another French ending."""
    found = Q()
    for word in words:
        found &= Q(search__contains=word) | Q(Stemmed("search", Value(word)))
    return found


def find(claims: QuerySet[Claim], text: str) -> tuple[QuerySet[Claim], bool]:
    """Return the claims that ``text`` finds, and whether only similar spellings matched.

    Runs one statement when something matches exactly, three otherwise.
    """
    words = words_of(text)
    if not words:
        return claims, False
    exact = claims.filter(Q(reference__iexact="".join(words)) | _exact(words))
    if exact.order_by().exists():
        return exact, False
    similar = claims
    for word in words:
        similar = similar.filter(search__trigram_word_similar=word)
    with setting("pg_trgm.word_similarity_threshold", SIMILARITY):
        found = list(similar.order_by().values_list("pk", flat=True)[:MAX_SIMILAR])
    return claims.filter(pk__in=found), True


def stock(rows: QuerySet, text: str, street: str, residence: str) -> QuerySet:
    """Return the rows of the stock whose ``street`` and ``residence`` columns hold every word."""
    place = Plain(Concat(street, Value(" "), residence))
    rows = rows.annotate(place_words=place)
    for word in words_of(text):
        rows = rows.filter(place_words__contains=word)
    return rows
