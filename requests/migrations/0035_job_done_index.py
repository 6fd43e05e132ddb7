"""An index of what is done, for the rule that prunes it."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0034_doubles")]

    operations = [
        AddIndexMeanwhile(
            "job",
            models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="job_done_at"
            ),
        ),
    ]
