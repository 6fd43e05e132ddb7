"""Fill the units of the claims; an index for each list, with the columns that filters ask for."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

from portal.migration_operations import AddIndexMeanwhile

ASKED = ["state", "category", "urgency", "channel", "owner", "residence"]
SHOWN = ["danger", "sorted_at", "last_word"]
OVER = Q(state__in=["closed", "refused", "withdrawn", "merged"])
BESIDE = Q(beside__isnull=False)
NEWEST = (F("ended_at").desc(), F("id").desc())
INDEXES = (
    models.Index(
        fields=["owner", "promise_at"],
        include=["id", "filed_at", "unit", "beside", *SHOWN, *(ASKED[:4] + ASKED[5:])],
        condition=~OVER,
        name="claim_open",
    ),
    models.Index(fields=["unit", "filed_at", "id"], name="claim_unit_filed"),
    models.Index(fields=["beside", "filed_at", "id"], condition=BESIDE, name="claim_beside_filed"),
    models.Index(
        fields=["unit", "promise_at"],
        include=["id", "filed_at", "beside", *SHOWN, *ASKED],
        condition=~OVER,
        name="claim_unit_open",
    ),
    models.Index(
        fields=["beside"],
        include=["id", "unit", "promise_at", "filed_at", *SHOWN, *ASKED],
        condition=BESIDE & ~OVER,
        name="claim_beside_open",
    ),
    models.Index(
        "unit", *NEWEST, include=[*ASKED, "beside"], condition=OVER, name="claim_unit_ended"
    ),
    models.Index(
        "beside",
        *NEWEST,
        include=[*ASKED, "unit"],
        condition=BESIDE & OVER,
        name="claim_beside_ended",
    ),
    models.Index(*NEWEST, include=[*ASKED, "unit", "beside"], condition=OVER, name="claim_ended"),
)
BATCH = 5_000


def fill(apps, schema_editor) -> None:
    """Write the new columns of the claims that are there; a run that was stopped goes on."""
    with schema_editor.connection.cursor() as cursor:
        last = "00000000-0000-0000-0000-000000000000"
        while last:
            cursor.execute(
                """WITH batch AS (
                    SELECT id FROM requests_claim WHERE id > %s ORDER BY id LIMIT %s
                ), done AS (
                    UPDATE requests_claim c SET unit_id = NULL FROM batch
                    WHERE c.id = batch.id AND c.unit_id IS NULL
                ) SELECT max(id::text) FROM batch""",
                [last, BATCH],
            )
            last = cursor.fetchone()[0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0036_claim_units")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        *(AddIndexMeanwhile("claim", index) for index in INDEXES),
        # The index of the open ones by desk has more columns now.
        # A desk and a residence are of one unit: without it the planner takes the claims of both
        # for a few, and sorts them all rather than reading the newest.
        migrations.RunSQL(
            "CREATE STATISTICS claim_units (dependencies) ON unit_id, owner_id, residence_id"
            " FROM requests_claim",
            "DROP STATISTICS claim_units",
        ),
        RemoveIndexConcurrently("claim", "claim_open_by_promise"),
    ]
