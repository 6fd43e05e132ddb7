"""Restore a backup: check all of it, then database, held work, migrations, files (T19)."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyrage
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string

from portal.backups import archive, postgres
from portal.backups.archive import BackupError
from portal.backups.make import DATABASE, FILES, version
from portal.clock import now
from portal.database import row_security
from portal.database.owner import as_owner, grant
from portal.database.pooler import is_between

Parts = Iterator[tuple[str, IO[bytes]]]
IN_MEMORY = 16 * 2**20


def restore(
    path: Path,
    *,
    identity: pyrage.x25519.Identity | None,
    overwrite: bool,
    say: Callable[[str], object],
) -> None:
    """Restore ``path`` into the configured database and storage.

    ``say`` is told each step. Whatever can be refused is refused before anything is touched.
    Raises BackupError.
    """
    began = time.monotonic()
    manifest = archive.verify(path, identity)
    say(f"{path.name} is whole: code {manifest['code']}, of {manifest['made_at']}.")
    is_newer = _compare_code(manifest)
    with as_owner(), archive.read(path, identity) as parts:
        # First: the pooler's own connections would count as sessions that somebody left open.
        if is_between(connection):
            raise BackupError(postgres.PAST_THE_POOLER)
        _refuse_what_is_in_use(overwrite)
        if overwrite:
            postgres.empty()
        following = _restore_database(parts)
        row_security.renew()  # a backup of older code has other policies, or none
        grant()
        if not postgres.mark_searches():
            say(
                "Searches read whole tables until `manage.py database_roles` ran as a superuser"
                " (`docker compose run --rm roles`)."
            )
        say(f"The database is restored, after {time.monotonic() - began:.1f} s.")
        _settle(manifest, is_newer, say)
        number = _restore_files(following, parts)
    say(f"{number} files are restored.")
    again = import_string(settings.PALIER_REPLAY_ERASURES)(now())
    say(f"{again} people of the journal of erasures are erased again.")
    for name in manifest["missing"]:
        say(f"Missing when the backup was made: {name}")
    if manifest["keys"].get("SECRET_KEY", settings.SECRET_KEY) != settings.SECRET_KEY:
        say(
            "SECRET_KEY is another one than the backup's: links that were sent do not open. "
            "Take it from --keys FILE."
        )
    say(f"Restored in {time.monotonic() - began:.1f} s.")


def _compare_code(manifest: dict[str, Any]) -> bool:
    """Return whether this code has migrations that the backup had not. Refuse older code."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    applied = {(app, name) for app, name in manifest["migrations"]}
    if unknown := sorted(applied - known):
        first = ".".join(unknown[0])
        raise BackupError(
            f"The backup is of code {manifest['code']}, newer than this one ({version()}), which "
            f"lacks the migration {first}. Restore it with that release."
        )
    return not set(loader.disk_migrations) <= applied


def _refuse_what_is_in_use(overwrite: bool) -> None:
    with connection.cursor() as cursor:
        tables = postgres.row_counts(cursor)
    if tables and not overwrite:
        raise BackupError("The database is not empty. --overwrite drops what it holds.")
    if others := postgres.others_connected():
        raise BackupError(
            f"{others} other sessions are open on the database: stop web, worker, beat and sensors,"
            " and a pooler."
        )


def _restore_database(parts: Parts) -> tuple[str, IO[bytes]] | None:
    """Feed pg_restore the blocks of the dump; return the part that follows them."""
    following = None
    with postgres.restoring() as process:
        assert process.stdin is not None
        for name, body in parts:
            if not name.startswith(DATABASE):
                following = (name, body)
                break
            process.stdin.write(body.read())
    return following


def _settle(manifest: dict[str, Any], is_newer: bool, say: Callable[[str], object]) -> None:
    """Migrate, and hold what was waiting, whatever else goes wrong.

    Compare what was restored with the manifest: row counts and the head of the audit trail.
    """
    with connection.cursor() as cursor:
        rows, chain = postgres.row_counts(cursor), postgres.chain_head(cursor)
    try:
        if is_newer:
            call_command("migrate", interactive=False, verbosity=0)
            say("The database is migrated to this code.")
    finally:
        held = import_string(settings.PALIER_AFTER_RESTORE)()
    say(f"{held} pieces of work are held: `manage.py outgoing release` lets them go.")
    # A session that somebody ended since the backup must not open again.
    ended, _ = Session.objects.all().delete()
    say(f"{ended} sessions are ended: everybody signs in again.")
    wanted = manifest["rows"]
    if wrong := sorted(t for t in rows.keys() | wanted.keys() if rows.get(t) != wanted.get(t)):
        raise BackupError(f"Row counts differ from the manifest in {', '.join(wrong)}.")
    say(f"{sum(rows.values())} rows in {len(rows)} tables, as in the manifest.")
    if chain != manifest.get("audit", chain):
        raise BackupError("The audit trail does not end as the manifest says.")
    if chain:
        say(f"The audit trail ends with batch {chain[0]}, {chain[1]}, as in the manifest.")


def _restore_files(following: tuple[str, IO[bytes]] | None, parts: Parts) -> int:
    """Save every file under its own name; return how many."""
    number = 0
    part = following
    while part is not None:
        name, body = part
        if name.startswith(FILES):
            _save(name.removeprefix(FILES), body)
            number += 1
        part = next(parts, None)
    return number


def _save(name: str, body: IO[bytes]) -> None:
    # The storage goes back to the start of what it saves, which a stream cannot do.
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as copy:
        while block := body.read(archive.CHUNK):
            copy.write(block)
        copy.seek(0)
        default_storage.delete(name)
        if default_storage.save(name, File(copy)) != name:
            raise BackupError(f"The storage gave {name} another name.")
