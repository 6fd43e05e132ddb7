"""What a statement costs: heard while a page is answered, then sent again with EXPLAIN.

Each goes out under the scope that it had, so the policies are counted too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
from django.db import connection

from portal.database import base, readers

PATIENCE = 30_000  # ms; what takes longer is said to do so
CHANGES = ("INSERT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True)
class Heard:
    """One statement as it was sent, with its values; ``scope`` is what went ahead of it."""

    scope: str
    sql: str
    rows: int


@dataclass(frozen=True)
class Cost:
    """What EXPLAIN says of one statement: buffers of running it, milliseconds, and its plan."""

    planning: float
    execution: float
    buffers: int
    plan: dict


@contextmanager
def heard() -> Iterator[list[Heard]]:
    """Note each statement of this connection."""
    found: list[Heard] = []
    told = [base._SYSTEM]

    class Ear(base.ScopedCursor):
        def execute(self, sql, params=None):
            super().execute(sql, params)
            query = self.query or b""
            if scope := base.TELL.match(query):
                told[0] = scope[0].decode()
            rest = query[len(scope[0]) if scope else 0 :].decode()
            found.append(Heard(told[0], rest, max(self.rowcount, 0)))

    connection.ensure_connection()
    connection.connection.cursor_factory = Ear
    try:
        yield found
    finally:
        if connection.connection is not None:
            connection.connection.cursor_factory = base.ScopedCursor


def is_guarded_read(statement: Heard) -> bool:
    """Return whether the statement reads a table that has policies."""
    return statement.sql.startswith("SELECT") and any(
        prefix in statement.sql for prefix in readers.prefixes()
    )


def can_be_explained(statement: Heard) -> bool:
    """Return whether EXPLAIN takes the statement: it takes neither SAVEPOINT nor SET."""
    return statement.sql.lstrip("( ").startswith(("SELECT", *CHANGES))


def _found(cursor: psycopg2.extensions.cursor, sql: str) -> Cost:
    # Past ScopedCursor: the scope is in place.
    plain = super(type(cursor), cursor)
    plain.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY, FORMAT JSON) {sql}")
    told = cursor.fetchone()[0][0]
    plan = told["Plan"]
    buffers = sum(plan.get(f"Shared {kind} Blocks", 0) for kind in ("Hit", "Read"))
    return Cost(told["Planning Time"], told["Execution Time"], buffers, plan)


def explain(statements: list[Heard], runs: int = 1) -> list[Cost | None]:
    """Return the cost of each statement, the best of ``runs``; None for one that gave up.

    All run in one transaction, which is then undone: what an action wrote, the next statements
    read. A statement that fails alone (a key that the first run took) is None as well.
    """
    connection.ensure_connection()
    line = connection.connection
    costs: list[Cost | None] = []
    with line.cursor() as cursor:
        plain = super(type(cursor), cursor)
        plain.execute(f"BEGIN; SET LOCAL statement_timeout = {PATIENCE}")
        for statement in statements:
            again = 1 if statement.sql.startswith(CHANGES) else runs
            best: Cost | None = None
            try:
                plain.execute(f"SAVEPOINT bench; {statement.scope}")
                for _ in range(again):
                    cost = _found(cursor, statement.sql)
                    if best is None or cost.execution < best.execution:
                        best = cost
                plain.execute("RELEASE SAVEPOINT bench")
            except psycopg2.Error:
                best = None
                plain.execute("ROLLBACK TO SAVEPOINT bench")
            costs.append(best)
        plain.execute("ROLLBACK")
    return costs
