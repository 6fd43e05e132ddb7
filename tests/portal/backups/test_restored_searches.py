"""After a restore searches use their indexes below the policies, or it says what to run."""

from contextlib import contextmanager

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.backups import postgres
from portal.database import roles
from portal.database.owner import as_owner
from portal.database.readers import Who, reading_as
from requests.claims.models import Claim
from tests.portal.backups.conftest import SOURCE, TARGET, counts
from tests.portal.database.conftest import needs_roles
from tests.portal.database.fixed_reader import SEARCHES, Fixed

pytestmark = [pytest.mark.long, needs_roles]
LEFT = (
    "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE of_later (id serial PRIMARY KEY, mood mood);"
    " CREATE VIEW later AS SELECT id FROM of_later;"
    " CREATE FUNCTION count_later(mood) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM later'"
)


def as_superuser(database: str, sql: str) -> None:
    server = connection.settings_dict
    line = psycopg2.connect(
        dbname=database, user="postgres", host=server["HOST"], port=server["PORT"] or None
    )
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(sql)
    finally:
        line.close()


def one(sql: str):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def uses_indexes() -> bool:
    """Whether each search of the suite has an index condition, as a reader below a policy."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    with reading_as(Fixed(Who("unit", unit=1))):
        found = all("Index Cond: " in search().explain() for search in SEARCHES.values())
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_seqscan")
    return found


@contextmanager
def with_marked_functions():
    """A landlord whose release marked functions of ours too, as releases before this one did."""
    for word in ("LEAKPROOF", "NOT LEAKPROOF"):
        for name in roles.IN_DUMPS:
            as_superuser(SOURCE, f"ALTER FUNCTION {name} {word}")
        if word == "LEAKPROOF":
            yield


def test_nothing_is_to_be_run_after_a_restore(house, saved, elsewhere, capsys):
    """Also over a database: what is not the backup's goes, an extension stays as it was marked."""
    call_command("restore", str(saved), identity=house.identity)
    assert uses_indexes()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(LEFT)
    call_command("restore", str(saved), identity=house.identity, overwrite=True)
    assert "database_roles" not in capsys.readouterr().out
    assert uses_indexes()
    assert counts() == house.rows[saved]
    assert one("SELECT to_regtype('mood') IS NULL AND to_regproc('count_later') IS NULL")


def test_a_restore_says_that_searches_are_slow(house, saved, elsewhere, capsys):
    """On a server where no superuser marked the functions, or an older PostgreSQL did."""
    as_superuser(TARGET, "ALTER FUNCTION lower(text) NOT LEAKPROOF")
    call_command("restore", str(saved), identity=house.identity)
    assert "Searches read whole tables until `manage.py database_roles`" in capsys.readouterr().out
    as_superuser(TARGET, roles.LEAKPROOF)
    assert postgres.mark_searches()


def test_a_backup_with_marked_functions_asks_for_a_superuser(house, elsewhere, settings, capsys):
    with with_marked_functions():
        path = house.backup("marked", plain=True)
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL of one, then run"):
        call_command("restore", str(path))
    assert counts() == {}
    settings.PALIER_DATABASE_OWNER = settings.PALIER_DATABASE_OWNER | {"USER": "postgres"}
    call_command("restore", str(path))
    assert Claim.objects.system("test").count() == 1
    assert uses_indexes()
    assert "database_roles" not in capsys.readouterr().out


def test_the_roles_unmark_what_a_dump_holds(house, elsewhere, saved):
    """So that the next backup is restored without a superuser."""
    with with_marked_functions():
        as_superuser(SOURCE, roles.LEAKPROOF)
        path = house.backup("unmarked", plain=True)
    call_command("restore", str(path))
    assert uses_indexes()
