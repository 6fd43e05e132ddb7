"""Deliver one message: the handler of its job.

At least once: the attempt is counted before it is made, and a worker that dies in between leaves
its job to the next one, which sends the same ``webhook-id`` again. Receivers drop repeats by it.
"""

import json
import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2
from django.db import transaction
from django.db.models import F

from portal import http
from portal.network import Refused
from requests.webhooks import endpoints, outbox, retries, signatures
from requests.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage

log = logging.getLogger(__name__)
GONE = 410
LARGEST = 64 * 1024  # bytes of an answer; nobody reads it


@dataclass(frozen=True)
class Answer:
    """What came of one attempt: a status, or an error in a few words."""

    status: int | None
    error: str
    wait: timedelta
    milliseconds: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(*, key: str, now: datetime) -> None:
    """Make the attempt that job ``key`` (message and number) stands for; idempotent enough.

    Nothing happens when the message was delivered, given up, or planned anew meanwhile.
    """
    name, _colon, number = key.partition(":")
    message = WebhookMessage.objects.select_related("endpoint").filter(pk=name).first()
    if message is None or message.state != WebhookMessage.State.WAITING:
        return
    if str(message.planned) != number:
        return
    endpoint = message.endpoint
    if not endpoint.active:
        return  # switching it on plans all that waits
    quiet = endpoint.quiet_until
    if quiet and quiet > now and message.tries < retries.MOST_TRIES:
        with transaction.atomic():
            outbox.plan(message, now=now, delay=quiet - now)
        return
    WebhookMessage.objects.filter(pk=message.pk).update(tries=F("tries") + 1)
    answer = attempt(message, endpoint, now)
    with transaction.atomic():
        _record(message, answer, now)


def attempt(message: WebhookMessage, endpoint: WebhookEndpoint, now: datetime) -> Answer:
    """Post the message once, outside any transaction; never raises for what the receiver does."""
    began = time.monotonic()
    status, error, wait = None, "", timedelta()
    try:
        found = http.request("POST", endpoint.address, largest=LARGEST, **_signed(message, now))
        status = found.status_code
        wait = retries.asked_to_wait(found.headers.get("retry-after", ""))
    except signatures.KeyLost:
        error = "KeyLost: the portal’s key changed; make a new secret"
    except (Refused, httpx2.HTTPError, httpx2.InvalidURL) as failure:
        error = f"{type(failure).__name__}: {failure}".removesuffix(": ")
    return Answer(status, error[:200], wait, round((time.monotonic() - began) * 1000))


def _signed(message: WebhookMessage, now: datetime) -> dict:
    """Return body and headers of one attempt, dated by it. Raises KeyLost."""
    endpoint = message.endpoint
    body = json.dumps(message.payload, separators=(",", ":"), ensure_ascii=False).encode()
    keys = [signatures.keys_of(endpoint.salt, endpoint.public)]
    if endpoint.former_until and endpoint.former_until > now:
        keys.append(signatures.keys_of(endpoint.former_salt, endpoint.former_public))
    stamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Palier",
        "webhook-id": message.name,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signatures.signature(message.name, stamp, body, keys),
    }
    return {"content": body, "headers": headers}


def _record(message: WebhookMessage, answer: Answer, now: datetime) -> None:
    """Write the attempt and what follows for the message and its endpoint."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=message.endpoint_id)
    message.refresh_from_db()
    WebhookAttempt.objects.create(
        message=message,
        at=now,
        status=answer.status,
        error=answer.error,
        milliseconds=answer.milliseconds,
    )
    if answer.is_success:
        message.state, message.delivered_at, message.next_at = (
            WebhookMessage.State.DELIVERED,
            now,
            None,
        )
        message.save(update_fields=["state", "delivered_at", "next_at"])
        endpoints.note_success(endpoint)
        return
    endpoints.note_failure(endpoint, wait=answer.wait, now=now)
    if answer.status == GONE:
        endpoints.switch_off(endpoint, why=WebhookEndpoint.Off.GONE, now=now)
    delay = retries.delay_after(message.tries, random.random())
    if delay is None:
        message.state, message.next_at = WebhookMessage.State.FAILED, None
        message.save(update_fields=["state", "next_at"])
        return
    outbox.plan(message, now=now, delay=max(delay, answer.wait))
