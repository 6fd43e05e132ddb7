"""Ask several questions that do not depend on one another by one statement."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

from portal.database.readers import SystemAlias, is_readers
from portal.database.related_rows import maker


def ask_together(*queries: QuerySet) -> list[list[Any]]:
    """Return the rows of each of ``queries`` in its order: objects, or dicts of ``values()``.

    All are asked on behalf of the same reader. What is computed, and all that ``values()`` give, is
    as JSON has it: moments and days are texts, keys of UUIDs too. Raises ValueError for a query
    with ``select_related``, and for queries on different behalves.
    """
    behalves = {_behalf(rows) for rows in queries}
    if "reader" in behalves:
        behalves.discard("")  # what does not say is the reader's as well
    if len(behalves) != 1 or any(rows.query.select_related for rows in queries):
        raise ValueError("these cannot be asked together")
    database = queries[0].db
    parts, given = [], []
    for rows in queries:
        try:
            sql, values = rows.query.get_compiler(database).as_sql()
        except EmptyResultSet:
            parts.append("NULL")
            continue
        parts.append(f"(SELECT json_agg(r) FROM ({sql}) r)")
        given += values
    with _asked(database, behalves.pop()) as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", given)
        answers = cursor.fetchone()
    return [_rows(rows, answer) for rows, answer in zip(queries, answers, strict=True)]


def _behalf(rows: QuerySet) -> str:
    if is_readers(rows):
        return "reader"
    return "system" if isinstance(rows.db, SystemAlias) else ""


@contextmanager
def _asked(database: str, behalf: str) -> Iterator[Any]:
    connection = connections[database]
    former, connection.behalf = connection.behalf, behalf
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.behalf = former


def _rows(rows: QuerySet, answer: Any) -> list[Any]:
    found = json.loads(answer) if isinstance(answer, str) else answer or []
    if not issubclass(rows._iterable_class, ModelIterable):
        return found
    make = maker(rows.model, more=tuple(rows.query.annotation_select), database=rows.db)
    same: dict = {}
    return [make(row, same) for row in found]
