"""Wake a worker or the sender: a message that says only that rows are due.

It is sent by the task's name.
"""

import logging
import time

from celery import current_app
from django.db import transaction

from requests.jobs.priorities import SENDING

log = logging.getLogger(__name__)
DRAIN = "requests.tasks.drain"
SEND = "requests.tasks.send"
SILENCE = 5.0  # seconds without messages after a failed one
_silent_until = 0.0


def wake(task: str = DRAIN) -> None:
    """Tell who runs ``task`` that rows are due.

    A broker that is down costs seconds, never a claim.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, expires=10, retry=False)
    except Exception as error:
        # The row is committed: no failure of the broker may reach the person who filed.
        # A broker that hangs would cost every page its time limit, so it is left alone a moment.
        _silent_until = time.monotonic() + SILENCE
        log.warning("no broker, beat will find the work: %r", error)


def wake_on_commit(priority: int) -> None:
    """Wake who works jobs of ``priority``, once the current transaction is committed."""
    task = SEND if priority in SENDING else DRAIN
    transaction.on_commit(lambda: wake(task))
