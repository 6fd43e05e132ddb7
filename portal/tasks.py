"""Delete counters and sessions that nobody needs any more."""

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command

from portal import throttle
from portal.clock import now


@shared_task
def tidy() -> None:
    """Delete rate counters untouched for two days, and ended sessions."""
    throttle.forget(now() - timedelta(days=2))
    call_command("clearsessions")
