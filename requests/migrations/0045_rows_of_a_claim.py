"""Read what happened to a claim from an index alone, and the facts of a period in their order."""

import django.db.models.deletion
from django.db import migrations, models

from portal.migration_operations import AddIndexMeanwhile

# Model, field, and its index, which one that begins with the same column makes needless.
NEEDLESS = (
    ("claimevent", "claim", "requests_claimevent_claim_id_4ff98a1c"),
    ("fact", "claim", "requests_fact_claim_id_a35733ee"),
    ("delivery", "event", "requests_delivery_event_id_3ab58923"),
)
FIELDS = {
    "claimevent": models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        db_index=False,
        related_name="events",
        to="requests.claim",
    ),
    "fact": models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE,
        db_index=False,
        related_name="figure_facts",
        to="requests.claim",
    ),
    "delivery": models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        db_index=False,
        related_name="deliveries",
        to="requests.claimevent",
    ),
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0044_stock_insight")]

    operations = [
        AddIndexMeanwhile(
            "claimevent",
            models.Index(
                fields=["claim", "at", "id"], include=["name", "undone_at"], name="event_of_claim"
            ),
        ),
        AddIndexMeanwhile("fact", models.Index(fields=["measure", "day"], name="fact_measure_day")),
        *(
            migrations.SeparateDatabaseAndState(
                [
                    migrations.RunSQL(
                        f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
                        f"CREATE INDEX CONCURRENTLY {index} ON requests_{model} ({field}_id)",
                    )
                ],
                [migrations.AlterField(model, field, FIELDS[model])],
            )
            for model, field, index in NEEDLESS
        ),
    ]
