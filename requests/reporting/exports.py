"""Make files when they are due, put them where they go, and raise an alarm for a missed one."""

import hashlib
import io
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.dates import moment as shown
from portal.export import write_csv
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.notifications import alarms
from requests.reporting import queries, schedule
from requests.reporting.datasets import BY_NAME
from requests.reporting.models import ExportRun, ScheduledExport

ZONE = ZoneInfo(settings.TIME_ZONE)


TRIAL = "palier-trial.txt"


class NoBucket(Exception):
    """Whoever runs the server has named no bucket and no SFTP server, or in a wrong way."""


def is_set() -> bool:
    """Return whether there is a bucket or a server to put files into."""
    return bool(settings.PALIER_EXPORT_STORAGE)


def _bucket() -> Storage:
    """Return where the files go. Raises NoBucket."""
    if not is_set():
        raise NoBucket("neither PALIER_EXPORT_S3_BUCKET nor PALIER_EXPORT_SFTP_HOST is set")
    named = settings.PALIER_EXPORT_STORAGE
    try:
        return import_string(named["BACKEND"])(**named["OPTIONS"])
    except ValueError as error:
        raise NoBucket(str(error)) from error


def place() -> str:
    """Return where files go, in words; "" where nothing is set."""
    options = settings.PALIER_EXPORT_STORAGE.get("OPTIONS", {})
    if "host" in options:
        return f"sftp://{options['host']}:{options['port']}/{options['folder'].lstrip('/')}"
    return str(options.get("bucket_name", options.get("location", "")))


def try_out(now: datetime) -> str:
    """Put a small file where files go; return "" or why it could not be put."""
    try:
        _bucket().save(TRIAL, ContentFile(f"Palier {now:%Y-%m-%dT%H:%M:%SZ}\n".encode()))
    except (OSError, NoBucket) as failure:
        return f"{type(failure).__name__}: {failure}"[:200]
    return ""


def sweep(now: datetime) -> int:
    """Order the files that are due and raise alarms for those missed. Returns how many were new.

    Each due moment is found by reckoning, not by having been awake then: after a night without
    beat the file is made late, and said to be.
    """
    new = 0
    for export in ScheduledExport.objects.filter(active=True):
        due = schedule.latest(export.rhythm, export.hour, now, ZONE)
        if due < export.made_at:
            continue
        with transaction.atomic():
            run, made = ExportRun.objects.get_or_create(export=export, due_at=due)
            if made:
                enqueue(Job.Kind.FIGURES, run.pk)
                new += 1
    missed = ExportRun.objects.filter(
        done_at__isnull=True, alarmed_at__isnull=True, due_at__lte=now - schedule.LATE
    )
    for run in missed.filter(export__active=True).select_related("export"):
        _alarm(run, now)
    return new


def ask(export: ScheduledExport, *, by, now: datetime) -> ExportRun:
    """Order one file now, beside the schedule."""
    with transaction.atomic():
        run = ExportRun.objects.create(export=export, due_at=now, asked_by=by)
        enqueue(Job.Kind.FIGURES, run.pk)
    return run


def make(*, key: str, now: datetime) -> None:
    """Make the file of run ``key`` and put it into the bucket: the handler of its job.

    A repeat writes the same name again. Raises what the bucket raises, so that it is tried again;
    what went wrong stands on the run meanwhile.
    """
    run = ExportRun.objects.select_related("export").filter(pk=key).first()
    if run is None or run.done_at:
        return
    dataset = BY_NAME[run.export.dataset]
    text = io.StringIO(newline="")
    found = list(queries.lines(dataset))
    write_csv(text, [dataset.heads, *found])
    data = text.getvalue().encode()
    stamp = timezone.localtime(run.due_at, ZONE)
    name = "/".join(
        part for part in (run.export.prefix, dataset.name, f"{stamp:%Y-%m-%dT%H%M%S}.csv") if part
    )
    try:
        _bucket().save(name, ContentFile(data))
    except (OSError, NoBucket) as failure:
        ExportRun.objects.filter(pk=run.pk).update(
            error=f"{type(failure).__name__}: {failure}"[:200]
        )
        raise
    ExportRun.objects.filter(pk=run.pk).update(
        done_at=now,
        name=name,
        rows=len(found),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        error="",
    )


def _alarm(run: ExportRun, now: datetime) -> None:
    """Mail the administrators that a file did not leave; once for each."""
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        alarms.raise_alarm(
            key=f"export:{run.pk}",
            subject=_("Export missed: %(name)s") % {"name": run.export},
            text=_("%(name)s should have left %(when)s. Last error: %(error)s. See %(link)s")
            % {
                "name": run.export,
                "when": shown(run.due_at),
                "error": run.error or _("none: the sender did not come to it"),
                "link": f"{settings.PALIER_URL}/console/exports/",
            },
            now=now,
        )
        ExportRun.objects.filter(pk=run.pk).update(alarmed_at=now)
