"""Search claims by reference, phone, name, address or words: French, no accents, slips allowed.

Narrow the queryset to what the person may see first; the search only narrows it further.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from agencies.models import Residence, Staircase
from agencies.place_search import holds, spellings
from portal import clock, typos
from portal.text import Digits, LikeAny, Plain, PlainWords, search_words, words_of
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from tenants.models import Tenant
from tenants.person_search import phone_of, with_phone

MAX_SIMILAR = 200
REFERENCE = 6
# Said before a name, and not written in the register: « rés. Iberia, bât. B ».
SAID_BEFORE = frozenset({"res", "residence", "bat", "esc", "appt"})
# Newest first: among about so many newest claims, then among more, then among all, while more is
# wanted. A word that one in twenty has fills the first; one that does not is rare in the next.
WINDOWS = (6_000, 60_000)
COUNTED = timedelta(days=28)  # how often claims come is counted over these
LONGEST = timedelta(days=3 * 365)
MAX_FOUND = 100  # claims that a list shows of a search
ENOUGH = 5_000  # of one window
FEW = 5  # of the first window: then the second one would not be filled either
UNFINISHED = 4  # letters of a word that may be the beginning of another
CANDIDATES, MOST_NEAR = 300, 8
# People whose names are looked at: many have one name, and each of them is a page of the table.
NAMESAKES = 100


class Stemmed(Func):
    """Whether a column answers a text query, its words with any French ending; by an index."""

    template = "to_tsvector('french', %(expressions)s)"
    arg_joiner = ") @@ ("
    output_field = BooleanField()


class Asked(Func):
    """The text query for at least one word of each of ``groups``, with any ending or unfinished.

    What a planner may compute beforehand: the index then has all of it in one look. Short words
    and numbers stand as they are; words that French leaves out (« des ») ask for nothing.
    """

    output_field = TextField()

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.groups = groups

    def as_sql(
        self, compiler: Any, connection: Any, *_given: Any, **_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the SQL and its values."""
        values: list[str] = []
        groups = []
        for group in self.groups:
            terms = []
            for word in group:
                known = "plainto_tsquery('french', %s)"
                if len(word) < UNFINISHED or word.isdigit():
                    terms.append(known)
                    values.append(word)
                    continue
                begun = f"{known} || to_tsquery('simple', %s)"
                terms.append(f"CASE numnode({known}) WHEN 0 THEN {known} ELSE {begun} END")
                values += [word, word, word, f"'{word}':*"]
            groups.append(f"({' || '.join(terms)})")
        return " && ".join(groups), tuple(values)


def _words(text: str) -> list[str]:
    words = search_words(text)
    return [word for word in words if word not in SAID_BEFORE] or words


def _whole(claims: QuerySet[Claim], words: list[str]) -> QuerySet[Claim]:
    """Return what has every word, with another ending or unfinished; an index holds it whole."""
    return claims.filter(_endings([spellings(word) for word in words]))


def _in_the_middle(claims: QuerySet[Claim], words: list[str]) -> QuerySet[Claim]:
    """Return what has every word as it was typed, in the middle of another one too.

    Numbers, short words and those with short forms have several patterns each: where there is
    another word, the index is asked for that one alone, and they are looked for in its rows.
    """
    around = Concat(Value(" "), "search", Value(" "), output_field=TextField())
    known = [word for word in words if _is_one_pattern(word)]
    typed = Q()
    for word in words:
        typed &= holds("search" if word in known or not known else "spaced", word)
    return claims.alias(spaced=around).filter(typed)


def _is_one_pattern(word: str) -> bool:
    return len(word) > 3 and not word.isdigit() and spellings(word) == [word]


def _endings(groups: list[list[str]]) -> Q:
    return Q(Stemmed("search", Asked(groups)))


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


@dataclass(frozen=True)
class Found:
    """The newest claims that a text finds; ``near``: only with a slip.

    ``last``: where the last of them stands, by its filing and key, if there are older ones.
    """

    keys: list[UUID]
    near: bool = False
    last: tuple[datetime, UUID] | None = None


def keys(claims: QuerySet[Claim], text: str, *, most: int, now: datetime) -> Found:
    """Return the newest ``most`` claims that ``text`` finds, newest first.

    A reference finds its claim alone, a whole phone number the claims of who has it. For those
    further back narrow ``claims`` to what is behind ``Found.last``, whose moment is then ``now``.
    """
    words = _words(text)
    if not words:
        return Found([])
    claims = claims.select_related(None)
    if number := phone_of(text):
        return _cut(_keys(_of_phone(claims, number)), most)
    if named := _keys(of_reference(claims, text)):
        return _cut(named, most)
    if exact := _newest(_whole(claims, words), most, now) or _keys(_in_the_middle(claims, words)):
        return _cut(exact, most)
    condition = _nearly(claims, words)
    near = _newest(claims.filter(condition), most, now) if condition else []
    return _cut(near, most, near=bool(near))


Rows = list[tuple[datetime, UUID]]


