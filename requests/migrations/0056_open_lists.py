"""Fill what 0055_open_incidents keeps; the indexes of open claims have it too."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile

ASKED = ["state", "category", "urgency", "channel", "owner", "residence"]
SHOWN = ["danger", "sorted_at", "last_word", "open_incident"]
COUNTED = ["dwelling", "tenant", "contact_phone", "version"]
OVER = Q(state__in=["closed", "refused", "withdrawn", "merged"])
INDEXES = (
    models.Index(
        fields=["owner", "promise_at"],
        include=["id", "filed_at", "unit", "beside", *SHOWN, *(ASKED[:4] + ASKED[5:])],
        condition=~OVER,
        name="claim_desk_open",
    ),
    models.Index(
        fields=["unit", "promise_at"],
        include=["id", "filed_at", "beside", *SHOWN, *ASKED],
        condition=~OVER,
        name="claim_open_of_unit",
    ),
    models.Index(
        fields=["beside"],
        include=["id", "unit", "promise_at", "filed_at", *SHOWN, *ASKED],
        condition=Q(beside__isnull=False) & ~OVER,
        name="claim_open_beside",
    ),
    models.Index(
        fields=["unit", "promise_at"],
        include=["id", "filed_at", "beside", *SHOWN, *ASKED, *COUNTED],
        condition=Q(open_incident__isnull=False) & ~OVER,
        name="claim_gathered",
    ),
)
BATCH = 5_000
CLAIMS = """
WITH batch AS (
    SELECT m.id, m.claim_id FROM requests_incidentclaim m
    JOIN requests_incident i ON i.id = m.incident_id AND i.closed_at IS NULL
    WHERE m.id > %s ORDER BY m.id LIMIT %s
), done AS (
    UPDATE requests_claim c SET open_incident_id = NULL FROM batch
    WHERE c.id = batch.claim_id AND c.open_incident_id IS NULL
) SELECT max(id) FROM batch"""
INCIDENTS = """
WITH batch AS (
    SELECT id FROM requests_incident WHERE id > %s ORDER BY id LIMIT %s
), done AS (
    UPDATE requests_incident i SET unit_id = NULL FROM batch
    WHERE i.id = batch.id AND i.unit_id IS NULL
) SELECT max(id::text) FROM batch"""


def fill(apps, schema_editor) -> None:
    """Write the columns of the rows that are there; a run that was stopped goes on."""
    with schema_editor.connection.cursor() as cursor:
        for sql, first in ((CLAIMS, 0), (INCIDENTS, "00000000-0000-0000-0000-000000000000")):
            last = first
            while last is not None:
                cursor.execute(sql, [last, BATCH])
                last = cursor.fetchone()[0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0055_open_incidents")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        *(AddIndexMeanwhile("claim", index) for index in INDEXES),
        *(
            RemoveIndexConcurrently("claim", name)
            for name in ("claim_open", "claim_unit_open", "claim_beside_open")
        ),
        AddIndexMeanwhile(
            "incident",
            models.Index(
                fields=["unit"],
                include=["id"],
                condition=Q(closed_at__isnull=True),
                name="incident_unit_open",
            ),
        ),
    ]
