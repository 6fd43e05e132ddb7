"""Read pages that may be a moment behind from a replica of the database, where one is set.

`DATABASE_REPLICA_URL` names a streaming replica. Views marked with ``reads_from_replica`` (boards
and their files, search) read there on a GET; the router (``portal/database/readers.py``) sends
their statements, each still with its scope. They read from the primary while the replica is away or
late, and for whoever changed something in the last seconds: nobody misses what they have just done.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import Error, connection, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.database import readers

log = logging.getLogger(__name__)

MOST_SECONDS = 5  # how far behind a replica may be
COOKIE = "wrote"  # set by whoever changed something: they read from the primary
COOKIE_SECONDS = 2 * MOST_SECONDS
ASKED_AGAIN = 2.0  # seconds for which an answer about the replica holds
SILENCE = 30.0  # seconds for which a replica that does not answer is left alone
POSITION = "SELECT pg_current_wal_lsn()"
# A replica without a primary has replayed all that it received, and is late all the same.
BEHIND = """
SELECT CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= %s::pg_lsn THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END"""


class _Replica:
    """What this process knows of the replica, and until when that holds."""

    usable = False
    until = 0.0


def is_set() -> bool:
    """Return whether a replica is named in the settings."""
    return readers.REPLICA in connections.settings


def seconds_behind() -> float | None:
    """Return by how many seconds the replica lacks what is committed; None when it never had any.

    Raises ``django.db.Error`` when it does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(POSITION)
        position = cursor.fetchone()[0]
    with connections[readers.REPLICA].cursor() as cursor:
        cursor.execute(BEHIND, [position])
        said = cursor.fetchone()[0]
    return None if said is None else float(said)


def is_usable() -> bool:
    """Return whether a replica is set, answers, and keeps up; asked every two seconds."""
    if not is_set() or connection.in_atomic_block:
        return False
    moment = time.monotonic()
    if moment < _Replica.until:
        return _Replica.usable
    wait = ASKED_AGAIN
    try:
        behind = seconds_behind()
        usable = behind is not None and behind <= MOST_SECONDS
    except Error:
        usable, wait = False, SILENCE
    if usable != _Replica.usable:
        log.warning("the replica is %s", "read again" if usable else "late or away: not read")
    _Replica.usable, _Replica.until = usable, moment + wait
    return usable


@contextmanager
def leave_alone_on_failure() -> Iterator[None]:
    """Remember that the replica failed in the block, and raise the error again."""
    try:
        yield
    except Error:
        _Replica.usable, _Replica.until = False, time.monotonic() + SILENCE
        connections[readers.REPLICA].close()
        raise


def reads_from_replica(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let the GETs of ``view`` read from the replica; a page that it fails is read again.

    The view draws its answer itself: what is drawn later is read from the primary. A streamed
    answer reads from where it began.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
        reads = request.method in ("GET", "HEAD") and COOKIE not in request.COOKIES
        if not reads or not is_usable():
            return view(request, *args, **given)
        try:
            with leave_alone_on_failure(), readers.from_replica():
                answer = view(request, *args, **given)
        except Error:
            log.warning("%s is read from the primary: the replica failed", request.path)
            return view(request, *args, **given)
        if answer.streaming:
            answer.streaming_content = _within(answer.streaming_content)
        return answer

    return shown


def _within(parts: Iterable[bytes]) -> Iterator[bytes]:
    turn = iter(parts)
    while True:
        with readers.from_replica():
            part = next(turn, None)
        if part is None:
            return
        yield part


class NoteWritesMiddleware:
    """Mark the browser of whoever changed something, so that they read it where it is."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if is_set() and request.method not in ("GET", "HEAD", "OPTIONS"):
            answer.set_cookie(
                COOKIE,
                "1",
                max_age=COOKIE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return answer
