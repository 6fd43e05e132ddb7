"""The one place that reads the time, so that rules and tests receive it as an argument."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return timezone.now()
