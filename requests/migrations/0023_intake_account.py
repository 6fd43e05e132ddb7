"""Raw inputs name the sender's messaging account; the index is built while the portal works."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0022_point_codes")]

    operations = [
        migrations.AddField(
            "intake",
            "account",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=140,
                verbose_name="messaging account",
            ),
        ),
        AddIndexMeanwhile(
            "intake",
            models.Index(
                fields=["account", "received_at"], condition=~Q(account=""), name="intake_account"
            ),
        ),
    ]
