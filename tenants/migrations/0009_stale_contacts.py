"""An index of the contact points that may have to be asked about, the oldest first."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0008_words_of_names")]

    operations = [
        AddIndexMeanwhile(
            "contactpoint",
            models.Index(
                fields=["confirmed_at", "id"],
                include=["tenant"],
                condition=Q(asked_at__isnull=True, failing=False, kind__in=["email", "phone"]),
                name="contact_to_ask",
            ),
        ),
    ]
