"""Django's PostgreSQL: each statement says on whose behalf it reads.

What only the owner of the tables may do is done as the owner.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2.extensions
from django.db.backends.postgresql import base, operations

from portal.database import readers
from portal.database.owner import settings_of_owner
from portal.database.streams import ServerCursor

# These read no row, and some (SAVEPOINT, VACUUM, CREATE INDEX CONCURRENTLY) may not follow another
# statement in one message.
NO_ROWS = re.compile(
    r"\s*(savepoint|release|rollback|commit|begin|start|end|abort|set|reset|show|discard|vacuum|analyze"
    r"|create|alter|drop|comment|grant|revoke|lock|listen|unlisten|notify|reindex|cluster|checkpoint"
    r"|declare|fetch|close|copy)\b",
    re.I,
)
READS = re.compile(r"\s*\(*\s*select\b", re.I)
TELL = re.compile(rb"^SET LOCAL palier\.scope[^;]*;(SET LOCAL palier\.who[^;]*;)?")


class ScopedCursor(psycopg2.extensions.cursor):
    """Sends the scope ahead of a statement, in the same message.

    The setting is local to the transaction, which in autocommit is the message: so it is gone
    when a pooler gives the connection to somebody else.
    """

    wrapper: "DatabaseWrapper | None" = None  # None for what Django asks past its own cursors

    def execute(self, sql, params=None):
        if isinstance(sql, str) and self.wrapper is not None:
            sql = self.wrapper.tell(sql) + sql
        return super().execute(sql, params)

    def executemany(self, sql, param_list):
        for params in param_list:
            self.execute(sql, params)


class DatabaseOperations(operations.DatabaseOperations):
    """Empties tables as the owner: the application may delete rows, not truncate tables."""

    compiler_module = "portal.database.compiler"

    def last_executed_query(self, cursor, sql, params):
        """Return the statement without the scope that was sent ahead of it."""
        if cursor.query is None:
            return None
        return TELL.sub(b"", cursor.query).decode(errors="replace")

    def execute_sql_flush(self, sql_list):
        """Empty tables, between the tests that commit and for `manage.py flush`."""
        if self.connection.in_atomic_block:
            super().execute_sql_flush(sql_list)
            return
        owner = self.connection.of_owner()
        try:
            with owner.cursor() as cursor:
                for sql in sql_list:
                    cursor.execute(sql)
        finally:
            owner.close()


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine ``portal.database``."""

    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.behalf = ""  # of whom the statement is: "system", "reader", or "" when it does not say
        self.on_server = False  # whether the statement is read through a cursor of the server
        self._told: str | None = None

    def of_owner(self) -> "DatabaseWrapper":
        """Return another connection to the same database, as its owner."""
        return self.__class__(settings_of_owner(self), alias=self.alias)

    @contextmanager
    def _nodb_cursor(self) -> Iterator:
        """Give a cursor that may make databases: those of tests belong to the owner."""
        with super(DatabaseWrapper, self.of_owner())._nodb_cursor() as cursor:
            yield cursor

    def tell(self, sql: str) -> str:
        """Return what to send ahead of ``sql``; "" where PostgreSQL knows or need not know."""
        if sql.startswith("SELECT ") or READS.match(sql):
            if not any(prefix in sql for prefix in readers.prefixes()):
                return ""
        elif NO_ROWS.match(sql):
            return ""
        wanted = self._wanted()
        if not self.get_autocommit():
            if wanted == self._told:
                return ""
            self._told = wanted
        return wanted

    def _wanted(self) -> str:
        reader = readers.current()
        if reader is None or self.behalf == "system":
            return _SYSTEM
        if not self.behalf and readers.in_action():
            return _SYSTEM
        with readers.reading_as(None):  # finding out who asks is the landlord's
            who = reader.who()
        return who.told

    def scope_of_statement(self) -> str:
        """Return what tells PostgreSQL on whose behalf the statement of now is."""
        return self._wanted()

    def create_cursor(self, name: str | None = None):
        cursor = super().create_cursor(name)
        if name is None:
            cursor.wrapper = self
        return cursor

    def chunked_cursor(self):
        """Read all at once, unless the query asks for a cursor that the server keeps.

        The scope must go ahead of each fetch, and the cursor needs a transaction: streams.py.
        """
        return ServerCursor(self) if self.on_server else self.cursor()

    def get_new_connection(self, conn_params):
        connection = super().get_new_connection(conn_params)
        connection.cursor_factory = ScopedCursor
        return connection

    def run_and_clear_commit_hooks(self):
        """Let what follows an action be the landlord's, as the action was."""
        with readers.reading_as(None):
            super().run_and_clear_commit_hooks()

    def _commit(self):
        self._told = None
        return super()._commit()

    def _rollback(self):
        self._told = None
        return super()._rollback()

    def _savepoint_rollback(self, sid):
        self._told = None  # what was told since the savepoint is undone as well
        return super()._savepoint_rollback(sid)

    def connect(self):
        self._told = None
        return super().connect()


_SYSTEM = readers.tell("system")
