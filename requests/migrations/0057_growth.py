"""Indexes for lists that grow with the landlord: late orders, letters to print."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile

TO_DO = ["confirmed", "no_access", "on_the_way", "proposed", "quoted", "sent"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("agencies", "0010_residence_names"),
        ("requests", "0056_open_lists"),
    ]

    operations = [
        AddIndexMeanwhile(
            "workorder",
            models.Index(
                fields=["respond_by"],
                condition=Q(state__in=TO_DO, sent_at__isnull=False),
                name="order_late",
            ),
        ),
        AddIndexMeanwhile(
            "delivery",
            models.Index(
                fields=["created_at", "id"],
                condition=Q(channel="letter", state="queued", carried_by__isnull=True),
                name="delivery_to_print",
            ),
        ),
        # The column stays as it is: only joins know now what it names.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "stockcount",
                    "residence",
                    models.OneToOneField(
                        db_column="residence",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="counted",
                        serialize=False,
                        to="agencies.residence",
                    ),
                )
            ]
        ),
    ]
