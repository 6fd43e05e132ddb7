"""The journal of erasures outside the database, done again after a restore (T19).

One line of JSON for each erased record: its number, the moment, why. A restore brings the person
back; ``replay`` takes them out again. The table is the truth, the file follows it: a line that
could not be written is written by the next sweep.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from requests.privacy import person
from requests.privacy.models import Erasure
from tenants.models import Tenant


def path() -> Path | None:
    """Return the file, or None when the landlord keeps none (``PALIER_ERASURE_JOURNAL``)."""
    return Path(settings.PALIER_ERASURE_JOURNAL) if settings.PALIER_ERASURE_JOURNAL else None


def write(now: datetime) -> int:
    """Add the erasures that the file lacks, each flushed to the disk; return how many."""
    file = path()
    if file is None:
        return 0
    written = 0
    with transaction.atomic():
        rows = Erasure.objects.select_for_update(skip_locked=True).filter(written_at__isnull=True)
        lines = [_line(row) for row in rows]
        if lines:
            file.parent.mkdir(parents=True, exist_ok=True)
            with open(file, "a", opener=_private) as journal:
                journal.writelines(lines)
                journal.flush()
                os.fsync(journal.fileno())
            written = rows.filter(written_at__isnull=True).update(written_at=now)
    return written


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _line(row: Erasure) -> str:
    return json.dumps({"person": str(row.person), "at": row.at.isoformat(), "why": row.why}) + "\n"


def entries() -> Iterator[tuple[UUID, datetime, str]]:
    """Yield what the file holds; a line cut off by a crash is passed over."""
    file = path()
    if file is None or not file.exists():
        return
    for line in file.read_text().splitlines():
        try:
            entry = json.loads(line)
            yield UUID(entry["person"]), datetime.fromisoformat(entry["at"]), entry["why"]
        except (ValueError, KeyError, TypeError):
            continue


def replay(now: datetime) -> int:
    """Erase again everybody whom the journal names and the database has; return how many.

    Nothing is asked about leases and disputes: that was decided then.
    """
    again = 0
    for number, at, why in entries():
        with transaction.atomic():
            Erasure.objects.get_or_create(
                person=number, defaults={"at": at, "why": why, "written_at": now}
            )
            found = Tenant.objects.system("erasures replay").filter(pk=number).first()
            if found:
                person.remove(found, now)
                again += 1
    return again
