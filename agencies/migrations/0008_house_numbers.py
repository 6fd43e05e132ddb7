"""Find the street doors of a house number: a typed address is compared with these alone."""

from django.db import migrations, models

from portal.migration_operations import AddIndexMeanwhile
from portal.text import FirstNumber


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("agencies", "0007_unit_article")]

    operations = [
        AddIndexMeanwhile(
            "staircase",
            models.Index(FirstNumber("street"), name="staircase_number"),
        ),
    ]
