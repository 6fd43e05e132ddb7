"""On whose behalf a statement reads: the landlord itself, or the reader of a request.

PostgreSQL is told with each statement (``portal/database/base.py``) and compares with its policies
(``portal/database/row_security.py``). Outside a request the landlord works: jobs, commands, tests.

Within a request a statement reads as the reader, except what the landlord does: a query that says
``system("why")``, all that is followed from what such a query found, what is written, and what an
action reads in its transaction. A query that names the reader's own scope (``visible_to``) stays
the reader's everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils.module_loading import import_string


class SystemAlias(str):
    """The name of the database, asked as the landlord.

    Django keeps the name of the database with each object that it loads, and asks the same one for
    what is related: so what the landlord found is followed as the landlord.
    """

    __slots__ = ()


# How the names of views over guarded tables begin (requests/reporting/view_sql.py).
VIEWS = "report_"
SYSTEM = SystemAlias(DEFAULT_DB_ALIAS)
REPLICA = "replica"  # what the read-only copy of the database is called, where there is one
SYSTEM_ON_REPLICA = SystemAlias(REPLICA)

_on_replica: ContextVar[bool] = ContextVar("on_replica", default=False)


@contextmanager
def from_replica() -> Iterator[None]:
    """Read from the replica within the block, except in a transaction of an action."""
    token = _on_replica.set(True)
    try:
        yield
    finally:
        _on_replica.reset(token)


def system() -> SystemAlias:
    """Return the name of the database that is read now, asked as the landlord."""
    return SYSTEM_ON_REPLICA if _reads_replica() else SYSTEM


def _reads_replica() -> bool:
    return _on_replica.get() and not connection.in_atomic_block


def tell(scope: str, who: str = "") -> str:
    """Return what tells PostgreSQL a scope for the rest of the transaction.

    A setting costs a tenth of what a query costs. The values are digits, dates and words of ours:
    nothing to quote, no %.
    """
    told = f"SET LOCAL palier.scope='{scope}';"
    return f"{told}SET LOCAL palier.who='{who}';" if who else told


@dataclass(frozen=True)
class Who:
    """The reader as PostgreSQL is told; None and "" open nothing.

    ``kind`` says how the role reads: ``all`` everything, ``unit`` the stock of ``unit``,
    ``contractor`` the orders of ``company``, ``caretaker`` the buildings of ``membership``,
    ``privacy`` what concerns persons, ``person`` only what belongs to the account ``user``.
    """

    kind: str = "nobody"
    user: UUID | None = None
    unit: int | None = None
    company: int | None = None
    membership: int | None = None
    today: str = ""
    now: str = ""

    @cached_property
    def told(self) -> str:
        """Return what goes ahead of each statement; who reads everything need not be asked who."""
        return tell("all" if self.kind == "all" else "reader", str(self))

    def __str__(self) -> str:
        """Return the fields as ``palier_who`` reads them."""
        values = (self.kind, self.user, self.unit, self.company, self.membership, self.today)
        return "|".join("" if value is None else str(value) for value in (*values, self.now))


class Reader(Protocol):
    """Somebody for whom a request is answered."""

    depth: int

    def who(self) -> Who:
        """Return who that is now; a request may sign somebody in."""


_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def reading_as(reader: Reader | None) -> Iterator[None]:
    """Read as ``reader`` until the end of the block; None is the landlord itself."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def current() -> Reader | None:
    """Return the reader; None for the landlord itself."""
    return _reader.get()


def in_action() -> bool:
    """Return whether a request opened a transaction: what it does there is the landlord's."""
    reader = _reader.get()
    return reader is not None and len(connection.atomic_blocks) > reader.depth


class Router:
    """Names the database as the landlord for what an action finds and for what is added.

    For anything else Django takes the name that came with the object.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        if hints.get("instance") is not None:
            return None
        if in_action():
            return SYSTEM
        return REPLICA if _reads_replica() else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        held = hints.get("instance")
        if held is not None:
            return SYSTEM if held._state.db == REPLICA else None
        return SYSTEM if _reader.get() is not None else None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Let what the replica showed be referred to: it is a row of the same database."""
        return True

    def allow_migrate(self, database: str, *args: Any, **hints: Any) -> bool | None:
        return False if database == REPLICA else None


def mark_as_readers(rows: Any) -> Any:
    """Let the queryset ``rows`` be asked as the reader, whatever surrounds it."""
    if not isinstance(rows._db, SystemAlias):
        rows.query.reads_as_reader = True
    return rows


def is_readers(rows: Any) -> bool:
    """Return whether the queryset is asked as the reader, whatever surrounds it."""
    return getattr(rows.query, "reads_as_reader", False)


def alias_of(held: Any) -> SystemAlias | None:
    """Return the name under which to go on from an object or a queryset; None for the reader's."""
    state = getattr(held, "_state", None)
    name = state.db if state is not None else getattr(held, "_db", None)
    return name if isinstance(name, SystemAlias) else None


@cache
def guarded_tables() -> frozenset[str]:
    """Return the tables of the models whose manager asks for a scope."""
    manager = import_string("portal.scope.ScopedManager")
    found = set()
    for model in apps.get_models():
        declared = vars(model).get("objects")
        if declared is not None and isinstance(declared.manager, manager):
            found.add(model._meta.db_table)
    return frozenset(found)


@cache
def prefixes() -> tuple[str, ...]:
    """Return how the names of guarded tables begin; most statements name none."""
    return tuple(sorted({table.split("_")[0] + "_" for table in guarded_tables()} | {VIEWS}))
