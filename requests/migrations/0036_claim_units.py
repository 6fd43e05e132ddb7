"""What every list asks of a claim, on the claim itself: its units, and who wrote last."""

import django.db.models.deletion
from django.db import migrations, models

# Whose desk has it, else whose residence it is; and whose residence it is where that is another.
# The trigger writes them whatever an UPDATE says, since desks, residences and messages decide.
TRIGGER = r"""
CREATE FUNCTION claim_derived() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    desk bigint := (SELECT unit_id FROM agencies_desk WHERE id = NEW.owner_id);
    home bigint := (SELECT unit_id FROM agencies_residence WHERE id = NEW.residence_id);
BEGIN
    NEW.unit_id := coalesce(desk, home);
    NEW.beside_id := nullif(home, NEW.unit_id);
    IF TG_OP = 'UPDATE' THEN
        NEW.last_word := coalesce((SELECT direction FROM requests_message
            WHERE claim_id = NEW.id AND direction <> 'note' AND NOT understood
            ORDER BY at DESC LIMIT 1), '');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_derived
    BEFORE INSERT OR UPDATE OF owner_id, residence_id, unit_id, beside_id, last_word
    ON requests_claim FOR EACH ROW EXECUTE FUNCTION claim_derived();
"""
SOURCES = (("agencies_residence", "residence_id"), ("agencies_desk", "owner_id"))
MOVED = "\n".join(
    f"""
CREATE FUNCTION claim_derived_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim SET unit_id = NULL WHERE {column} = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER claim_derived AFTER UPDATE OF unit_id ON {table} FOR EACH ROW
    WHEN (OLD.unit_id IS DISTINCT FROM NEW.unit_id) EXECUTE FUNCTION claim_derived_{table}();
"""
    for table, column in SOURCES
)
# For each statement, not each row: a landlord is filled with millions of messages.
SAID = """
CREATE FUNCTION claim_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim c SET last_word = ''
    WHERE id IN (SELECT claim_id FROM changed WHERE direction <> 'note')
        AND last_word <> coalesce((SELECT direction FROM requests_message m
            WHERE m.claim_id = c.id AND direction <> 'note' AND NOT understood
            ORDER BY at DESC LIMIT 1), '');
    RETURN NULL;
END
$$;
CREATE TRIGGER claim_said_insert AFTER INSERT ON requests_message
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION claim_said();
CREATE TRIGGER claim_said_update AFTER UPDATE ON requests_message
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION claim_said();
CREATE TRIGGER claim_left_update AFTER UPDATE ON requests_message
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION claim_said();
CREATE TRIGGER claim_said_delete AFTER DELETE ON requests_message
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION claim_said();
"""
FORGET = "\n".join(
    f"DROP TRIGGER claim_derived ON {table}; DROP FUNCTION claim_derived_{table}();"
    for table, _column in SOURCES
)
UNSAID = """
DROP TRIGGER claim_said_insert ON requests_message;
DROP TRIGGER claim_said_update ON requests_message;
DROP TRIGGER claim_left_update ON requests_message;
DROP TRIGGER claim_said_delete ON requests_message;
DROP FUNCTION claim_said();
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0006_former_role"), ("requests", "0035_job_done_index")]

    operations = [
        migrations.AddField(
            "claim",
            "unit",
            models.ForeignKey(
                "agencies.unit",
                django.db.models.deletion.DO_NOTHING,
                null=True,
                editable=False,
                db_index=False,
                db_constraint=False,
                related_name="+",
            ),
        ),
        migrations.AddField(
            "claim",
            "beside",
            models.ForeignKey(
                "agencies.unit",
                django.db.models.deletion.DO_NOTHING,
                null=True,
                editable=False,
                db_index=False,
                db_constraint=False,
                related_name="+",
            ),
        ),
        migrations.AddField(
            "claim",
            "last_word",
            models.CharField(max_length=4, editable=False, default="", db_default=""),
        ),
        migrations.RunSQL(
            TRIGGER, "DROP TRIGGER claim_derived ON requests_claim; DROP FUNCTION claim_derived();"
        ),
        migrations.RunSQL(MOVED, FORGET),
        migrations.RunSQL(SAID, UNSAID),
    ]
