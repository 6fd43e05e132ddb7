"""Pairs of probable doubles once for each unit; who was declared different is compared again."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from portal.migration_operations import AddIndexMeanwhile

BEGIN = """
DECLARE
    scope text := current_setting('palier.scope', true);
    said text := set_config('palier.scope', 'system', true);
BEGIN
    INSERT INTO requests_doublecheck (person)
"""
END = """
    ORDER BY 1 ON CONFLICT (person) DO UPDATE SET at = now();
    said := set_config('palier.scope', coalesce(scope, ''), true);
    RETURN NULL;
END
"""
# A residence that another unit takes over shows its pairs to that unit.
MOVED = """
    SELECT DISTINCT o.tenant_id FROM new_rows n JOIN old_rows was USING (id)
    JOIN agencies_building b ON b.residence_id = n.id
    JOIN agencies_staircase s ON s.building_id = b.id
    JOIN agencies_dwelling d ON d.staircase_id = s.id
    JOIN tenants_lease l ON l.dwelling_id = d.id
    JOIN tenants_occupancy o ON o.lease_id = l.id
    WHERE n.unit_id IS DISTINCT FROM was.unit_id"""
TRIGGERS = (
    (
        "agencies_residence",
        "UPDATE",
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        MOVED,
    ),
    ("tenants_distinct", "INSERT", "NEW TABLE AS new_rows", "SELECT DISTINCT one_id FROM new_rows"),
    ("tenants_distinct", "DELETE", "OLD TABLE AS old_rows", "SELECT DISTINCT one_id FROM old_rows"),
)


def _name(table: str, event: str) -> str:
    return f"double_check_{table.partition('_')[2]}_{event.lower()}"


MAKE = "".join(
    f"CREATE FUNCTION {_name(table, event)}() RETURNS trigger LANGUAGE plpgsql AS"
    f" $body${BEGIN}{people}{END}$body$;\n"
    f"CREATE TRIGGER double_check_{event.lower()} AFTER {event} ON {table}"
    f" REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {_name(table, event)}();\n"
    for table, event, rows, people in TRIGGERS
)
DROP = "".join(
    f"DROP TRIGGER double_check_{event.lower()} ON {table}; DROP FUNCTION {_name(table, event)}();\n"
    for table, event, _rows, _people in TRIGGERS
)
STAYED = """
    SELECT r.unit_id FROM tenants_occupancy o JOIN tenants_lease l ON l.id = o.lease_id
    JOIN agencies_dwelling d ON d.id = l.dwelling_id
    JOIN agencies_staircase s ON s.id = d.staircase_id
    JOIN agencies_building b ON b.id = s.building_id
    JOIN agencies_residence r ON r.id = b.residence_id WHERE o.tenant_id = p.{0}_id"""
FILL = f"""
DELETE FROM requests_doublepair p USING tenants_distinct d
WHERE d.one_id = p.one_id AND d.other_id = p.other_id;
INSERT INTO requests_doublepair
    (one_id, other_id, unit, phone, email, name_and_home, same_name, strength)
SELECT p.one_id, p.other_id, shared.unit, p.phone, p.email, p.name_and_home, p.same_name, p.strength
FROM requests_doublepair p CROSS JOIN LATERAL (
    {STAYED.format("one")} INTERSECT {STAYED.format("other")}
) AS shared(unit) WHERE p.unit = 0 ON CONFLICT DO NOTHING"""
DROP_FILL = "DELETE FROM requests_doublepair WHERE unit <> 0"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0050_sums_by_period")]

    operations = [
        migrations.AddField(
            "doublepair",
            "unit",
            models.BigIntegerField(db_default=0, default=0, verbose_name="unit"),
        ),
        migrations.RemoveConstraint("doublepair", "double_once"),
        migrations.AddConstraint(
            "doublepair",
            models.UniqueConstraint(fields=("one", "other", "unit"), name="double_once_a_unit"),
        ),
        RemoveIndexConcurrently("doublepair", "double_likely_first"),
        AddIndexMeanwhile(
            "doublepair",
            models.Index(
                fields=["unit", "-same_name", "-strength", "id"], name="double_of_unit_first"
            ),
        ),
        migrations.RunSQL(MAKE, DROP),
        migrations.RunSQL(FILL, DROP_FILL),
    ]
