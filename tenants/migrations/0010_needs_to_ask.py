"""An index of the needs that may have to be asked about, those that end first."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0009_stale_contacts")]

    operations = [
        AddIndexMeanwhile(
            "need",
            models.Index(
                fields=["expires", "id"], condition=Q(asked_at__isnull=True), name="need_to_ask"
            ),
        ),
    ]
