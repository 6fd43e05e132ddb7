"""Figures of the background work for Prometheus (portal/metrics.py)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max

from portal.clock import now
from portal.metrics import Gauge
from requests.attachments import quarantine
from requests.channels.models import Intake
from requests.notifications.models import Delivery
from requests.operations import backlog

HOUR = timedelta(hours=1)


def gauges() -> Iterable[Gauge]:
    """Return what waits, what was sent in the last hour, and since when mailboxes are silent."""
    waited = backlog.oldest_due()
    seconds = waited.total_seconds() if waited else 0
    yield Gauge("palier_oldest_due_seconds", "The longest wait of due work.", (), {(): seconds})
    waiting = {}
    for queue in backlog.queues():
        for state in ("due", "later", "dead"):
            waiting[queue.kind, state] = getattr(queue, state)
    yield Gauge("palier_jobs", "Work by kind: due, later, dead.", ("kind", "state"), waiting)
    rows = (
        Delivery.objects.system("metrics")
        .filter(created_at__gte=now() - HOUR)
        .order_by()
        .values_list("channel", "state")
        .annotate(number=Count("pk"))
    )
    says = "Files from outside that nobody may open: waiting for the virus scanner, refused by it."
    closed: dict[Any, float] = {(state,): number for state, number in quarantine.counts()}
    yield Gauge("palier_quarantine_files", says, ("state",), closed)
    sent = {(channel, state): number for channel, state, number in rows}
    says = "Deliveries of the last hour, by channel and result."
    yield Gauge("palier_deliveries_last_hour", says, ("channel", "result"), sent)
    boxes = (
        Intake.objects.system("metrics")
        .filter(mailbox__isnull=False)
        .order_by()
        .values_list("mailbox__slug")
        .annotate(last=Max("received_at"))
    )
    ages = {(slug,): (now() - last).total_seconds() for slug, last in boxes}
    yield Gauge("palier_mailbox_age_seconds", "Since the last mail of a box.", ("mailbox",), ages)
