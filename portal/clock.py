"""The one place that reads the time, so that rules and tests receive it as an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _standing.get() or timezone.now()


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let ``now`` return ``moment`` within the block, where a query is made and not sent."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def not_before(begun: str, now: datetime) -> Greatest:
    """Return what ends a span in ``update()``: ``now``, at the earliest the column ``begun``.

    The span may have been begun by another server, whose clock runs ahead of this one's; a span
    that ends before it begins would be refused by the database, and the person with it.
    """
    return Greatest(begun, Value(now, output_field=DateTimeField()))
