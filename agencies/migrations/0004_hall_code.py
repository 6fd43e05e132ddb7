"""A code per hall, for the QR sheet; existing halls get theirs here, one statement each batch."""

import agencies.models.stock
from django.db import migrations, models


def fill(apps, schema_editor):
    Staircase = apps.get_model("agencies", "Staircase")
    rows = list(Staircase.objects.filter(hall_code__isnull=True).only("pk"))
    codes = set()
    for row in rows:
        while not row.hall_code or row.hall_code in codes:
            row.hall_code = agencies.models.stock.new_hall_code()
        codes.add(row.hall_code)
    Staircase.objects.bulk_update(rows, ["hall_code"], batch_size=1000)


def field(**options):
    return models.CharField(
        editable=False, max_length=8, verbose_name="code of the hall's QR", **options
    )


class Migration(migrations.Migration):
    # Filling rows and changing the table do not go together in one transaction.
    atomic = False

    dependencies = [("agencies", "0003_caretaker_presence")]

    operations = [
        migrations.AddField("staircase", "hall_code", field(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "staircase",
            "hall_code",
            field(default=agencies.models.stock.new_hall_code, unique=True),
        ),
    ]
