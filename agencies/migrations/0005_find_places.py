"""Find residences, street doors and equipment by their words, without accents."""

from django.db import migrations

# None of these tables grows with homes or requests. The expressions are those of PlainWords.
INDEXES = """
CREATE INDEX residence_plain ON agencies_residence
    USING gin (palier_plain(name || ' ' || postcode || ' ' || commune) gin_trgm_ops);
CREATE INDEX staircase_plain ON agencies_staircase USING gin (palier_plain(street) gin_trgm_ops);
CREATE INDEX equipment_plain ON agencies_equipment USING gin (palier_plain(label) gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0004_register_and_look"), ("portal", "0002_database")]

    operations = [
        migrations.RunSQL(
            INDEXES,
            "DROP INDEX equipment_plain; DROP INDEX staircase_plain; DROP INDEX residence_plain;",
        ),
    ]
