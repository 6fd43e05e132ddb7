"""Compile the lists that every page of staff asks once per process, not once per request.

Django makes the text of a query anew each time: conditions, joins, aliases. For the inbox that took
longer than to draw it, and the text is the same for all who have one role; only keys and moments
differ. A function under ``compiled`` makes its query from a member and a moment alone. It is called
with values that stand for theirs; the text is kept, and sent with those of the request.

What a text depends on is the *shape*: role and kind of unit of the member, language, database, and
whatever else the function takes. So that no text is kept with a value of somebody else in it, the
function never sees the real member: it gets one that has nothing but keys that stand for keys, and
a key, day or moment that is none of these raises ``NotKeepable``. The first time, and each time
while ``settings.PALIER_COMPILED`` is "checked", the text is compared with the one that Django makes
of the real values.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from portal.clock import standing_at
from portal.database.readers import system
from portal.models import User

logger = logging.getLogger(__name__)

Find = Callable[["Given"], Any]
NEAR = timedelta(days=400)  # how far what is computed from the moment may be from it


class NotKeepable(RuntimeError):
    """The text of a query depends on more than its shape, the member and the moment."""


@dataclass(frozen=True)
class Given:
    """The values of one request; ``named`` are those that a function takes beside the member."""

    membership: int
    unit: int
    user: UUID
    moment: datetime
    named: Mapping[str, Any] = field(default_factory=dict)


# In the place of the values: nothing else in a query is one of these.
STANDING = Given(
    membership=2_000_000_011,
    unit=2_000_000_017,
    user=UUID("9d3c5b0e-7f7a-4d54-8d1e-6f0c1a2b3c4d"),
    moment=datetime(2001, 2, 3, 4, 5, 6, 789012, tzinfo=UTC),
)
# By kind, for the value of the given number. Days apart from one another by more than ``NEAR``.
STANDS_FOR: Mapping[type, Callable[[int], Any]] = {
    int: lambda number: 2_000_001_000 + number,
    str: lambda number: f"standing for {number}",
    UUID: lambda number: UUID(int=STANDING.user.int + 1 + number),
    datetime: lambda number: STANDING.moment + timedelta(days=1_000) * (number + 1),
}


@dataclass(frozen=True)
class Text:
    """One kept text; ``rows`` is the query it was made of, which is never asked itself."""

    rows: QuerySet
    sql: str
    find: tuple[Find, ...]
    columns: tuple[Any, ...]

    def params(self, given: Given) -> tuple:
        return tuple(find(given) for find in self.find)


@dataclass(frozen=True)
class Sent:
    """What stands in the place of compiling (``portal/database/compiler.py``)."""

    sql: str
    params: tuple
    columns: tuple[Any, ...]


def compiled(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Return the rows of the query that ``build(member, moment, *shape)`` makes, as a list.

    Keys, texts and moments that differ from page to page are passed on by name, and lists of keys
    and texts: compare a column with those by ``arrays.among``.
    """
    texts: dict[Hashable, Text | None] = {}
    refused: set[Hashable] = set()

    @wraps(build)
    def rows(member: Any, moment: datetime, *shape: Hashable, **named: Any) -> list:
        unit = member.unit
        kinds = tuple((name, _kind(value)) for name, value in named.items())
        at = (member.role, unit.kind, get_language(), str(system()), kinds, shape)
        given = Given(member.pk, unit.pk, member.user_id, moment, named)

        def real() -> QuerySet:
            with standing_at(moment):
                return build(member, moment, *shape, **named)

        if at in refused or settings.PALIER_COMPILED == "never":
            return list(real())
        try:
            if at not in texts:
                standing = replace(STANDING, named=dict(_standing(kinds)))
                with standing_at(STANDING.moment):
                    made = build(_stand_in(member), STANDING.moment, *shape, **standing.named)
                text = _text(made, standing)
                _check(text, given, real())
                texts[at] = text
            elif settings.PALIER_COMPILED == "checked":
                _check(texts[at], given, real())
        except NotKeepable:
            if settings.PALIER_STRICT:
                raise
            logger.exception("compiled on each request: %s", build.__qualname__)
            refused.add(at)
            return list(real())
        text = texts[at]
        if text is None:
            return []
        found = text.rows._chain()
        found.query.compiled = Sent(text.sql, text.params(given), text.columns)
        return list(found._iterable_class(found))

    return rows


def _kind(value: Any) -> tuple:
    """Return what a value is: its type, and that of what a list holds; None and [] are themselves.

    Raises TypeError for what nothing can stand for.
    """
    many = isinstance(value, (list, tuple))
    one = value[0] if many and value else value
    kind = type(one)
    if kind not in STANDS_FOR and one is not None and not (many and not value):
        raise TypeError(f"nothing stands for {value!r}")
    return (many, kind if kind in STANDS_FOR else None)


def _standing(kinds: Iterable[tuple[str, tuple]]) -> Iterator[tuple[str, Any]]:
    for number, (name, (many, kind)) in enumerate(kinds):
        one = STANDS_FOR[kind](number) if kind else None
        yield name, ([one] if kind else []) if many else one


def _stand_in(real: Any) -> Any:
    """Return a member who has the role of ``real``, and nothing else that is somebody's."""
    return real._meta.model(
        pk=STANDING.membership,
        role=real.role,
        user=User(pk=STANDING.user),
        unit=real.unit._meta.model(pk=STANDING.unit, kind=real.unit.kind),
    )


def _compiler(rows: QuerySet) -> Any:
    return rows.query.get_compiler(connection=connections[rows.db], using=rows.db)


def _text(rows: QuerySet, standing: Given) -> Text | None:
    """Return the text of a query; None for one that finds nothing whatever is asked."""
    if rows._prefetch_related_lookups or rows._known_related_objects:
        raise NotKeepable("what is prefetched is another query")
    compiler = _compiler(rows)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    return Text(rows, sql, tuple(_find(param, standing) for param in params), compiler.columns())


def _check(text: Text | None, given: Given, rows: QuerySet) -> None:
    """Raise NotKeepable where Django makes another statement of the real values."""
    try:
        sql, params = _compiler(rows).as_sql()
    except EmptyResultSet:
        sql, params = "", ()
    kept = (text.sql, text.params(given)) if text else ("", ())
    if kept != (sql, tuple(params)):
        raise NotKeepable(f"{kept}\nis not\n{(sql, params)}")


def _find(param: Any, standing: Given) -> Find:
    """Return what finds the value of a request that ``param`` stands for."""
    for name, value in standing.named.items():
        if param == value and type(param) is type(value) and value not in (None, []):
            return lambda given: given.named[name]
    if isinstance(param, datetime):
        return _find_moment(param, standing)
    if isinstance(param, date):
        days = param - timezone.localdate(standing.moment)
        if abs(days) > NEAR:
            raise NotKeepable(f"{param!r} in a query")
        return lambda given: timezone.localdate(given.moment) + days
    if param == standing.user:
        return lambda given: given.user
    if isinstance(param, UUID) or (isinstance(param, list) and param):
        raise NotKeepable(f"{param!r} in a query")
    if param == standing.membership:
        return lambda given: given.membership
    if param == standing.unit:
        return lambda given: given.unit
    return lambda given: param


def _find_moment(param: datetime, standing: Given) -> Find:
    """Return what finds a moment: as far from that of the request, or from one of its values."""
    if abs(distance := param - standing.moment) <= NEAR:
        return lambda given: given.moment + distance
    for name, value in standing.named.items():
        if isinstance(value, datetime) and abs(off := param - value) <= NEAR:
            return lambda given: given.named[name] + off
    raise NotKeepable(f"{param!r} in a query")
