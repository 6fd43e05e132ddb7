"""Facts of claims, their sums, and triggers that name each claim to count again."""

import django.db.models.deletion
from django.db import migrations, models

# A transaction that touches one claim ten times names it once: it is read after the commit.
FUNCTIONS = """
CREATE FUNCTION palier_touch(touched uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF touched IS NOT NULL
        AND current_setting('palier.touched', true) IS DISTINCT FROM touched::text THEN
        INSERT INTO public.requests_touchedclaim (claim_id) VALUES (touched);
        PERFORM set_config('palier.touched', touched::text, true);
    END IF;
END
$$;
CREATE FUNCTION palier_touch_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.palier_touch(NEW.id);
    RETURN NULL;
END
$$;
CREATE FUNCTION palier_touch_of_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.palier_touch(CASE TG_OP WHEN 'DELETE' THEN OLD.claim_id ELSE NEW.claim_id END);
    RETURN NULL;
END
$$;
CREATE FUNCTION palier_touch_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.requests_touchedclaim (claim_id) SELECT c.id FROM public.requests_claim c
    WHERE CASE TG_TABLE_NAME
        WHEN 'agencies_residence' THEN c.residence_id = NEW.id
        WHEN 'requests_category' THEN c.category_id = NEW.id
        ELSE c.residence_id IN (SELECT id FROM public.agencies_residence WHERE unit_id = NEW.id)
            OR c.owner_id IN (SELECT id FROM public.agencies_desk WHERE unit_id = NEW.id)
        END;
    RETURN NULL;
END
$$;
"""


def on(table: str, does: str, when: str = "", function: str = "palier_touch_of_claim") -> str:
    """Return the SQL of a trigger of ``table``."""
    name = "touch_" + does.split()[0].lower()
    condition = f"WHEN ({when})" if when else ""
    return f"""
CREATE TRIGGER {name} AFTER {does} ON {table}
    FOR EACH ROW {condition} EXECUTE FUNCTION {function}();"""


def changed(*columns: str) -> str:
    """Return the condition that one of the columns is another than before."""
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


CLAIM = ("category_id", "channel", "owner_id", "residence_id", "building_id", "filed_at")
ORDER = ("contractor_id", "contract_id", "sent_at", "done_at")
TRIGGERS = (
    on("requests_claim", "INSERT", function="palier_touch_claim")
    + on("requests_claim", "UPDATE", changed(*CLAIM), "palier_touch_claim")
    + on("requests_claimevent", "INSERT OR UPDATE OR DELETE")
    + on("requests_promise", "INSERT OR DELETE")
    + on("requests_promise", "UPDATE", changed("due_at", "kept_at", "ended_at"))
    + on("requests_workorder", "INSERT OR DELETE")
    + on("requests_workorder", "UPDATE", changed(*ORDER))
    + on(
        "agencies_residence",
        "UPDATE",
        changed("unit_id", "priority_district"),
        "palier_touch_many",
    )
    + on("requests_category", "UPDATE", changed("family_id", "code"), "palier_touch_many")
    + on("agencies_unit", "UPDATE", changed("time_zone"), "palier_touch_many")
)
TABLES = (
    ("requests_claim", "insert update"),
    ("requests_claimevent", "insert"),
    ("requests_promise", "insert update"),
    ("requests_workorder", "insert update"),
    ("agencies_residence", "update"),
    ("requests_category", "update"),
    ("agencies_unit", "update"),
)
BACK = (
    "\n".join(
        f"DROP TRIGGER touch_{name} ON {table};"
        for table, names in TABLES
        for name in names.split()
    )
    + """
DROP FUNCTION palier_touch_many();
DROP FUNCTION palier_touch_of_claim();
DROP FUNCTION palier_touch_claim();
DROP FUNCTION palier_touch(uuid);
"""
)


class Migration(migrations.Migration):
    dependencies = [("agencies", "0006_former_role"), ("requests", "0037_claim_list_indexes")]

    operations = [
        migrations.CreateModel(
            name="FigureClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="up to date")),
            ],
            options={
                "verbose_name": "clock of the figures",
                "verbose_name_plural": "clocks of the figures",
            },
        ),
        migrations.CreateModel(
            name="StockCount",
            fields=[
                ("residence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("unit", models.BigIntegerField()),
                ("dwellings", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "dwellings of a residence",
                "verbose_name_plural": "dwellings of residences",
            },
        ),
        migrations.CreateModel(
            name="TouchedClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_id", models.UUIDField()),
            ],
            options={
                "verbose_name": "claim to count again",
                "verbose_name_plural": "claims to count again",
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=8)),
                ("grain", models.CharField(max_length=1)),
                ("start", models.DateField()),
                ("unit", models.BigIntegerField()),
                ("one", models.CharField(blank=True, max_length=20)),
                ("two", models.CharField(blank=True, max_length=30)),
                ("measure", models.CharField(max_length=10)),
                ("value", models.PositiveIntegerField(default=0)),
                ("n", models.IntegerField()),
            ],
            options={
                "verbose_name": "sum of facts",
                "verbose_name_plural": "sums of facts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("by", "grain", "start", "unit", "measure", "one", "two", "value"),
                        name="rollup_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("measure", models.CharField(max_length=10, verbose_name="measure")),
                ("day", models.DateField(verbose_name="day")),
                ("value", models.PositiveIntegerField(default=0, verbose_name="value")),
                ("n", models.PositiveSmallIntegerField(default=1, verbose_name="number")),
                ("unit", models.BigIntegerField(default=0, verbose_name="unit")),
                ("residence", models.BigIntegerField(default=0, verbose_name="residence")),
                ("building", models.BigIntegerField(default=0, verbose_name="building")),
                ("family", models.CharField(max_length=8, verbose_name="family")),
                ("category", models.CharField(max_length=10, verbose_name="category")),
                ("channel", models.CharField(max_length=10, verbose_name="channel")),
                ("assisted", models.BooleanField(default=False, verbose_name="filed with help")),
                ("district", models.BooleanField(default=False, verbose_name="priority district")),
                ("contractor", models.BigIntegerField(default=0, verbose_name="contractor")),
                ("trade", models.CharField(blank=True, max_length=30, verbose_name="trade")),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figure_facts",
                        to="requests.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact of a claim",
                "verbose_name_plural": "facts of claims",
                "indexes": [
                    models.Index(fields=["measure", "unit", "day"], name="fact_measure_unit_day"),
                    models.Index(
                        fields=["measure", "residence", "day"], name="fact_measure_place_day"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim", "measure", "day", "value", "contractor", "trade"),
                        name="fact_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK),
    ]
