"""Refuse to send while a transaction is open, and tell a database that is away from a fault.

A rollback could not recall what was sent. Sending also takes time, during which the transaction
would hold its rows.
"""

import logging

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)


def is_away(error: BaseException | None) -> bool:
    """Return whether the database was away, or gave up on a lock: the same again will do.

    psycopg2 says no more than DatabaseError when a server dies in the middle of an answer.
    """
    away = isinstance(error, OperationalError | InterfaceError)
    return away or type(error) is DatabaseError


class SentInTransaction(RuntimeError):
    """Code was about to send something inside a transaction."""


def refuse_inside_transaction(what: str) -> None:
    """Raise ``SentInTransaction`` in development and tests, log an error in production.

    The transaction that a test case opens around itself does not count.
    """
    ours = [block for block in connection.atomic_blocks if not block._from_testcase]
    if not ours:
        return
    if settings.PALIER_STRICT:
        raise SentInTransaction(what)
    log.error("sent inside a transaction: %s", what)
