"""The words a claim is found by, kept by triggers, and the indexes that find them."""

from django.db import migrations

# The words of one claim gathered in one column, so that one index finds it whatever the table
# they come from. Written again when one of its sources changes on the claim, or when emptied.
TRIGGER = r"""
CREATE FUNCTION claim_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ROW(NEW.reference, NEW.contact_name, NEW.place_note, NEW.words,
            NEW.category_id, NEW.tenant_id, NEW.residence_id, NEW.staircase_id, NEW.dwelling_id)
        IS NOT DISTINCT FROM ROW(OLD.reference, OLD.contact_name, OLD.place_note, OLD.words,
            OLD.category_id, OLD.tenant_id, OLD.residence_id, OLD.staircase_id, OLD.dwelling_id)
        AND NEW.search <> ''
    THEN
        NEW.search := OLD.search;
        RETURN NEW;
    END IF;
    NEW.search := palier_plain(concat_ws(' ', NEW.reference, NEW.contact_name, NEW.place_note,
        (SELECT concat_ws(' ', first_name, last_name) FROM tenants_tenant
            WHERE id = NEW.tenant_id),
        (SELECT concat_ws(' ', name, commune) FROM agencies_residence
            WHERE id = NEW.residence_id),
        (SELECT street FROM agencies_staircase WHERE id = NEW.staircase_id),
        (SELECT door FROM agencies_dwelling WHERE id = NEW.dwelling_id),
        (SELECT concat_ws(' ', label_fr, label_en) FROM requests_category
            WHERE id = NEW.category_id),
        NEW.words));
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_search BEFORE INSERT OR UPDATE ON requests_claim
    FOR EACH ROW EXECUTE FUNCTION claim_search();
"""
# A name that changes elsewhere empties the words of its open and ended claims alike.
SOURCES = (
    ("tenants_tenant", "first_name, last_name", "tenant_id"),
    ("agencies_residence", "name, commune", "residence_id"),
    ("agencies_staircase", "street", "staircase_id"),
    ("agencies_dwelling", "door", "dwelling_id"),
)
RENAMED = "\n".join(
    f"""
CREATE FUNCTION claim_search_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim SET search = '' WHERE {column} = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER claim_search AFTER UPDATE OF {fields} ON {table} FOR EACH ROW
    WHEN (ROW({", ".join(f"OLD.{f}" for f in fields.split(", "))})
        IS DISTINCT FROM ROW({", ".join(f"NEW.{f}" for f in fields.split(", "))}))
    EXECUTE FUNCTION claim_search_{table}();
"""
    for table, fields, column in SOURCES
)
FORGET = "\n".join(
    f"DROP TRIGGER claim_search ON {table}; DROP FUNCTION claim_search_{table}();"
    for table, _fields, _column in SOURCES
)
INDEXES = """
CREATE INDEX claim_search_words ON requests_claim USING gin (search gin_trgm_ops);
CREATE INDEX claim_search_stems ON requests_claim USING gin (to_tsvector('french', search));
CREATE INDEX claim_contact_digits ON requests_claim (palier_digits(contact_phone))
    WHERE contact_phone <> '';
"""


class Migration(migrations.Migration):
    dependencies = [("requests", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TRIGGER,
            "DROP TRIGGER claim_search ON requests_claim; DROP FUNCTION claim_search();",
        ),
        migrations.RunSQL(RENAMED, FORGET),
        migrations.RunSQL(
            INDEXES,
            "DROP INDEX claim_search_words; DROP INDEX claim_search_stems;"
            " DROP INDEX claim_contact_digits;",
        ),
    ]
