"""Databases for tests, copied from templates that are made once and kept between runs.

Two templates live beside the test databases: one is migrated, one holds the demo landlord. Their
names carry a hash of what they are made from, so a changed migration or a changed line of the
demo makes a new one; older ones are dropped. Workers of one run wait for each other; ``python -m
tests.templates`` makes both while they still collect.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import connection, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.migrations.state import ProjectState

ROOT = Path(__file__).resolve().parents[1]
BASE = settings.DATABASES["default"]["NAME"]  # pytest-django renames it later
LOCK = 7_254_725  # first key of the advisory locks under which templates are made; any will do

KEPT = {"django_content_type", "auth_permission"}
DELETE_ROWS = """
DO $$
DECLARE emptied text;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    FOREACH emptied IN ARRAY ARRAY[{0}] LOOP
        EXECUTE format('DELETE FROM %I', emptied);
    END LOOP;
END
$$"""
SWITCH_TRIGGERS = """
DO $$
DECLARE guarded text;
BEGIN
    FOR guarded IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'audit_no_truncate' LOOP
        EXECUTE format('ALTER TABLE %s {0} TRIGGER USER', guarded);
    END LOOP;
END
$$"""

# What a database holds of the application: kind, where, name, text.
TABLES = """
SELECT 'column', attrelid::regclass::text, attname, concat_ws(' ', attnum,
    format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid),
    relrowsecurity, relforcerowsecurity, relacl, attacl)
  FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND relkind <> 'i'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
  WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname,
    concat_ws(' ', convalidated, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname,
    concat_ws(' ', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', '', oid::regprocedure::text,
    concat_ws(' ', prosrc, prosecdef, proacl) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'policy', tablename, policyname, concat_ws(' ', permissive, roles, cmd, qual,
    with_check) FROM pg_policies
UNION ALL SELECT 'view', schemaname, viewname, definition FROM pg_views
  WHERE schemaname = 'public'
"""

# A number that changes with the tables, and costs a tenth of the whole.
SUM_OF_TABLES = """
SELECT (SELECT sum(hashtext(concat(attname, atttypid, attnotnull))) FROM pg_attribute
          WHERE attrelid >= 16384 AND attnum > 0)
  + (SELECT sum(hashtext(concat(relname, relkind, relrowsecurity, relforcerowsecurity)))
       FROM pg_class WHERE relnamespace = 'public'::regnamespace)
  + (SELECT sum(hashtext(concat(conname, convalidated))) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace)
  + (SELECT sum(hashtext(concat(tgname, tgenabled))) FROM pg_trigger WHERE NOT tgisinternal)
  + (SELECT sum(hashtext(concat(proname, prosrc))) FROM pg_proc
       WHERE pronamespace = 'public'::regnamespace)
  + (SELECT sum(hashtext(concat(polname, polrelid, polqual, polwithcheck))) FROM pg_policy)
"""

# Only in databases of tests, whose application may otherwise do no more than in production.
RUN_AS_OWNER = """
CREATE FUNCTION run_as_owner(statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN EXECUTE statement; END $$"""


@contextmanager
def without_audit_triggers() -> Iterator[None]:
    """Do what whoever owns the database can do: change rows of the audit trail."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    run_as_owner(SWITCH_TRIGGERS.format("DISABLE"))
    yield
    run_as_owner(SWITCH_TRIGGERS.format("ENABLE"))


def run_as_owner(sql: str, *values) -> None:
    """Run ``sql`` as the owner of the tables, in the transaction of the test."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT run_as_owner(%s)", [cursor.mogrify(sql, values or None).decode()])


def flush_quickly() -> None:
    """Empty a test's database by deleting rows, those of the audit trail as well.

    TRUNCATE makes a new file for each table and index, a thousand of them, where a test wrote into
    thirty. What Django fills in after each migration stays, so that only the portal's own rows,
    which were emptied, are written anew.
    """

    def sql_flush(self, style, tables, **options) -> list[str]:
        names = ", ".join(f"'{table}'" for table in sorted({*tables} - KEPT))
        return [
            SWITCH_TRIGGERS.format("DISABLE"),
            DELETE_ROWS.format(names),
            SWITCH_TRIGGERS.format("ENABLE"),
        ]

    def write_again(verbosity: int, interactive: bool, db: str, **_more) -> None:
        from requests.routing.house_rows import write_missing_rows  # models, once they are loaded

        write_missing_rows(db)

    DatabaseOperations.sql_flush = sql_flush
    flush.emit_post_migrate_signal = write_again


def hash_of(*patterns: str) -> str:
    """Return 12 hexadecimal digits that change with the requirements or a file of a pattern."""
    digest = hashlib.sha256((ROOT / "requirements/app.txt").read_bytes())
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def use(name: str) -> Iterator[None]:
    """Let all threads of this process use the database ``name`` instead of the test one."""
    former = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = former


def copy(source: str, name: str) -> None:
    """Create ``name`` as a copy of ``source``, ending whatever session is open on either."""
    connections.close_all()
    quote = connection.ops.quote_name
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [source],
        )
        cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(source)}")


def create(name: str, *, connection_limit: int) -> None:
    """Create ``name`` without a table; the application may hold so many connections to it."""
    drop(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            f"CREATE DATABASE {connection.ops.quote_name(name)} CONNECTION LIMIT %s",
            [connection_limit],
        )


def drop(name: str) -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


def make_template(
    name: str, make: Callable[[str], None], *, is_usable: Callable[[], bool] = lambda: True
) -> None:
    """Make the database ``name`` unless it is there and usable; drop others of its kind.

    ``make`` creates and fills a database whose name it is given; the template gets its own name
    afterwards, so that a run that was killed leaves no half one.
    """
    quote = connection.ops.quote_name
    kind = name.rpartition("_")[0]
    with connection._nodb_cursor() as cursor:
        # Held until the cursor closes; who waits for one kind does not wait for another.
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LOCK, kind])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{kind}\\_%"])
        found = {row[0] for row in cursor.fetchall()}
        if name in found and is_usable():
            return
        for old in found:
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(old)} WITH (FORCE)")
        fresh = f"{kind}_new"
        make(fresh)
        cursor.execute(f"ALTER DATABASE {quote(fresh)} RENAME TO {quote(name)}")


def tables() -> set[tuple]:
    """Return every column, index, constraint, trigger, function, policy and view in use."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return set(cursor.fetchall())


def sum_of_tables() -> int:
    """Return a number that changes when tables, triggers, functions or policies change."""
    with connection.cursor() as cursor:
        cursor.execute(SUM_OF_TABLES)
        return cursor.fetchone()[0]


@contextmanager
def draw_less() -> Iterator[None]:
    """Migrate quickly: of the models that Django knows by then, draw anew only what changed.

    Django draws whatever is related over any number of steps, 21,000 classes on the way from
    nothing: four fifths of the time. The statements that change tables need the name and the key
    of what a column refers to, no more; and a step that reads rows draws everything first, because
    ``is_delayed`` says so. That it makes the same tables: tests/test_migrations.py.
    """

    def changed(state: ProjectState, app: str, name: str, delay: bool = False) -> set:
        state.is_delayed = True
        return {(app, name), *state.relations.get((app, name), ())}

    with mock.patch.object(ProjectState, "_find_reload_model", changed):
        yield


def migrate_new(name: str) -> None:
    """Create ``name`` with all tables, and what tests alone may call."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    with use(name):
        call_command("migrate", interactive=False, verbosity=0)
        owner = connection.of_owner()
        with owner.cursor() as cursor:
            cursor.execute(RUN_AS_OWNER)
        owner.close()


def _migrate_quickly(name: str) -> None:
    with draw_less():
        migrate_new(name)


@cache
def migrated() -> str:
    """Return the name of the migrated template."""
    made_from = hash_of(
        "*/migrations/*.py",
        "*/**/*models.py",
        "portal/database/*.py",
        "requests/row_*.py",
        "requests/claim_rows.py",
        "tests/databases.py",
    )
    name = f"template_{BASE}_{made_from}"
    make_template(name, _migrate_quickly)
    return name
