"""Make a backup each night, by what the database says was made, so that a restart forgets none."""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from portal.backups.archive import BackupError
from portal.backups.latest import last_backup
from portal.backups.make import make

HOUR = time(2)  # local


def is_due(*, last: datetime | None, now: datetime) -> bool:
    """Return whether none has succeeded since the last 2 o'clock, in the house's zone."""
    local = timezone.localtime(now)
    night = datetime.combine(local.date(), HOUR, tzinfo=local.tzinfo)
    if night > local:
        night -= timedelta(days=1)
    return last is None or last < night


def run(now: datetime) -> None:
    """Make the night's backup when it is due; raises what went wrong, and is called again."""
    last = last_backup()
    if settings.PALIER_BACKUP_DIR and is_due(last=last, now=now):
        if not settings.PALIER_BACKUP_RECIPIENT:
            raise BackupError("PALIER_BACKUP_RECIPIENT is missing: no backup is made unencrypted.")
        make(
            Path(settings.PALIER_BACKUP_DIR),
            recipient=settings.PALIER_BACKUP_RECIPIENT,
            now=now,
            keep=settings.PALIER_BACKUP_KEEP,
        )
