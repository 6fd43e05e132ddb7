"""Refuse to send while a transaction is open: a rollback could not recall it.

Sending also takes time, during which the transaction would hold its rows.
"""

import logging

from django.conf import settings
from django.db import connection

log = logging.getLogger(__name__)


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
