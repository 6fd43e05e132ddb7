"""`manage.py migrate` gives a database of an earlier release, or a damaged one, its policies."""

import pytest
from django.core.management import call_command
from django.db import connection

from portal.database import row_security
from portal.database.owner import as_owner
from portal.database.readers import guarded_tables

FORCED = (
    "SELECT array_agg(c.relname::text) FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
    " WHERE relrowsecurity AND relforcerowsecurity"
)

# A function whose name or result changed since, and the policy that needs it.
OF_AN_EARLIER_RELEASE = """
CREATE FUNCTION palier_claims() RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE POLICY palier_scope ON requests_claim USING (id IN (SELECT palier_claims()));
"""


def forced() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(FORCED)
        return set(cursor.fetchone()[0] or [])


@pytest.mark.usefixtures("own_database")
def test_a_database_without_policies_gets_them():
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        for table in guarded_tables():
            cursor.execute(f'DROP POLICY palier_scope ON "{table}"')
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        cursor.execute("DROP FUNCTION palier_who(int) CASCADE")
        cursor.execute(OF_AN_EARLIER_RELEASE)
    owner.close()
    assert forced() == set()
    call_command("migrate", interactive=False, verbosity=0)
    assert forced() == guarded_tables()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute('DROP POLICY palier_scope ON "requests_message"')
        assert row_security.renew() is True
        assert row_security.renew() is False
    assert forced() == guarded_tables()
