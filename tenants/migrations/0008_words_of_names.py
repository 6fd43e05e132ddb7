"""The plain name in a column of its own, kept by a trigger, and the index that finds it.

Below a policy the index of an expression is not used unless its function is marked LEAKPROOF, which
``palier_plain`` cannot be (portal/database/roles.py): each search of a name read all people.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from portal.migration_operations import AddIndexMeanwhile

TRIGGER = """
CREATE OR REPLACE FUNCTION tenant_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := palier_plain(concat_ws(' ', NEW.first_name, NEW.last_name));
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER tenant_search BEFORE INSERT OR UPDATE ON tenants_tenant
    FOR EACH ROW EXECUTE FUNCTION tenant_search();
"""
AT_ONCE = 2_000
FILL = """
UPDATE tenants_tenant SET search = '' WHERE id IN (
    SELECT id FROM tenants_tenant WHERE search = '' AND last_name <> '' LIMIT %s
)
"""


def fill(apps, schema_editor) -> None:
    """Let the trigger write the names of the rows that are there, some at a time."""
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(FILL, [AT_ONCE])
            if not cursor.rowcount:
                return


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0007_changes_in_the_trail")]

    operations = [
        migrations.AddField(
            "tenant", "search", models.TextField(db_default="", default="", editable=False)
        ),
        migrations.RunSQL(
            TRIGGER,
            "DROP TRIGGER tenant_search ON tenants_tenant; DROP FUNCTION tenant_search();",
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexMeanwhile(
            "tenant",
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="tenant_search_words"),
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS tenant_name_plain",
            """CREATE INDEX CONCURRENTLY IF NOT EXISTS tenant_name_plain ON tenants_tenant
            USING gin (palier_plain(first_name || ' ' || last_name) gin_trgm_ops)""",
        ),
    ]
