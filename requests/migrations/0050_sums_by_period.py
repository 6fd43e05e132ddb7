"""Sums of figures in one row for each period, by neighbourhood and building too.

The sums are made again from the facts, and all claims counted again in the background, by the first
run of ``requests/figures/upkeep.py`` afterwards: the clock names an older definition.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

TRIGGER = """
DROP TRIGGER touch_update ON agencies_residence;
CREATE TRIGGER touch_update AFTER UPDATE ON agencies_residence
    FOR EACH ROW WHEN (ROW({old}) IS DISTINCT FROM ROW({new}))
    EXECUTE FUNCTION palier_touch_many();"""


def touched_by(*columns: str) -> str:
    """Return the SQL that counts a residence's claims again when one of its columns changes."""
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return TRIGGER.format(old=old, new=new)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0009_neighbourhood"),
        ("requests", "0049_one_kind_of_alarm"),
    ]

    operations = [
        migrations.DeleteModel("Rollup"),
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
                ("period", models.CharField(max_length=10)),
                ("unit", models.BigIntegerField()),
                ("one", models.CharField(blank=True, max_length=80)),
                ("two", models.CharField(blank=True, max_length=30)),
                ("measure", models.CharField(max_length=10)),
                (
                    "values",
                    django.contrib.postgres.fields.ArrayField(models.BigIntegerField()),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(models.IntegerField()),
                ),
            ],
            options={
                "verbose_name": "sum of facts",
                "verbose_name_plural": "sums of facts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("by", "period", "unit", "measure", "one", "two"),
                        name="rollup_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            "fact",
            "neighbourhood",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=80,
                verbose_name="neighbourhood",
            ),
        ),
        migrations.AddField(
            "figureclock",
            "definition",
            models.PositiveSmallIntegerField(
                db_default=0, default=0, verbose_name="definition"
            ),
        ),
        migrations.RunSQL(
            touched_by("unit_id", "priority_district", "district"),
            touched_by("unit_id", "priority_district"),
        ),
    ]
