"""Find people by name without accents, with small mistakes, and by phone however it is written."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# Names are qualified: indexes are built with an empty search path.
FUNCTIONS = r"""
CREATE FUNCTION palier_plain(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1))
$$;
CREATE FUNCTION palier_digits(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT right(regexp_replace($1, '[^0-9]', '', 'g'), 9)
$$;
"""
INDEXES = """
CREATE INDEX tenant_name_plain ON tenants_tenant
    USING gin (palier_plain(first_name || ' ' || last_name) gin_trgm_ops);
CREATE INDEX contact_digits ON tenants_contactpoint (palier_digits(value)) WHERE kind = 'phone';
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_scopes_and_files")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(
            FUNCTIONS, "DROP FUNCTION palier_digits(text); DROP FUNCTION palier_plain(text);"
        ),
        migrations.RunSQL(INDEXES, "DROP INDEX contact_digits; DROP INDEX tenant_name_plain;"),
    ]
