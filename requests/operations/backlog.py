"""The state of the background work: what waits, since when, and what needs a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from requests.jobs.models import Job


@dataclass(frozen=True)
class Queue:
    """One kind of job. ``oldest`` is the instant at which the longest wait began, or None."""

    kind: str
    label: str
    due: int
    later: int
    dead: int
    oldest: datetime | None


def oldest_due() -> timedelta | None:
    """Return how long the job that is due the longest has waited; None when nothing is due.

    A live process proves no progress: `/readyz` raises its alarm on this (docs/operations.md).
    """
    found = (
        Job.objects.waiting()
        .filter(next_at__lte=Now())
        .annotate(seen=Now())
        .order_by("next_at")
        .values_list("next_at", "seen")
        .first()
    )
    return found[1] - found[0] if found else None


def queues() -> list[Queue]:
    """Return all kinds, in the order of the vocabulary, with one query."""
    waiting = Q(attempts__lt=Job.MAX_ATTEMPTS)
    due = waiting & Q(next_at__lte=Now())
    rows: dict[str, Any] = {
        row["kind"]: row
        for row in Job.objects.filter(done_at__isnull=True)
        .order_by()
        .values("kind")
        .annotate(
            due=Count("pk", filter=due),
            later=Count("pk", filter=waiting & Q(next_at__gt=Now())),
            dead=Count("pk", filter=~waiting & Q(next_at__lte=Now())),
            oldest=Min("next_at", filter=due),
        )
    }
    return [_queue(kind, rows.get(kind.value)) for kind in Job.Kind]


def _queue(kind: Job.Kind, found: dict | None) -> Queue:
    counts = found or {"due": 0, "later": 0, "dead": 0, "oldest": None}
    return Queue(
        kind=kind.value,
        label=str(kind.label),
        due=counts["due"],
        later=counts["later"],
        dead=counts["dead"],
        oldest=counts["oldest"],
    )
