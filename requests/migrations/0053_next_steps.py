"""When the next step of a late promise is due, on the promise: the sweep reads those alone."""

from django.db import migrations, models

# As 0052_rule_counts keeps its column: whatever an UPDATE says.
NEXT_STEP = """
CREATE FUNCTION promise_next_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.next_step_at := (SELECT min(due_at) FROM requests_escalationstep
        WHERE promise_id = NEW.id AND done_at IS NULL);
    RETURN NEW;
END
$$;
CREATE TRIGGER promise_next_step BEFORE UPDATE OF next_step_at
    ON requests_promise FOR EACH ROW EXECUTE FUNCTION promise_next_step();
CREATE FUNCTION steps_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_promise SET next_step_at = NULL
    WHERE id IN (SELECT promise_id FROM changed);
    RETURN NULL;
END
$$;
CREATE TRIGGER steps_change_insert AFTER INSERT ON requests_escalationstep
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION steps_change();
CREATE TRIGGER steps_change_update AFTER UPDATE ON requests_escalationstep
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION steps_change();
CREATE TRIGGER steps_change_delete AFTER DELETE ON requests_escalationstep
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION steps_change();
"""
NO_NEXT_STEP = """
DROP TRIGGER steps_change_insert ON requests_escalationstep;
DROP TRIGGER steps_change_update ON requests_escalationstep;
DROP TRIGGER steps_change_delete ON requests_escalationstep;
DROP TRIGGER promise_next_step ON requests_promise;
DROP FUNCTION steps_change();
DROP FUNCTION promise_next_step();
"""


class Migration(migrations.Migration):
    dependencies = [("requests", "0052_rule_counts")]

    operations = [
        migrations.AddField(
            "promise",
            "next_step_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(NEXT_STEP, NO_NEXT_STEP),
    ]
