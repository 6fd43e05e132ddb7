"""The open incident of a claim, on the claim; the unit of an incident, on the incident."""

import django.db.models.deletion
from django.db import migrations, models

# As 0036_claim_units keeps its columns: whatever an UPDATE says. Not before an INSERT, when no
# incident can have the claim yet.
CLAIM = """
CREATE FUNCTION claim_open_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.open_incident_id := (
        SELECT i.id FROM requests_incidentclaim m JOIN requests_incident i ON i.id = m.incident_id
        WHERE m.claim_id = NEW.id AND i.closed_at IS NULL
    );
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_open_incident BEFORE UPDATE OF open_incident_id
    ON requests_claim FOR EACH ROW EXECUTE FUNCTION claim_open_incident();
CREATE FUNCTION incident_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim SET open_incident_id = NULL
    WHERE id IN (SELECT claim_id FROM changed);
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_members_insert AFTER INSERT ON requests_incidentclaim
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incident_members();
CREATE TRIGGER incident_members_update AFTER UPDATE ON requests_incidentclaim
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incident_members();
CREATE TRIGGER incident_members_left AFTER UPDATE ON requests_incidentclaim
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incident_members();
CREATE TRIGGER incident_members_delete AFTER DELETE ON requests_incidentclaim
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incident_members();
CREATE FUNCTION incident_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim SET open_incident_id = NULL
    WHERE id IN (SELECT claim_id FROM requests_incidentclaim WHERE incident_id = NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_ends AFTER UPDATE OF closed_at ON requests_incident FOR EACH ROW
    WHEN ((OLD.closed_at IS NULL) <> (NEW.closed_at IS NULL)) EXECUTE FUNCTION incident_ends();
"""
NO_CLAIM = """
DROP TRIGGER incident_ends ON requests_incident;
DROP TRIGGER incident_members_insert ON requests_incidentclaim;
DROP TRIGGER incident_members_update ON requests_incidentclaim;
DROP TRIGGER incident_members_left ON requests_incidentclaim;
DROP TRIGGER incident_members_delete ON requests_incidentclaim;
DROP TRIGGER claim_open_incident ON requests_claim;
DROP FUNCTION incident_ends();
DROP FUNCTION incident_members();
DROP FUNCTION claim_open_incident();
"""
UNIT = """
CREATE FUNCTION incident_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.unit_id := (SELECT r.unit_id FROM agencies_building b
        JOIN agencies_residence r ON r.id = b.residence_id WHERE b.id = NEW.building_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER incident_unit BEFORE INSERT OR UPDATE OF building_id, unit_id
    ON requests_incident FOR EACH ROW EXECUTE FUNCTION incident_unit();
CREATE FUNCTION incident_unit_agencies_residence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_incident SET unit_id = NULL
    WHERE building_id IN (SELECT id FROM agencies_building WHERE residence_id = NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_unit AFTER UPDATE OF unit_id ON agencies_residence FOR EACH ROW
    WHEN (OLD.unit_id IS DISTINCT FROM NEW.unit_id)
    EXECUTE FUNCTION incident_unit_agencies_residence();
CREATE FUNCTION incident_unit_agencies_building() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_incident SET unit_id = NULL WHERE building_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_unit AFTER UPDATE OF residence_id ON agencies_building FOR EACH ROW
    WHEN (OLD.residence_id IS DISTINCT FROM NEW.residence_id)
    EXECUTE FUNCTION incident_unit_agencies_building();
"""
NO_UNIT = """
DROP TRIGGER incident_unit ON agencies_building;
DROP TRIGGER incident_unit ON agencies_residence;
DROP TRIGGER incident_unit ON requests_incident;
DROP FUNCTION incident_unit_agencies_building();
DROP FUNCTION incident_unit_agencies_residence();
DROP FUNCTION incident_unit();
"""


def _reference(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        to,
        django.db.models.deletion.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )


class Migration(migrations.Migration):
    dependencies = [("requests", "0054_fill_counts")]

    operations = [
        migrations.AddField("claim", "open_incident", _reference("requests.incident")),
        migrations.AddField("incident", "unit", _reference("agencies.unit")),
        migrations.RunSQL(CLAIM, NO_CLAIM),
        migrations.RunSQL(UNIT, NO_UNIT),
    ]
