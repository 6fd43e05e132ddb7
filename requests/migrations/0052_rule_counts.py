"""What rules did, counted as it happens; when a claim was last handed over, on the claim."""

from django.db import migrations, models

# The trigger writes it whatever an UPDATE says, as it does for what 0036_claim_units keeps.
HANDED_OVER = """
CREATE FUNCTION claim_handed_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.handed_over_at := (SELECT max(at) FROM requests_claimevent
        WHERE claim_id = NEW.id AND name = 'hand_over' AND undone_at IS NULL);
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_handed_over BEFORE UPDATE OF handed_over_at
    ON requests_claim FOR EACH ROW EXECUTE FUNCTION claim_handed_over();
CREATE FUNCTION event_hands_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_claim SET handed_over_at = NULL
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.claim_id ELSE NEW.claim_id END;
    RETURN NULL;
END
$$;
CREATE TRIGGER event_hands_over_insert AFTER INSERT ON requests_claimevent FOR EACH ROW
    WHEN (NEW.name = 'hand_over') EXECUTE FUNCTION event_hands_over();
CREATE TRIGGER event_hands_over_update AFTER UPDATE OF undone_at ON requests_claimevent
    FOR EACH ROW WHEN (NEW.name = 'hand_over') EXECUTE FUNCTION event_hands_over();
CREATE TRIGGER event_hands_over_delete AFTER DELETE ON requests_claimevent FOR EACH ROW
    WHEN (OLD.name = 'hand_over') EXECUTE FUNCTION event_hands_over();
"""
NOT_HANDED_OVER = """
DROP TRIGGER event_hands_over_insert ON requests_claimevent;
DROP TRIGGER event_hands_over_update ON requests_claimevent;
DROP TRIGGER event_hands_over_delete ON requests_claimevent;
DROP TRIGGER claim_handed_over ON requests_claim;
DROP FUNCTION event_hands_over();
DROP FUNCTION claim_handed_over();
"""
# Written rules have a UUID as their key; what the product decides without one is not counted.
COUNTED = """
CREATE FUNCTION rule_count(which text, s int, c int, d int, a int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    mine int := 0;
BEGIN
    -- A row of its own for each transaction that counts at this moment: none waits for another.
    WHILE NOT pg_try_advisory_xact_lock(hashtext('rule_count'), mine) LOOP
        mine := mine + 1;
    END LOOP;
    INSERT INTO requests_rulecount AS old (rule, slot, sent, changed, decided, accepted)
    VALUES (which, mine, s, c, d, a)
    ON CONFLICT (rule, slot) DO UPDATE SET sent = old.sent + s, changed = old.changed + c,
        decided = old.decided + d, accepted = old.accepted + a;
END
$$;
CREATE FUNCTION rule_sent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one int := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
    decision requests_routingdecision := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM rule_count(decision.rule, one, CASE WHEN handed_over_at IS NULL THEN 0 ELSE one END,
        0, 0) FROM requests_claim WHERE id = decision.claim_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER rule_sent_insert AFTER INSERT ON requests_routingdecision FOR EACH ROW
    WHEN (length(NEW.rule) = 36) EXECUTE FUNCTION rule_sent();
CREATE TRIGGER rule_sent_delete AFTER DELETE ON requests_routingdecision FOR EACH ROW
    WHEN (length(OLD.rule) = 36) EXECUTE FUNCTION rule_sent();
CREATE FUNCTION rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rule_count(rule, 0, CASE WHEN NEW.handed_over_at IS NULL THEN -1 ELSE 1 END, 0, 0)
    FROM requests_routingdecision WHERE claim_id = NEW.id AND length(rule) = 36;
    RETURN NULL;
END
$$;
CREATE TRIGGER rule_changed AFTER UPDATE OF handed_over_at ON requests_claim FOR EACH ROW
    WHEN ((OLD.handed_over_at IS NULL) <> (NEW.handed_over_at IS NULL))
    EXECUTE FUNCTION rule_changed();
CREATE FUNCTION rule_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.undone_at IS NULL
        AND length(OLD.facts #>> '{proposed,rule}') = 36 THEN
        PERFORM rule_count(OLD.facts #>> '{proposed,rule}', 0, 0, -1,
            CASE WHEN OLD.facts #> '{proposed,kept}' = 'true' THEN -1 ELSE 0 END);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.undone_at IS NULL
        AND length(NEW.facts #>> '{proposed,rule}') = 36 THEN
        PERFORM rule_count(NEW.facts #>> '{proposed,rule}', 0, 0, 1,
            CASE WHEN NEW.facts #> '{proposed,kept}' = 'true' THEN 1 ELSE 0 END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER rule_decided_insert AFTER INSERT ON requests_claimevent FOR EACH ROW
    WHEN (NEW.facts ? 'proposed') EXECUTE FUNCTION rule_decided();
CREATE TRIGGER rule_decided_update AFTER UPDATE OF undone_at, facts ON requests_claimevent
    FOR EACH ROW WHEN (OLD.facts ? 'proposed' OR NEW.facts ? 'proposed')
    EXECUTE FUNCTION rule_decided();
CREATE TRIGGER rule_decided_delete AFTER DELETE ON requests_claimevent FOR EACH ROW
    WHEN (OLD.facts ? 'proposed') EXECUTE FUNCTION rule_decided();
CREATE FUNCTION rule_recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Who is counting ends first, who begins waits: each is seen here or counted afterwards.
    LOCK TABLE requests_rulecount IN EXCLUSIVE MODE;
    DELETE FROM requests_rulecount;
    INSERT INTO requests_rulecount (rule, slot, sent, changed, decided, accepted)
    SELECT rule, 0, sum(s), sum(c), sum(d), sum(a) FROM (
        SELECT rule, 1 AS s, CASE WHEN handed_over_at IS NULL THEN 0 ELSE 1 END AS c,
            0 AS d, 0 AS a
        FROM requests_routingdecision JOIN requests_claim ON requests_claim.id = claim_id
        WHERE length(rule) = 36
        UNION ALL
        SELECT facts #>> '{proposed,rule}', 0, 0, 1,
            CASE WHEN facts #> '{proposed,kept}' = 'true' THEN 1 ELSE 0 END
        FROM requests_claimevent
        WHERE undone_at IS NULL AND length(facts #>> '{proposed,rule}') = 36
    ) AS found GROUP BY rule;
END
$$;
"""
NOT_COUNTED = """
DROP TRIGGER rule_decided_insert ON requests_claimevent;
DROP TRIGGER rule_decided_update ON requests_claimevent;
DROP TRIGGER rule_decided_delete ON requests_claimevent;
DROP TRIGGER rule_changed ON requests_claim;
DROP TRIGGER rule_sent_insert ON requests_routingdecision;
DROP TRIGGER rule_sent_delete ON requests_routingdecision;
DROP FUNCTION rule_decided();
DROP FUNCTION rule_changed();
DROP FUNCTION rule_sent();
DROP FUNCTION rule_recount();
DROP FUNCTION rule_count(text, int, int, int, int);
"""


class Migration(migrations.Migration):
    dependencies = [("requests", "0051_doubles_of_a_unit")]

    operations = [
        migrations.AddField(
            "claim",
            "handed_over_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            "RuleCount",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=40)),
                ("slot", models.PositiveSmallIntegerField()),
                ("sent", models.IntegerField(db_default=0, default=0)),
                ("changed", models.IntegerField(db_default=0, default=0)),
                ("decided", models.IntegerField(db_default=0, default=0)),
                ("accepted", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "verbose_name": "count of a rule",
                "verbose_name_plural": "counts of rules",
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "slot"), name="rule_count_once")
                ],
            },
        ),
        migrations.RunSQL(HANDED_OVER, NOT_HANDED_OVER),
        migrations.RunSQL(COUNTED, NOT_COUNTED),
    ]
