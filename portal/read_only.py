"""Refuse writes in a GET: mail scanners and prefetching browsers open links (principles, D3).

The view of a GET or HEAD may only read. In development and tests any other statement raises; in
production it is logged, so that a mistake costs no person their page (docs/principles.md, D3).
"""

import logging
import re
from collections.abc import Callable
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
READS = re.compile(
    r"[\s(]*(SELECT|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK|DECLARE|FETCH|CLOSE|SHOW|WITH)\b", re.I
)
# Locking a row is not a read, whatever the statement begins with.
LOCKS = re.compile(r"\bFOR (NO KEY )?(UPDATE|SHARE)\b")
TABLE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?([a-z_0-9]+)', re.I)


class WriteInGet(RuntimeError):
    """A view changed the database while answering a GET."""


@contextmanager
def only_reads(where: str, *, allowed: frozenset[str] = frozenset()):
    """Refuse every statement but reads, and writes to the ``allowed`` tables."""

    def check(execute, sql, params, many, context):
        table = TABLE.match(sql)
        logged = table is not None and table[1] in allowed
        if not logged and (not READS.match(sql) or LOCKS.search(sql)):
            if settings.PALIER_STRICT:
                raise WriteInGet(f"{where}: {sql!r:.200}")
            log.error("write in a GET: %s: %s", where, sql[:60])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield


class ReadOnlyMiddleware:
    """Refuse writes in the view.

    Last of the list, so that sessions, limits and sign-in may write.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or request.path.startswith(
            settings.PALIER_GET_MAY_WRITE
        ):
            return self.get_response(request)
        with only_reads(request.path, allowed=settings.PALIER_GET_TABLES):
            return self.get_response(request)
