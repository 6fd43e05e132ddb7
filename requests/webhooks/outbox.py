"""Write a message for each endpoint that wants an event, and the job that sends it.

It runs where the tenant's notice is decided (``Job.Kind.NOTIFY``): a job row that was written
with the event, and deleted with it when staff undo their step. So no event is lost, and none is
told that was taken back.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from requests.claims.event_models import ClaimEvent
from requests.jobs.models import Job
from requests.jobs.queue import enqueue, enqueue_all
from requests.webhooks import event_types
from requests.webhooks.models import WebhookEndpoint, WebhookMessage


def gather(*, key: str, now: datetime) -> None:
    """Write the messages that event ``key`` calls for, once; a repeat adds nothing."""
    endpoints = list(WebhookEndpoint.objects.all())
    if not endpoints:
        return
    event = ClaimEvent.objects.system("webhooks").filter(pk=key).first()
    if event is None or event.name not in event_types.TOLD:
        return
    kind = event_types.type_of(event.name)
    body = event_types.payload(
        kind=kind, at=event.at, site=settings.PALIER_URL, claim=event.claim_id, state=event.state
    )
    told = set(WebhookMessage.objects.filter(event=event).values_list("endpoint", flat=True))
    wanted = [each for each in endpoints if not each.events or kind in each.events]
    _write(
        [
            WebhookMessage(
                endpoint=each, event=event, kind=kind, payload=body, created_at=now, next_at=now
            )
            for each in wanted
            if each.pk not in told
        ]
    )


@transaction.atomic
def _write(messages: list[WebhookMessage]) -> None:
    """Write messages with the first job of each; one that another worker wrote stays as it is.

    Its job then finds no message and does nothing.
    """
    for message in messages:
        message.planned = 1
    WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
    jobs = {_job_key(message): timedelta() for message in messages}
    enqueue_all(Job.Kind.WEBHOOK, jobs)


def _job_key(message: WebhookMessage) -> str:
    """Return the key of the newest job: each has its own, or it would meet one that is done."""
    return f"{message.pk}:{message.planned}"


def send_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookMessage:
    """Write a test message, which says nothing but that it is one; it waits for no rest."""
    wake(endpoint)
    body = event_types.payload(
        kind=event_types.TEST, at=now, site=settings.PALIER_URL, claim=None, state=""
    )
    message = WebhookMessage(
        endpoint=endpoint, kind=event_types.TEST, payload=body, created_at=now, next_at=now
    )
    _write([message])
    return message


def wake(endpoint: WebhookEndpoint) -> None:
    """End the rest of an endpoint that failed."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(quiet_until=None)


def plan(
    message: WebhookMessage, *, now: datetime, delay: timedelta = timedelta(), **columns
) -> None:
    """Write the next job of a message, and ``columns`` of its row; in the caller's transaction."""
    rows = WebhookMessage.objects.filter(pk=message.pk)
    rows.update(planned=F("planned") + 1, next_at=now + delay, **columns)
    message.refresh_from_db()
    enqueue(Job.Kind.WEBHOOK, _job_key(message), delay=delay)


@transaction.atomic
def replay(message: WebhookMessage, *, now: datetime) -> None:
    """Send a message again, under its own id, with all its attempts before it.

    Also to an endpoint that rests after failures: whoever asks knows that it answers again.
    """
    wake(message.endpoint)
    locked = WebhookMessage.objects.select_for_update().get(pk=message.pk)
    waiting = WebhookMessage.State.WAITING
    plan(locked, now=now, state=waiting, tries=0, delivered_at=None)


def replay_failed(endpoint: WebhookEndpoint, *, now: datetime) -> int:
    """Send again what was given up, oldest first. Returns how many."""
    failed = list(
        endpoint.messages.filter(state=WebhookMessage.State.FAILED).order_by("created_at")
    )
    for message in failed:
        replay(message, now=now)
    return len(failed)
