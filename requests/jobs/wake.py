"""Wake a worker or the sender: a message that says only that rows are due.

It is sent by the task's name.
"""

import contextlib
import logging
import time
from collections.abc import Iterator

from celery import current_app
from django.db import transaction

from requests.jobs.priorities import SENDING

log = logging.getLogger(__name__)
DRAIN = "requests.tasks.drain"
SEND = "requests.tasks.send"
SILENCE = 5.0  # seconds without messages after a failed one
PAUSE = 0.25  # seconds between two messages of a process that drains
_silent_until = 0.0
_told: dict[str, float] | None = None  # when each task was told of rows, while this process drains
_untold: set[str] = set()


@contextlib.contextmanager
def sparingly() -> Iterator[None]:
    """Send few messages within: a drain commits hundreds of times, and one message says as much.

    What was held back is sent at the end. Not for threads that work side by side.
    """
    global _told
    _told = {}
    try:
        yield
    finally:
        _told = None
        for task in sorted(_untold):
            wake(task)
        _untold.clear()


def wake(task: str = DRAIN) -> None:
    """Tell who runs ``task`` that rows are due.

    A broker that is down costs seconds, never a claim.
    """
    global _silent_until
    moment = time.monotonic()
    if moment < _silent_until:
        return
    if _told is not None:
        if moment - _told.get(task, -PAUSE) < PAUSE:
            _untold.add(task)
            return
        _told[task] = moment
        _untold.discard(task)
    try:
        current_app.send_task(task, expires=10, retry=False)
    except Exception as error:
        # The row is committed: no failure of the broker may reach the person who filed.
        # A broker that hangs would cost every page its time limit, so it is left alone a moment.
        _silent_until = time.monotonic() + SILENCE
        log.warning("no broker, beat will find the work: %r", error)


def wake_on_commit(priority: int) -> None:
    """Wake who works jobs of ``priority``, once the current transaction is committed."""
    hint = _wake_sender if priority in SENDING else _wake_worker
    waiting = transaction.get_connection().run_on_commit
    # A step may write several jobs: one message says as much. One that waits goes with this one,
    # unless a savepoint that holds both is rolled back.
    if not any(function is hint for _savepoints, function, _robust in waiting):
        transaction.on_commit(hint)


def _wake_sender() -> None:
    wake(SEND)


def _wake_worker() -> None:
    wake(DRAIN)
