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
from requests.jobs.queue import enqueue
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
    for endpoint in endpoints:
        if not endpoint.events or kind in endpoint.events:
            body = event_types.payload(
                kind=kind,
                at=event.at,
                site=settings.PALIER_URL,
                claim=event.claim_id,
                state=event.state,
            )
            write(endpoint, kind=kind, payload=body, now=now, event=event)


@transaction.atomic
def write(
    endpoint: WebhookEndpoint,
    *,
    kind: str,
    payload: dict,
    now: datetime,
    event: ClaimEvent | None = None,
) -> WebhookMessage:
    """Write one message with its first job; of an event only once."""
    values = {"kind": kind, "payload": payload, "created_at": now, "next_at": now}
    if event is None:
        message = WebhookMessage.objects.create(endpoint=endpoint, **values)
    else:
        message, new = WebhookMessage.objects.get_or_create(
            endpoint=endpoint, event=event, defaults=values
        )
        if not new:
            return message
    plan(message, now=now)
    return message


def send_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookMessage:
    """Write a test message, which says nothing but that it is one; it waits for no rest."""
    wake(endpoint)
    body = event_types.payload(
        kind=event_types.TEST, at=now, site=settings.PALIER_URL, claim=None, state=""
    )
    return write(endpoint, kind=event_types.TEST, payload=body, now=now)


def wake(endpoint: WebhookEndpoint) -> None:
    """End the rest of an endpoint that failed."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(quiet_until=None)


def plan(
    message: WebhookMessage, *, now: datetime, delay: timedelta = timedelta(), **columns
) -> None:
    """Write the next job of a message, and ``columns`` of its row; in the caller's transaction.

    Each job has its own number, so that a new one never meets the row of one that is done.
    """
    rows = WebhookMessage.objects.filter(pk=message.pk)
    rows.update(planned=F("planned") + 1, next_at=now + delay, **columns)
    message.refresh_from_db()
    enqueue(Job.Kind.WEBHOOK, f"{message.pk}:{message.planned}", delay=delay)


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
