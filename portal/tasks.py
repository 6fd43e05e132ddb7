"""Housekeeping: delete what nobody needs any more, and make the nightly backup."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command

from portal import form_keys, logs, throttle
from portal.audit import sealer
from portal.backups import nightly
from portal.clock import now


@shared_task
def tidy() -> None:
    """Delete counters untouched for two days, forms sent long ago, old logs, ended sessions."""
    throttle.forget(now() - timedelta(days=2))
    form_keys.forget(now() - form_keys.LIFE)
    logs.forget(settings.PALIER_LOG_DIR, settings.PALIER_LOG_DAYS, now().date())
    call_command("clearsessions")


@shared_task
def backup() -> None:
    """Make the night's backup when it is due."""
    nightly.run(now())


@shared_task
def seal_audit() -> None:
    """Link the new rows of the audit trail into its chain; beat calls it every minute."""
    sealer.run(now())
