"""What every room asks of the database: its extensions, plain text, and the cache's table."""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
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
# Counts failed sign-ins and used codes.
CACHE = """
CREATE TABLE portal_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX portal_cache_expires ON portal_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(
            FUNCTIONS, "DROP FUNCTION palier_digits(text); DROP FUNCTION palier_plain(text);"
        ),
        migrations.RunSQL(CACHE, "DROP TABLE portal_cache"),
    ]
