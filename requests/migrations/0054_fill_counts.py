"""Fill what the two migrations before keep, and index it; a run that was stopped goes on."""

from django.db import migrations, models
from django.db.models import F, Q

from portal.migration_operations import AddIndexMeanwhile

BATCH = 5_000
CLAIMS = """
WITH batch AS (
    SELECT id FROM requests_claim WHERE id > %s ORDER BY id LIMIT %s
), done AS (
    UPDATE requests_claim c SET handed_over_at = NULL FROM batch
    WHERE c.id = batch.id AND c.handed_over_at IS NULL AND EXISTS (
        SELECT FROM requests_claimevent
        WHERE claim_id = c.id AND name = 'hand_over' AND undone_at IS NULL
    )
) SELECT max(id::text) FROM batch"""
PROMISES = """
WITH batch AS (
    SELECT id FROM requests_promise WHERE id > %s ORDER BY id LIMIT %s
), done AS (
    UPDATE requests_promise p SET next_step_at = NULL FROM batch
    WHERE p.id = batch.id AND p.next_step_at IS NULL
        AND p.kept_at IS NULL AND p.ended_at IS NULL
) SELECT max(id) FROM batch"""


def fill(apps, schema_editor) -> None:
    """Write the columns of the rows that are there, then count what rules did."""
    with schema_editor.connection.cursor() as cursor:
        for sql, first in ((CLAIMS, "00000000-0000-0000-0000-000000000000"), (PROMISES, 0)):
            last = first
            while last is not None:
                cursor.execute(sql, [last, BATCH])
                last = cursor.fetchone()[0]
        cursor.execute("SELECT rule_recount()")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0053_next_steps")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        AddIndexMeanwhile(
            "claim",
            models.Index(
                "unit",
                F("handed_over_at").desc(),
                condition=Q(handed_over_at__isnull=False),
                name="claim_handed_over",
            ),
        ),
        AddIndexMeanwhile(
            "promise",
            models.Index(
                fields=["next_step_at"],
                condition=Q(
                    ended_at__isnull=True, kept_at__isnull=True, next_step_at__isnull=False
                ),
                name="promise_next_step",
            ),
        ),
    ]
