"""Thin Celery tasks: a message says only that something may be due."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from portal.clock import now
from requests import notifications
from requests.actions import outbox, suggestions
from requests.actions.escalation import climb, sweep
from requests.actions.routing import route_claim
from requests.models import Job

log = logging.getLogger(__name__)


def _route(*, key: str, now) -> None:
    route_claim(claim_id=key, now=now)


def _escalate(*, key: str, now) -> None:
    climb(step_id=key, now=now)


HANDLERS = {
    Job.Kind.ROUTE: _route,
    Job.Kind.NOTIFY: notifications.notify,
    Job.Kind.ESCALATE: _escalate,
}


@shared_task
def drain() -> None:
    """Do all work that is due now."""
    outbox.drain(HANDLERS, now)


@shared_task
def escalate() -> None:
    """Find what fell late; beat calls it every few seconds."""
    if sweep(now=now()):
        drain()


@shared_task
def learn() -> None:
    """Train suggestions that are a week old or asked for; beat calls it every minute."""
    moment = now()
    suggestions.order_when_old(now=moment)
    suggestions.train_ordered(now=moment)


def hint() -> None:
    """Tell a worker that rows are due; a dead broker costs seconds, never a claim."""
    try:
        drain.apply_async(expires=10, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker, beat will find the work: %s", error)
