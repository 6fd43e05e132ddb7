"""Read many rows through a cursor that the server keeps: a few hundred at a time, in one snapshot.

The cursor lives in a transaction of a connection of its own, so it works behind a pooler that lends
a connection for one transaction, and nothing else that is read meanwhile runs in that transaction.
The scope is told in the same message as each fetch: policies see the reader who asked, however
late the rows are read (docs/adr/0043-row-level-security.md).
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Generic, TypeVar

import psycopg2
from django.db import models
from django.utils import translation

from portal.database import readers

CHUNK = 500
T = TypeVar("T")


class ServerCursor:
    """What Django's compiler reads from: executes one statement and fetches its rows in turn."""

    def __init__(self, wrapper: Any) -> None:
        """Take a connection of its own; within a transaction the rows must be those of it."""
        self._shared = wrapper.in_atomic_block
        self._line = wrapper if self._shared else wrapper.copy()
        self._asking = wrapper
        self._told = ""
        self._cursor: Any = None

    def execute(self, sql: str, params: Any = None) -> None:
        """Declare the cursor on behalf of whom the statement is; heard as any other statement."""
        declare: Callable[..., Any] = self._declare
        for heard in reversed(self._asking.execute_wrappers):
            declare = partial(heard, declare)
        context = {"connection": self._asking, "cursor": self}
        with self._asking.wrap_database_errors:
            declare(sql, params, False, context)
        if self._asking.queries_logged:
            self._asking.queries_log.append({"sql": sql, "time": ""})

    def _declare(self, sql: str, params: Any, *_ignored: Any) -> None:
        self._told = self._asking.scope_of_statement()
        self._line.ensure_connection()
        if not self._shared:
            self._line.set_autocommit(False)
        raw = self._line.connection
        self._cursor = raw.cursor("palier_rows", cursor_factory=psycopg2.extensions.cursor)
        self._cursor.itersize = CHUNK
        self._tell()
        self._cursor.execute(sql, params)

    def _tell(self) -> None:
        with self._line.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as plain:
            plain.execute(self._told)
        # What else runs in a transaction of the asker's tells its own scope again.
        self._line._told = None

    def fetchmany(self, size: int = CHUNK) -> list[tuple]:
        """Return the next rows; [] after the last one."""
        with self._asking.wrap_database_errors:
            if self._shared:
                self._tell()
            return self._cursor.fetchmany(size)

    def close(self) -> None:
        """End the cursor and give the connection back."""
        if self._cursor is not None and not self._line.connection.closed:
            self._cursor.close()
        if not self._shared:
            self._line.close()


class Stream(Generic[T], Iterator[T]):
    """Gives what ``make`` gives, as the reader and in the language in which it was asked for.

    An answer is sent after its request was worked: then nobody would be the reader any more.
    """

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        self._reader, self._language = readers.current(), translation.get_language()
        self._rows: Iterator[T] | None = None
        self._make = make

    def __next__(self) -> T:
        with readers.reading_as(self._reader), translation.override(self._language):
            if self._rows is None:
                self._rows = self._make()
            return next(self._rows)

    def close(self) -> None:
        """End it early: the browser went away."""
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()


def on_server(rows: models.QuerySet, size: int = CHUNK) -> Iterator[Any]:
    """Give the rows of a queryset through a cursor of the server, with what it prefetches."""
    rows = rows.all()
    rows.query.on_server = True
    return rows.iterator(chunk_size=size)


def in_chunks(rows: models.QuerySet, size: int = CHUNK) -> Iterator[list[Any]]:
    """Give the rows of ``on_server`` by lists, where something is read for several at once."""
    chunk = []
    for row in on_server(rows, size):
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
