"""The hosts from which photos of an Open311 application are fetched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0029_mail_proofs")]

    operations = [
        migrations.AddField(
            "open311key",
            "media_hosts",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Hosts of this application’s photos, one a line, such as media.city.example.",
                verbose_name="fetch photos from",
            ),
        ),
    ]
