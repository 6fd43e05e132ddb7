"""Contact points and needs say since when they are known, and whether the person was asked."""

from django.db import migrations, models
from django.db.models.functions import Now

import portal.clock

ASKED = models.DateTimeField("asked to confirm", blank=True, null=True)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_scoped_managers")]

    operations = [
        # One default for all rows: the clock starts with this migration, and nothing is rewritten.
        migrations.AddField(
            "contactpoint",
            "confirmed_at",
            models.DateTimeField("confirmed", default=portal.clock.now, db_default=Now()),
        ),
        migrations.AddField("contactpoint", "asked_at", ASKED.clone()),
        migrations.AddField("need", "asked_at", ASKED.clone()),
    ]
