"""Pairs of records that may be one person, and the triggers that note whose record changed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

import requests.identity.double_models

# At most so many of those who share a value: a larger group is a crowd before and after.
MOST = 8
BEGIN = """
DECLARE
    scope text := current_setting('palier.scope', true);
    said text := set_config('palier.scope', 'system', true);
BEGIN
"""
# Waits for a sweep that has taken the person, and then notes them anew.
NOTE = "ON CONFLICT (person) DO UPDATE SET at = now();"
END = """
    said := set_config('palier.scope', coalesce(scope, ''), true);
    RETURN NULL;
END
"""


def _sharing(rows: str) -> str:
    """Return the people of the contact points of ``rows`` and of those who have the same."""
    return f"""
    INSERT INTO requests_doublecheck (person)
    SELECT DISTINCT who.tenant_id FROM ({rows}) r
    CROSS JOIN LATERAL (
        SELECT r.tenant_id
        UNION ALL (
            SELECT p.tenant_id FROM tenants_contactpoint p
            WHERE p.kind = r.kind AND p.value = r.value LIMIT {MOST}
        )
    ) who ORDER BY 1 {NOTE}"""


CHANGED = """SELECT side.* FROM {0} side JOIN {1} was ON was.id = side.id
    WHERE (side.kind, side.value, side.tenant_id)
    IS DISTINCT FROM (was.kind, was.value, was.tenant_id)"""
POINTS = {
    "INSERT": _sharing("SELECT * FROM new_rows"),
    "DELETE": _sharing("SELECT * FROM old_rows"),
    "UPDATE": _sharing(CHANGED.format("new_rows", "old_rows"))
    + _sharing(CHANGED.format("old_rows", "new_rows")),
}
STAYS = {
    "INSERT": f"""
    INSERT INTO requests_doublecheck (person)
    SELECT DISTINCT tenant_id FROM new_rows ORDER BY 1 {NOTE}""",
    "DELETE": f"""
    INSERT INTO requests_doublecheck (person)
    SELECT DISTINCT tenant_id FROM old_rows ORDER BY 1 {NOTE}""",
    "UPDATE": f"""
    INSERT INTO requests_doublecheck (person)
    SELECT n.tenant_id FROM new_rows n JOIN old_rows o USING (id)
    WHERE (n.tenant_id, n.lease_id) IS DISTINCT FROM (o.tenant_id, o.lease_id)
    UNION SELECT o.tenant_id FROM new_rows n JOIN old_rows o USING (id)
    WHERE n.tenant_id IS DISTINCT FROM o.tenant_id ORDER BY 1 {NOTE}""",
}
LEASES = {
    "UPDATE": f"""
    INSERT INTO requests_doublecheck (person)
    SELECT DISTINCT s.tenant_id FROM new_rows n JOIN old_rows o USING (id)
    JOIN tenants_occupancy s ON s.lease_id = n.id
    WHERE n.dwelling_id IS DISTINCT FROM o.dwelling_id ORDER BY 1 {NOTE}""",
}
# A merged record leaves those who share its phone: they are fewer now.
PEOPLE = {
    "UPDATE": f"""
    INSERT INTO requests_doublecheck (person)
    SELECT DISTINCT n.id FROM new_rows n JOIN old_rows o USING (id)
    WHERE (n.first_name, n.last_name, n.merged_into_id)
        IS DISTINCT FROM (o.first_name, o.last_name, o.merged_into_id) ORDER BY 1 {NOTE}
    {
        _sharing('''SELECT p.* FROM tenants_contactpoint p JOIN new_rows n ON n.id = p.tenant_id
        JOIN old_rows o ON o.id = n.id
        WHERE n.merged_into_id IS DISTINCT FROM o.merged_into_id''')
    }""",
}
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}
TABLES = {
    "tenants_contactpoint": POINTS,
    "tenants_occupancy": STAYS,
    "tenants_lease": LEASES,
    "tenants_tenant": PEOPLE,
}


def _name(table: str, event: str) -> str:
    return f"double_check_{table.partition('_')[2]}_{event.lower()}"


MAKE = "".join(
    f"CREATE FUNCTION {_name(table, event)}() RETURNS trigger LANGUAGE plpgsql AS"
    f" $body${BEGIN}{body}{END}$body$;\n"
    f"CREATE TRIGGER double_check_{event.lower()} AFTER {event} ON {table}"
    f" REFERENCING {ROWS[event]} FOR EACH STATEMENT EXECUTE FUNCTION {_name(table, event)}();\n"
    for table, bodies in TABLES.items()
    for event, body in bodies.items()
)
DROP = "".join(
    f"DROP TRIGGER double_check_{event.lower()} ON {table}; DROP FUNCTION {_name(table, event)}();\n"
    for table, bodies in TABLES.items()
    for event in bodies
)
EVERYBODY = """INSERT INTO requests_doublecheck (person) SELECT id FROM tenants_tenant
    ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0033_colleague_mails"), ("tenants", "0008_words_of_names")]

    operations = [
        migrations.CreateModel(
            name="DoubleCheck",
            fields=[
                ("person", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=Now(), verbose_name="since")),
            ],
            options={
                "verbose_name": "person to compare again",
                "verbose_name_plural": "people to compare again",
                "indexes": [models.Index(fields=["at"], name="double_check_at")],
            },
        ),
        migrations.CreateModel(
            name="DoublePair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phone", models.BooleanField(verbose_name="same phone")),
                ("email", models.BooleanField(verbose_name="same e-mail")),
                ("name_and_home", models.BooleanField(verbose_name="same name and home")),
                ("same_name", models.BooleanField(verbose_name="same name")),
                (
                    "strength",
                    models.PositiveSmallIntegerField(verbose_name="number of reasons"),
                ),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                        verbose_name="one",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                        verbose_name="other",
                    ),
                ),
            ],
            options={
                "verbose_name": "probable double",
                "verbose_name_plural": "probable doubles",
                "default_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        fields=["-same_name", "-strength", "id"], name="double_likely_first"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="double_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))),
                        name="double_in_order",
                    ),
                ],
            },
            managers=[("unscoped", models.Manager())],
        ),
        migrations.RunSQL(MAKE, DROP),
        migrations.RunSQL(EVERYBODY, migrations.RunSQL.noop),
    ]
