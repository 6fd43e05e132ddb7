"""The application owns nothing: who connects may do what its work needs and no more."""

import contextlib
import os
import secrets

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from psycopg2 import errors

from portal.database import owner, roles
from portal.dev import embedded
from portal.dev.embedded.postgres import Postgres
from portal.settings.databases import database_from_url
from tests.portal.database.conftest import needs_roles

pytestmark = pytest.mark.long


def one(sql: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() if cursor.description else None


@contextlib.contextmanager
def line(url: str, autocommit: bool = True):
    opened = psycopg2.connect(url)
    opened.autocommit = autocommit
    try:
        yield opened
    finally:
        opened.close()


def ask(url: str, sql: str, *values):
    with line(url) as opened, opened.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None


@needs_roles
@pytest.mark.django_db
@pytest.mark.weakness("one role")
def test_tests_connect_as_the_application_and_own_nothing():
    found = one(
        "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert found == ("palier_app", False, False, False, False)
    assert one(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND pg_get_userbyid(relowner) = current_user"
    ) == (0,)
    assert one(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s",
        settings.PALIER_DATABASE_OWNER["USER"],
    ) == (0,)


@needs_roles
@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE public.mine (id int)",
        "DROP TABLE requests_message",
        "TRUNCATE requests_message",
        "ALTER TABLE requests_message DISABLE TRIGGER ALL",
        "ALTER TABLE requests_message ADD COLUMN more int",
        "CREATE INDEX more ON requests_message (text)",
        "CREATE POLICY all_of_it ON requests_message USING (true)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION hstore",
        "CREATE ROLE mine",
        "SET ROLE palier",
        "SET SESSION AUTHORIZATION palier",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
        "COPY requests_message TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
@pytest.mark.weakness("one role")
def test_the_application_may_not(sql):
    with pytest.raises(ProgrammingError, match="permission|owner|must be"), transaction.atomic():
        one(sql)


@needs_roles
@pytest.mark.django_db
def test_every_table_and_sequence_is_usable_by_the_application():
    assert one(
        "SELECT array_agg(relname::text) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relname <> 'django_migrations' AND ("
        " (relkind = 'r' AND NOT has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE'))"
        " OR (relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE')))"
    ) == (None,)


@needs_roles
@pytest.mark.django_db
def test_reports_read_words_and_no_secret_and_change_nothing():
    may = "SELECT has_column_privilege('palier_read', %s, %s, %s)"
    assert one(may, "requests_claim", "words", "SELECT") == (True,)
    assert one(may, "requests_claim", "token", "SELECT") == (False,)
    assert one(may, "portal_user", "email", "SELECT") == (True,)
    assert one(may, "portal_user", "password", "SELECT") == (False,)
    assert one(may, "requests_claim", "words", "UPDATE") == (False,)
    assert one("SELECT has_any_column_privilege('palier_read', 'django_session', 'SELECT')") == (
        False,
    )


@needs_roles
@pytest.mark.django_db
def test_no_column_that_opens_something_is_shown_to_reports():
    """A new token or password is hidden too, or named here with the reason why it is not."""
    shown = {"agencies_staircase.hall_code": "printed in the hall for all to scan"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class c ON attrelid = c.oid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0"
            " AND attname ~ '(token|password|secret_|nonce|digest|_code$|key_hash)'"
            " AND attname !~ '(label_code|secret_name)$'"
            " AND has_column_privilege('palier_read', c.oid, attnum, 'SELECT')"
        )
        assert {row[0] for row in cursor.fetchall()} - shown.keys() == set()


@needs_roles
@pytest.mark.django_db
def test_auditors_read_who_did_what_and_no_words():
    may = "SELECT has_any_column_privilege('palier_audit', %s, 'SELECT')"
    for table in roles.AUDITED_TABLES:
        assert one(may, table) == (True,), table
    for table in ("requests_message", "requests_claim", "portal_user", "django_session"):
        assert one(may, table) == (False,), table


@pytest.fixture
def cluster(tmp_path):
    """An embedded cluster of its own, as an earlier release left it: one role, who owns all."""
    home = tmp_path / "home"
    services = embedded.ensure(home)
    try:
        yield Postgres(home), services
    finally:
        embedded.destroy(home)


def test_an_embedded_cluster_of_one_role_is_upgraded_at_its_next_start(cluster):
    postgres, services = cluster
    boss = services.owner_url.replace("palier@", "postgres@")
    ask(services.owner_url, "CREATE TABLE kept (id int GENERATED ALWAYS AS IDENTITY, word text)")
    ask(services.owner_url, "INSERT INTO kept (word) VALUES ('here')")
    for role in ("palier_app", "palier_read", "palier_audit"):
        ask(boss, f"DROP OWNED BY {role}")
        ask(boss, f"DROP ROLE {role}")
    embedded.stop(postgres.home)
    (postgres.home / "postgres.roles").unlink()

    again = embedded.ensure(postgres.home)
    ask(again.database_url, "INSERT INTO kept (word) VALUES ('too')")
    assert ask(again.database_url, "SELECT id, word FROM kept") == [(1, "here"), (2, "too")]
    with pytest.raises(errors.InsufficientPrivilege):
        ask(again.database_url, "DROP TABLE kept")


@pytest.mark.parametrize("admin", ["postgres", "landlord"])
def test_the_command_gives_the_tables_of_the_only_role_to_an_owner(
    cluster, monkeypatch, capsys, django_db_blocker, admin
):
    """The only role was a superuser (docker-compose), or the owner of a database of one's own."""
    _postgres, services = cluster
    superuser = services.owner_url.replace("palier@", "postgres@")
    boss = superuser.replace("postgres@", f"{admin}@").replace("/palier?", "/old?")
    if admin != "postgres":
        ask(superuser, f"CREATE ROLE {admin} LOGIN CREATEROLE CREATEDB")
    ask(superuser, f"CREATE DATABASE old OWNER {admin}")
    ask(boss, "CREATE EXTENSION btree_gist")
    ask(boss, "CREATE TABLE django_migrations (id serial, app text)")
    ask(boss, "CREATE TABLE requests_claim (id int GENERATED BY DEFAULT AS IDENTITY, token text)")
    ask(boss, "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    ask(boss, "INSERT INTO requests_claim (token) VALUES ('kept')")
    password = secrets.token_hex(8)
    monkeypatch.setenv("POSTGRES_OWNER_PASSWORD", password)
    monkeypatch.setenv("POSTGRES_APP_PASSWORD", password)
    monkeypatch.delenv("POSTGRES_READ_PASSWORD", raising=False)

    with django_db_blocker.unblock(), at(boss):
        for _ in range(2):  # it may run again
            call_command("database_roles", prefix="tenantry")
    assert "tenantry_owner owns the tables" in capsys.readouterr().out
    assert ask(boss, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [
        ("tenantry_owner",)
    ]
    mine = boss.replace(f"{admin}@", "tenantry_owner@")
    ask(mine, "CREATE TABLE later (id serial, word text)")
    app = boss.replace(f"{admin}@", "tenantry_app@")
    assert ask(app, "SELECT token FROM requests_claim") == [("kept",)]
    ask(app, "INSERT INTO later (word) VALUES ('of the next migration')")
    for sql in ("DROP TABLE later", "CREATE TABLE other (id int)", "DELETE FROM django_migrations"):
        with pytest.raises(errors.InsufficientPrivilege):
            ask(app, sql)
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        ask(boss.replace(f"{admin}@", "tenantry_read@"), "SELECT 1")
    kept = ask(superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = 'tenantry_app'")
    assert kept[0][0].startswith("SCRAM-SHA-256$")
    assert password not in kept[0][0]


def test_a_role_that_may_too_much_is_refused(cluster, django_db_blocker):
    _postgres, services = cluster
    boss = services.owner_url.replace("palier@", "postgres@")
    ask(boss, "ALTER ROLE palier_app BYPASSRLS")
    refused = pytest.raises(CommandError, match="palier_app may do too much")
    with django_db_blocker.unblock(), at(boss), refused:
        call_command("database_roles")


@contextlib.contextmanager
def at(url: str):
    """Connect to another server for a while, with no owner beside."""
    former = connection.settings_dict.copy()
    found = database_from_url(url)
    connection.close()
    connection.settings_dict.update({k: found[k] for k in (*owner.WHO, "NAME")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(former)


def test_names_that_are_no_plain_names_are_refused():
    for name in ("palier; DROP", "Palier", "", "a" * 60, os.sep):
        with pytest.raises(ValueError, match="plain name"):
            roles.make(owner=name, prefix="palier", login=False)
