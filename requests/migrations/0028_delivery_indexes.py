"""Indexes for the page of the channels: the newest sent, what was not, what was refused."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0027_console")]

    operations = [
        AddIndexMeanwhile(
            "delivery",
            models.Index(fields=["channel", "sent_at"], name="delivery_channel_sent"),
        ),
        AddIndexMeanwhile(
            "delivery",
            models.Index(
                fields=["state", "created_at"],
                condition=Q(
                    state__in=["queued", "failed_temporary", "failed_permanent", "suppressed"]
                ),
                name="delivery_not_sent",
            ),
        ),
        AddIndexMeanwhile(
            "delivery",
            models.Index(
                fields=["due_at"], condition=Q(reason="reputation"), name="delivery_reputation"
            ),
        ),
    ]
