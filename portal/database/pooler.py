"""Work behind a pooler, which lends a connection for one transaction, and past it where needed.

What is set or locked for a session would stay with somebody else's. So settings and locks last as
long as a transaction; migrations and backups, whose programs need a session, connect past it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.database import readers

DIRECT = ("USER", "PASSWORD", "HOST", "PORT")


def is_between(line: BaseDatabaseWrapper) -> bool:
    """Return whether another session answers than the one that ``line`` was greeted by."""
    with line.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0] != line.connection.info.backend_pid


def direct() -> BaseDatabaseWrapper:
    """Return another connection to the same database, past the pooler.

    DATABASE_DIRECT_URL says how to get there. Without it, the usual way.
    """
    line = connection.copy()
    given = settings.PALIER_DATABASE_DIRECT
    line.settings_dict.update({key: given[key] for key in DIRECT if given})
    return line


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """Run the block in a transaction with a setting of PostgreSQL; who reads stays who reads."""
    reader = readers.current()
    with transaction.atomic():
        if reader is not None:
            reader.depth += 1  # this block is no action of the request's
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
            yield
        finally:
            if reader is not None:
                reader.depth -= 1


@contextmanager
def held_lock(key: int, *, wait: bool) -> Iterator[bool]:
    """Hold an advisory lock during the block, in a transaction of its own; yield whether it is.

    ``wait`` for whoever holds it, or yield False at once.
    """
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            if wait:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
                held = True
            else:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
                held = cursor.fetchone()[0]
            yield held
    finally:
        own.close()
