"""Celery task: a message says only that an import may be due."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from agencies.imports import runs
from portal.clock import now

log = logging.getLogger(__name__)


@shared_task
def drain_imports() -> None:
    """Check and write the files that are due."""
    runs.drain(now)


def hint() -> None:
    """Tell a worker that a file waits; a dead broker costs seconds, never a file."""
    try:
        drain_imports.apply_async(expires=10, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker, beat will find the file: %s", error)
