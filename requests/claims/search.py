"""Search claims by reference, phone, name, address or words: French, no accents, slips allowed.

Narrow the queryset to what the person may see first; the search only narrows it further.
"""

from datetime import datetime, timedelta

from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.functions import Concat

from agencies.finding import holds, is_close
from portal import spelling
from portal.text import Digits, LikeAny, Plain, search_words, words_of
from requests.claims.models import Claim
from tenants.finding import phone_of, with_phone

MAX_SIMILAR = 200
REFERENCE = 6
# Said before a name, and not written in the register: « rés. Iberia, bât. B ».
SAID_BEFORE = frozenset({"res", "residence", "bat", "esc", "appt"})
# Newest first within these days; older ones are only asked for when these are not enough.
RECENT = timedelta(days=120)


class Stemmed(Func):
    """Whether a column holds a word with any French ending; an index serves the expression."""

    template = "to_tsvector('french', %(expressions)s)"
    arg_joiner = ") @@ plainto_tsquery('french', "
    output_field = BooleanField()


def _words(text: str) -> list[str]:
    words = search_words(text)
    return [word for word in words if word not in SAID_BEFORE] or words


def _word(word: str) -> Q:
    """Return the condition that the word is found: as typed, short, or with another ending."""
    found = holds("search", word)
    return found | Q(Stemmed("search", Value(word))) if len(word) > 2 else found


def _exact(words: list[str]) -> Q:
    found = Q()
    for word in words:
        found &= _word(word)
    return found


def _of_phone(claims: QuerySet[Claim], number: str) -> QuerySet[Claim]:
    """Return the claims filed with the number, and those of the people who have it."""
    given = (
        claims.annotate(number=Digits("contact_phone"))
        .filter(number=number)
        .exclude(contact_phone="")
    )
    # Keys rather than a subquery: an index serves each side of the OR.
    keys = list(given.order_by().values_list("pk", flat=True)[:MAX_SIMILAR])
    return claims.filter(Q(pk__in=keys) | Q(tenant__in=with_phone(number)))


def of_reference(claims: QuerySet[Claim], text: str) -> QuerySet[Claim]:
    """Return the claim of this reference, however it is grouped; no claim for another text."""
    compact = "".join(text.split()).upper()
    if len(compact) != REFERENCE or not compact.isascii() or not compact.isalnum():
        return claims.none()
    return claims.filter(reference=compact)


def find(claims: QuerySet[Claim], text: str) -> tuple[QuerySet[Claim], bool]:
    """Return the claims that ``text`` finds, and whether only with a slip.

    A reference finds its claim alone, a whole phone number the claims of who has it.
    """
    words = _words(text)
    if not words:
        return claims, False
    if number := phone_of(text):
        return _of_phone(claims, number), False
    named = of_reference(claims, text)
    if named.order_by().exists():
        return named, False
    exact = claims.filter(_exact(words))
    if exact.order_by().exists():
        return exact, False
    similar = claims.filter(pk__in=[claim.pk for claim in _near(claims, words)])
    return similar, True


def _near(claims: QuerySet[Claim], words: list[str]) -> list[Claim]:
    """Return claims in whose words each typed one stands with a slip at most."""
    rows = claims.select_related(None).order_by()
    slipped = False
    for word in words:
        condition = holds("search", word)
        if shapes := spelling.patterns(word):
            condition |= Q(LikeAny("search", shapes))
            slipped = True
        rows = rows.filter(condition)
    if not slipped:
        return []
    found = rows.only("pk", "search", "filed_at")[:MAX_SIMILAR]
    return [claim for claim in found if is_close(words, claim.search)]


def newest(
    claims: QuerySet[Claim], text: str, *, most: int, now: datetime
) -> tuple[list[Claim], bool]:
    """Return at most ``most`` claims that ``text`` finds, newest first, and whether with a slip.

    Unlike ``find`` it never sorts all that a common word finds: it looks at the last months, then
    at older ones only for what is missing.
    """
    words = _words(text)
    if not words:
        return [], False
    if number := phone_of(text):
        return list(_of_phone(claims, number).order_by("-filed_at")[:most]), False
    if named := list(of_reference(claims, text)):
        return named, False
    if len("".join(words)) < 3:
        return [], False
    exact = claims.filter(_exact(words))
    found = list(exact.filter(filed_at__gte=now - RECENT).order_by("-filed_at")[:most])
    if len(found) < most:
        older = list(exact.filter(filed_at__lt=now - RECENT)[: most - len(found)])
        found += sorted(older, key=lambda claim: claim.filed_at, reverse=True)
    if found:
        return found, False
    keys = [claim.pk for claim in _near(claims, words)]
    return list(claims.filter(pk__in=keys).order_by("-filed_at")[:most]) if keys else [], bool(keys)


def stock(rows: QuerySet, text: str, street: str, residence: str) -> QuerySet:
    """Return the rows of the stock whose ``street`` and ``residence`` columns hold every word."""
    place = Plain(Concat(street, Value(" "), residence))
    rows = rows.annotate(place_words=place)
    for word in words_of(text):
        rows = rows.filter(holds("place_words", word))
    return rows
