"""Contact points and needs say since when they are known, and whether the person was asked."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models.functions import Now

import portal.clock

RELEASE = datetime(2026, 11, 30, tzinfo=UTC)
ASKED = models.DateTimeField("asked to confirm", blank=True, null=True)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_scoped_managers")]

    operations = [
        # Rows of earlier releases are as old as the release, by a constant: nothing is rewritten.
        migrations.AddField(
            "contactpoint",
            "confirmed_at",
            models.DateTimeField("confirmed", default=portal.clock.now, db_default=RELEASE),
        ),
        migrations.AlterField(
            "contactpoint",
            "confirmed_at",
            models.DateTimeField("confirmed", default=portal.clock.now, db_default=Now()),
        ),
        migrations.AddField("contactpoint", "asked_at", ASKED.clone()),
        migrations.AddField("need", "asked_at", ASKED.clone()),
    ]
