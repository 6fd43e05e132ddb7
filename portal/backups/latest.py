"""When the last backup succeeded, as the database says."""

from datetime import datetime

from portal.models import Pulse

PULSE = "backup"


def last_backup() -> datetime | None:
    """Return when a backup last succeeded."""
    return Pulse.objects.filter(name=PULSE).values_list("at", flat=True).first()
