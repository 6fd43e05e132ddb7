"""Thin Celery tasks: a message says only that something may be due."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from portal.clock import now
from requests import contractor_notices, notifications
from requests.actions import appointment, closing, outbox
from requests.actions.routing import route_claim
from requests.models import Job

log = logging.getLogger(__name__)


def _route(*, key: str, now) -> None:
    route_claim(claim_id=key, now=now)


HANDLERS = {
    Job.Kind.ROUTE: _route,
    Job.Kind.NOTIFY: notifications.notify,
    Job.Kind.ORDER: contractor_notices.tell,
    Job.Kind.REMIND: appointment.remind,
    Job.Kind.CLOSING: closing.run_step,
}


@shared_task
def drain() -> None:
    """Do all work that is due now."""
    outbox.drain(HANDLERS, now)


@shared_task
def plan_closing() -> None:
    """Plan the attempts for claims that wait for the tenant's word."""
    closing.sweep(now())


def hint() -> None:
    """Tell a worker that rows are due; a dead broker costs seconds, never a claim."""
    try:
        drain.apply_async(expires=10, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker, beat will find the work: %s", error)