def _keys(claims: QuerySet[Claim]) -> Rows:
    """Return where the first ``ENOUGH`` of ``claims`` stand, in no order, by one statement."""
    return list(claims.order_by().values_list("filed_at", "pk")[:ENOUGH])


def _cut(rows: Rows, most: int, *, near: bool = False) -> Found:
    rows.sort(reverse=True)
    last = rows[most - 1] if len(rows) > most else None
    return Found([key for _at, key in rows[:most]], near, last)


def _newest(claims: QuerySet[Claim], most: int, now: datetime) -> Rows:
    """Return the newest of ``claims``, more than ``most`` where there are so many.

    Each window is read whole and sorted here: with an order and a small limit the planner takes a
    word for frequent, and reads the claims one after another. A frequent word fills the first
    window; what does not fill it is rare enough for the next, and what it hardly has for all.
    """
    found: Rows = []
    until: datetime | None = None
    spans = _windows(now)
    while spans and len(found) <= most:
        span = spans.pop(0)
        since = now - span if span else None
        window = {"filed_at__lt": until, "filed_at__gte": since}
        found += _keys(claims.filter(**{name: at for name, at in window.items() if at}))
        until = since
        if len(found) <= FEW:
            spans = spans[-1:]
    return found


@lru_cache(maxsize=8)
def _a_day(_database: str, day: date) -> float:
    """Return how many claims come in a day; counted once a day by each process."""
    start = datetime.combine(day, time(), UTC)
    newest = Claim.objects.system("how often they come").filter(filed_at__gte=start - COUNTED)
    return newest.order_by().count() / COUNTED.days


def _windows(now: datetime) -> list[timedelta | None]:
    """Return how far back each window goes; None for all."""
    number = max(_a_day(connection.settings_dict["NAME"], now.date()), 1)
    spans = [timedelta(days=size / number) for size in WINDOWS]
    return [span for span in spans if span < LONGEST] + [None]


def find(claims: QuerySet[Claim], text: str) -> tuple[QuerySet[Claim], bool]:
    """Return the newest claims that ``text`` finds, and whether only with a slip."""
    if not _words(text):
        return claims, False
    found = keys(claims, text, most=MAX_FOUND, now=clock.now())
    return claims.filter(pk__in=found.keys), found.near


def _nearly(claims: QuerySet[Claim], words: list[str]) -> Q | None:
    """Return the condition for words a slip away; None when nothing known is that near.

    The words that were meant are whole ones: the endings find them, cheaper than parts of words.
    """
    shapes = {word: typos.patterns(word) for word in words}
    known = _known([shape for found in shapes.values() for shape in found], claims)
    near = {word: _corrections(word, known) if shapes[word] else [] for word in words}
    if not any(near.values()):
        return None
    return _endings([spellings(word) + near[word] for word in words])


def _known(shapes: list[str], claims: QuerySet[Claim]) -> set[str]:
    """Return words of names, places, faults and open claims, of those like one of ``shapes``.

    Rather than of all claims: a slip has twenty spellings, and each of them would be looked up in
    an index of everything that was ever written. One statement; what the reader may not see in
    ``claims`` is not among them, and a name says nothing of whose it is.
    """
    if not shapes:
        return set()
    like = Q(LikeAny("text", shapes))
    people = Tenant.objects.system("spelling of names").annotate(text=F("search"))
    streets = Staircase.objects.annotate(text=PlainWords("street"))
    homes = Residence.objects.annotate(text=PlainWords("name", "postcode", "commune"))
    faults = Category.objects.annotate(text=PlainWords("label_fr", "label_en"))
    written = claims.filter(state__in=OPEN).annotate(text=F("search"))
    first, *rest = (
        rows.order_by().values_list("text")[:most]
        for rows, most in (
            (people.filter(like), NAMESAKES),
            (streets.filter(like), CANDIDATES),
            (homes.filter(like), CANDIDATES),
            (faults.filter(like), CANDIDATES),
            (written, CANDIDATES),
        )
    )
    texts = first.union(*rest, all=True)
    return {word for (text,) in texts for word in search_words(text, most=60)}


def _corrections(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words a slip away from ``word``, the nearest first."""
    near = [one for one in known if one != word and typos.is_near(word, one)]
    near.sort(key=lambda one: (typos.distance(word, one), one))
    return near[:MOST_NEAR]


def newest(
    claims: QuerySet[Claim], text: str, *, most: int, now: datetime
) -> tuple[list[Claim], bool]:
    """Return at most ``most`` claims that ``text`` finds, newest first, and whether with a slip."""
    if len("".join(_words(text))) < 3:
        return [], False
    found = keys(claims, text, most=most, now=now)
    rows = claims.in_bulk(found.keys)
    return [rows[key] for key in found.keys if key in rows], found.near


def stock(rows: QuerySet, text: str, street: str, residence: str) -> QuerySet:
    """Return the rows of the stock whose ``street`` and ``residence`` columns hold every word."""
    place = Plain(Concat(street, Value(" "), residence))
    rows = rows.annotate(place_words=place)
    for word in words_of(text):
        rows = rows.filter(holds("place_words", word))
    return rows
