"""No new migration holds up pages: what it does to a big table takes no long lock.

The SQL of each migration is read. Those before the rule are listed as done.
"""

import os
import re
import threading

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor

from portal.management.commands import migrate
from tests import databases, trust

pytestmark = pytest.mark.long

# The last migration of each app that was written before the rule.
DONE = {"portal": "0005", "agencies": "0002", "tenants": "0003", "requests": "0015"}
# Tables that grow with every request, or with every home.
BIG = {
    "agencies_dwelling",
    "tenants_contactpoint",
    "tenants_lease",
    "tenants_occupancy",
    "tenants_tenant",
    "requests_accessview",
    "requests_attachment",
    "requests_claim",
    "requests_claimevent",
    "requests_closingstep",
    "requests_delivery",
    "requests_escalationstep",
    "requests_intake",
    "requests_job",
    "requests_message",
    "requests_promise",
    "requests_routingdecision",
}
TABLE = r'"?(?P<table>\w+)"?'
LOCKING = {
    "build the index CONCURRENTLY (AddIndexMeanwhile)": re.compile(
        rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY).* ON {TABLE}"
    ),
    "add the constraint NOT VALID, then validate it": re.compile(
        rf"ALTER TABLE {TABLE} ADD CONSTRAINT (?!.*(NOT VALID|USING INDEX))"
    ),
    "a column of another type is a new column": re.compile(
        rf"ALTER TABLE {TABLE} ALTER COLUMN .* TYPE "
    ),
    "add a CHECK (… IS NOT NULL) NOT VALID and validate it before": re.compile(
        rf"ALTER TABLE {TABLE} .*SET NOT NULL"
    ),
    "a unique column builds its index under a lock": re.compile(
        rf"ALTER TABLE {TABLE} ADD COLUMN .*(UNIQUE|PRIMARY KEY)"
    ),
    "a default that is computed for each row rewrites the table": re.compile(
        rf"ALTER TABLE {TABLE} ADD COLUMN .*DEFAULT [^ ]*\("
    ),
}
DROPPED = re.compile(r"DROP INDEX (?!CONCURRENTLY)")
MADE = re.compile(rf"CREATE TABLE {TABLE}")


def locking(statements: list[str]) -> list[str]:
    """What of a migration's SQL would hold up the writers of a big table, and what to do."""
    made = {found["table"] for sql in statements if (found := MADE.match(sql))}
    wrong = []
    for sql in statements:
        for advice, pattern in LOCKING.items():
            found = pattern.search(sql)
            if found and found["table"] in BIG - made:
                wrong.append(f"{sql[:120]}: {advice}")
        if DROPPED.match(sql):
            wrong.append(f"{sql[:120]}: drop it CONCURRENTLY")
    return wrong


@pytest.fixture(scope="module")
def new_migrations(django_db_setup, django_db_blocker) -> list[tuple[Migration, list[str]]]:
    """Each migration since the rule, with its SQL."""
    with django_db_blocker.unblock(), databases.draw_less():
        loader = MigrationExecutor(connection).loader
        keys = sorted(k for k in loader.graph.nodes if k[0] in DONE and k[1][:4] > DONE[k[0]])
        made = [loader.graph.nodes[key] for key in keys]
        return [(migration, loader.collect_sql([(migration, False)])) for migration in made]


def test_no_new_migration_locks_a_big_table(new_migrations):
    assert new_migrations
    found = {f"{made.app_label}.{made.name}": locking(sql) for made, sql in new_migrations}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_rows_are_not_changed_while_a_table_is_locked(new_migrations):
    for migration, statements in new_migrations:
        moves = any(isinstance(operation, RunPython) for operation in migration.operations)
        alters = any("ALTER TABLE" in sql for sql in statements)
        assert not (moves and alters and migration.atomic), f"{migration}: atomic = False"


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX "x" ON "requests_claim" ("state")',
        'CREATE UNIQUE INDEX "x" ON "requests_job" ("key")',
        'ALTER TABLE "requests_message" ADD CONSTRAINT "x" CHECK (("at" > 0))',
        'ALTER TABLE "requests_message" ADD CONSTRAINT "x" UNIQUE ("at")',
        'ALTER TABLE "requests_claim" ALTER COLUMN "words" TYPE varchar(10)',
        'ALTER TABLE "requests_claim" ALTER COLUMN "words" SET NOT NULL',
        'ALTER TABLE "requests_claim" ADD COLUMN "code" uuid DEFAULT gen_random_uuid() NOT NULL',
        'ALTER TABLE "requests_claim" ADD COLUMN "code" varchar(9) NULL UNIQUE',
        'DROP INDEX IF EXISTS "x"',
    ],
)
def test_what_locks_is_refused(sql):
    assert locking([sql])
    assert sql.startswith("DROP") or not locking([re.sub(r"requests_\w+", "portal_pulse", sql)])


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX CONCURRENTLY "x" ON "requests_claim" ("state")',
        'ALTER TABLE "requests_message" ADD CONSTRAINT "x" CHECK (("at" > 0)) NOT VALID',
        'ALTER TABLE "requests_message" VALIDATE CONSTRAINT "x"',
        'ALTER TABLE "requests_claim" ADD COLUMN "hiccups" smallint DEFAULT 0 NOT NULL',
        'DROP INDEX CONCURRENTLY IF EXISTS "x"',
    ],
)
def test_what_does_not_lock_passes(sql):
    assert locking([sql]) == []


def test_a_table_made_by_the_same_migration_may_be_indexed():
    made = 'CREATE TABLE "requests_claim" ("id" bigint)'
    assert locking([made, 'CREATE INDEX "x" ON "requests_claim" ("id")']) == []


@pytest.mark.usefixtures("own_database")
def test_migrate_gives_up_on_a_lock_and_tries_again(monkeypatch, capsys):
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 1)
    monkeypatch.setattr(migrate, "PAUSE", 0.1)
    monkeypatch.setattr(migrate, "TRIES", 2)
    holder = psycopg2.connect(**connection.get_connection_params())
    with holder.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        cursor.execute("LOCK TABLE portal_sentform IN ACCESS SHARE MODE")
    with pytest.raises(CommandError, match="holds a table"):
        call_command("migrate", "portal", "0005", verbosity=0)
    ended = threading.Timer(0.5, holder.close)
    ended.start()
    call_command("migrate", "portal", "0005", verbosity=0)
    ended.join()
    call_command("migrate", "portal", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_no_test_may_migrate_what_others_share(db):
    with pytest.raises(AssertionError, match="own_database"):
        call_command("migrate", "tenants", "0006", verbosity=0)


@pytest.mark.trust
@pytest.mark.skipif(not trust.WHOLE, reason="half a minute; make trust")
def test_the_templates_of_tests_have_the_tables_of_production(django_db_setup, django_db_blocker):
    """``draw_less`` saves time and changes nothing."""
    name = f"as_production_{os.getpid()}"
    with django_db_blocker.unblock():
        quick = databases.tables()
        databases.drop(name)
        databases.migrate_new(name)
        try:
            with databases.use(name):
                slow = databases.tables()
        finally:
            databases.drop(name)
    assert len(slow) > 3_000
    assert quick == slow
