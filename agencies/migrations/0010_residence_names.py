"""List residences by name, of a sector, an agency or the landlord, without sorting them all."""

from django.db import migrations, models

from portal.migration_operations import AddIndexMeanwhile

INDEXES = (
    (["name", "id"], "residence_name"),
    (["unit", "name", "id"], "residence_unit_name"),
    (["unit", "sector", "name", "id"], "residence_sector_name"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("agencies", "0009_neighbourhood")]

    operations = [
        AddIndexMeanwhile("residence", models.Index(fields=fields, name=name))
        for fields, name in INDEXES
    ]
