"""Find people by name without accents, with small mistakes, and by phone however it is written."""

from django.db import migrations

INDEXES = """
CREATE INDEX tenant_name_plain ON tenants_tenant
    USING gin (palier_plain(first_name || ' ' || last_name) gin_trgm_ops);
CREATE INDEX contact_digits ON tenants_contactpoint (palier_digits(value)) WHERE kind = 'phone';
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial"), ("portal", "0002_database")]

    operations = [
        migrations.RunSQL(INDEXES, "DROP INDEX contact_digits; DROP INDEX tenant_name_plain;"),
    ]
