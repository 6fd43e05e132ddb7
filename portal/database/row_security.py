"""Write the row-level policies: the second wall, behind the scopes in Python.

The policies are a table in code (``settings.PALIER_ROW_SECURITY``), compared with the database
after each migration. FORCE holds the owner too: without a scope nobody reads a row. Migrations and
backups therefore say that they are the landlord's.
"""

import hashlib
from importlib import import_module

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

POLICY = "palier_scope"
# Goes into each session of a client program that reads everything: pg_dump.
EVERYTHING = "-c palier.scope=system"


def statements() -> list[str]:
    """Return the SQL that makes functions and policies what the code says."""
    rules = import_module(settings.PALIER_ROW_SECURITY)
    made = [rules.FUNCTIONS]
    for table, rule in rules.POLICIES.items():
        name = connection.ops.quote_name(table)
        made += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {name}",
            f"CREATE POLICY {POLICY} ON {name} USING ({rule})",
        ]
    return made


def renew() -> bool:
    """Make the policies what the code says; return whether anything was to do.

    For the owner, with all migrations applied. Idempotent. The digest of what was written is the
    comment of a function, so that a start without changes takes no lock.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    wanted = statements()
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regprocedure('palier_who(int)'), 'pg_proc'),"
            " (SELECT count(*) FROM pg_policy WHERE polname = %s)",
            [POLICY],
        )
        policies = len(import_module(settings.PALIER_ROW_SECURITY).POLICIES)
        if cursor.fetchone() == (digest, policies):
            return False
        with transaction.atomic():
            for statement in wanted:
                cursor.execute(statement)
            cursor.execute(f"COMMENT ON FUNCTION palier_who(int) IS '{digest}'")
    return True
