"""Accept a file from the screen or a command, check it in the background, write it once approved.

The row is the work to do (docs/adr/0002): it is leased, its attempt counted before any effect,
and its end is written in the transaction of what it imports, so that a killed worker neither
loses nor doubles anything.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.models import ImportRun, Unit
from portal import antivirus
from portal.file_storage import local_copy

from .apply import one_import
from .kind import kinds
from .plan import Plan
from .report import changes_nothing, write_rejects
from .tables import Table, WrongFile, open_table

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)  # between two signs of progress
AWAY = timedelta(minutes=1)  # until the virus scanner is asked again
KEPT = timedelta(days=30)  # the bytes; the report stays
State = ImportRun.State
Clock = Callable[[], datetime]


class NeedsAnother(Exception):
    """The person who sent a held file cannot approve it."""


class Lost(Exception):
    """The lease went to another worker: leave everything to it."""


def start(
    *,
    kind: str,
    upload: File,
    by,
    now: datetime,
    agency: Unit | None = None,
    one_agency: bool = False,
    units: dict[str, str] | None = None,
) -> ImportRun:
    """Keep the file under a random name; its check is due at once."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return ImportRun.objects.create(
        kind=kind,
        name=Path(upload.name or "").name[:160] or kind,
        file=upload,
        sha256=digest.hexdigest(),
        size=upload.size or 0,
        language=translation.get_language() or "fr",
        agency=agency,
        one_agency=one_agency,
        units=units or {},
        by=by,
        at=now,
        next_at=now,
    )


@transaction.atomic
def approve(*, run: ImportRun, by, now: datetime, units: dict[str, str] | None = None) -> bool:
    """Order the writing of a checked file; return False when it no longer waits for that.

    ``units``: which unit holds what, by the keys of the report's questions. Raises NeedsAnother
    when it is held and ``by`` sent it.
    """
    locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state not in {State.READY, State.HELD}:
        return False
    if locked.held and by == locked.by:
        raise NeedsAnother
    locked.state, locked.approved_by, locked.approved_at = State.APPROVED, by, now
    locked.next_at, locked.attempts, locked.rows_done, locked.message = now, 0, 0, ""
    locked.units |= units or {}
    locked.save()
    return True


def drain(clock: Clock) -> int:
    """Do every import that is due, one at a time for the whole landlord; return how many ended."""
    done = 0
    with one_import(wait=False) as alone:
        while alone and (run := _lease(clock())):
            with translation.override(run.language):
                done += _process(run, clock)
        if alone:
            _forget(clock())
    return done


def _lease(now: datetime) -> ImportRun | None:
    with transaction.atomic():
        run = (
            ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                state__in=[State.CHECKING, State.APPROVED],
                next_at__lte=now,
                attempts__lt=ImportRun.MAX_ATTEMPTS,
            )
            .order_by("next_at")
            .first()
        )
        if run:
            run.attempts += 1
            run.next_at = now + LEASE
            run.save(update_fields=["attempts", "next_at"])
    return run


def _process(run: ImportRun, clock: Clock) -> bool:
    try:
        _refuse_virus(run)
        with local_copy(run.file) as path:
            table = open_table(path)
            plan = _plan(run, table, clock)
            with transaction.atomic():
                _end(_mine(run), plan, table, clock())
    except WrongFile as error:
        _fail(run, error.message, clock())
    except antivirus.ScannerAway as error:
        log.warning("import %s waits for the virus scanner: %s", run.pk, error)
        ImportRun.objects.filter(pk=run.pk, attempts=run.attempts).update(
            attempts=run.attempts - 1, next_at=clock() + AWAY
        )
        return False
    except Lost:
        log.warning("import %s went to another worker", run.pk)
        return False
    except Exception:
        log.exception("import %s failed", run.pk)
        if run.attempts < ImportRun.MAX_ATTEMPTS:
            later = clock() + timedelta(seconds=10 * 2**run.attempts)
            ImportRun.objects.filter(pk=run.pk, attempts=run.attempts).update(next_at=later)
            return False
        _fail(run, _("Something went wrong on our side. Nothing was written."), clock())
    return True


def _refuse_virus(run: ImportRun) -> None:
    """Raise WrongFile when the scanner finds something, ScannerAway when it does not answer."""
    if not antivirus.is_on():
        return
    with run.file.open("rb") as stored:
        virus = antivirus.find_virus(stored)
    if virus:
        raise WrongFile(_("Our virus scanner found “%(virus)s” in it.") % {"virus": virus})


def _plan(run: ImportRun, table: Table, clock: Clock) -> Plan:
    ImportRun.objects.filter(pk=run.pk).update(rows_total=table.line_count, rows_done=0)

    def progress(done: int) -> None:
        mine = ImportRun.objects.filter(pk=run.pk, attempts=run.attempts, state=run.state)
        if not mine.update(rows_done=done, next_at=clock() + LEASE):
            raise Lost

    kind = kinds()[run.kind]
    return kind.plan(
        table,
        agency=run.agency,
        one_agency=run.one_agency,
        answers=run.units,
        progress=progress,
    )


def _mine(run: ImportRun) -> ImportRun:
    locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if (locked.state, locked.attempts) != (run.state, run.attempts):
        raise Lost
    return locked


def _end(run: ImportRun, plan: Plan, table: Table, now: datetime) -> None:
    """Write what the plan calls for and the new state, in one transaction."""
    _remember_columns(run, plan, table)
    run.report = plan.report() | {"columns": table.headers}
    run.rows_done = run.rows_total = plan.read
    holds = plan.holds()
    unasked = [question for question in plan.unconfirmed() if question["key"] not in run.units]
    if run.state == State.APPROVED and (run.held or not holds) and not unasked:
        plan.save()
        run.state, run.done_at = State.APPLIED, now
    else:  # checked; or the register changed since, and what was small is not any more
        nothing = changes_nothing(run.report)
        run.held = bool(holds) and not nothing
        run.state = State.HELD if run.held else State.READY
        if nothing:  # nobody has anything to approve
            run.state, run.done_at = State.APPLIED, now
        if run.held:
            run.approved_by = run.approved_at = None
        if plan.rejects:
            text = io.StringIO()
            write_rejects(text, plan.rejects)
            run.rejects.save("", ContentFile(text.getvalue().encode()), save=False)
    run.save()


def _remember_columns(run: ImportRun, plan: Plan, table: Table) -> None:
    """Tell which columns of the last file of this kind this one lacks (docs/principles.md, T13)."""
    last = ImportRun.objects.filter(kind=run.kind, state=State.APPLIED).first()
    missing = [c for c in (last.report.get("columns", []) if last else []) if c]
    if missing := [column for column in missing if column not in table.headers]:
        plan.notes.insert(
            0, _("Columns of the last file that are missing here: %s.") % ", ".join(missing)
        )


def _fail(run: ImportRun, message: str, now: datetime) -> None:
    ImportRun.objects.filter(pk=run.pk, attempts=run.attempts, state=run.state).update(
        state=State.FAILED, message=message, done_at=now
    )


def _forget(now: datetime) -> None:
    """Delete the bytes of old files: they hold more than the register keeps."""
    for run in ImportRun.objects.filter(at__lt=now - KEPT).exclude(file="", rejects=""):
        run.file.delete(save=False)
        run.rejects.delete(save=False)
        if run.state in {State.READY, State.HELD}:
            run.state, run.message = State.FAILED, _("Nobody applied it within 30 days.")
        run.save()
