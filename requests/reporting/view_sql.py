"""The SQL of the views (docs/reporting.md), which a migration writes.

A migration that changes a column which a view reads drops the views first and writes them again
after: ``migrations.RunSQL(DROP, …)``, ``migrations.RunSQL(CREATE, DROP)``. They run with the rights
of their owner, below the policies: who reads them needs no right on the tables, and the read-only
role's ``palier.scope`` opens the rows.
"""

UNIT_OF = "coalesce(place.code, house.code, 'none')"
ZONE = "coalesce(place.time_zone, house.time_zone, 'Europe/Paris')"
OF_CLAIM = """
    FROM requests_claim claim
    JOIN requests_category category ON category.id = claim.category_id
    JOIN requests_family family ON family.id = category.family_id
    LEFT JOIN agencies_residence residence ON residence.id = claim.residence_id
    LEFT JOIN agencies_unit place ON place.id = residence.unit_id
    LEFT JOIN agencies_desk desk ON desk.id = claim.owner_id
    LEFT JOIN agencies_unit house ON house.id = desk.unit_id
"""
ENDED = "('closed', 'refused', 'withdrawn', 'merged')"
SPENT = "extract(epoch FROM claim.ended_at - claim.filed_at) / 3600"
TIMED = "claim.ended_at IS NOT NULL AND claim.state <> 'merged'"


def _month(column: str) -> str:
    return f"date_trunc('month', {column} AT TIME ZONE {ZONE})::date"


VIEWS = {
    "claims_month": f"""
    SELECT {_month("claim.filed_at")} AS month, {UNIT_OF}::text AS unit,
        family.code::text AS family, claim.channel::text AS channel, claim.urgency::text AS urgency,
        count(*) AS filed,
        count(*) FILTER (WHERE claim.state IN {ENDED}) AS ended,
        count(*) FILTER (WHERE claim.state IN ('refused')) AS refused,
        count(*) FILTER (WHERE claim.state IN ('withdrawn')) AS withdrawn,
        count(*) FILTER (WHERE claim.state IN ('merged')) AS merged,
        count(*) FILTER (WHERE claim.reopened > 0) AS reopened,
        round((percentile_cont(0.5) WITHIN GROUP (ORDER BY {SPENT})
            FILTER (WHERE {TIMED}))::numeric, 1) AS median_hours,
        round((percentile_cont(0.9) WITHIN GROUP (ORDER BY {SPENT})
            FILTER (WHERE {TIMED}))::numeric, 1) AS ninth_decile_hours
    {OF_CLAIM}
    GROUP BY 1, 2, 3, 4, 5""",
    "open_claims": f"""
    SELECT {UNIT_OF}::text AS unit, family.code::text AS family, claim.state::text AS state,
        claim.urgency::text AS urgency,
        count(*) AS open,
        count(*) FILTER (WHERE claim.promise_at < now()) AS late
    {OF_CLAIM}
    WHERE claim.state NOT IN {ENDED}
    GROUP BY 1, 2, 3, 4""",
    "promises_month": f"""
    SELECT {_month("promise.due_at")} AS month, {UNIT_OF}::text AS unit,
        promise.kind::text AS kind, promise.urgency::text AS urgency,
        count(*) AS due,
        count(*) FILTER (WHERE promise.kept_at <= promise.due_at) AS kept,
        count(*) FILTER (
            WHERE (promise.kept_at IS NULL OR promise.kept_at > promise.due_at)
            AND (promise.ended_at IS NULL OR promise.ended_at > promise.due_at)
        ) AS not_kept,
        count(*) FILTER (
            WHERE (promise.kept_at IS NULL OR promise.kept_at > promise.due_at)
            AND promise.ended_at <= promise.due_at
        ) AS replaced
    {OF_CLAIM}
    JOIN requests_promise promise ON promise.claim_id = claim.id
    WHERE promise.due_at < now()
    GROUP BY 1, 2, 3, 4""",
    "satisfaction_month": f"""
    SELECT {_month("feedback.at")} AS month, {UNIT_OF}::text AS unit,
        feedback.channel::text AS channel,
        count(*) AS answers,
        count(*) FILTER (WHERE feedback.score >= 3) AS satisfied,
        sum(feedback.score) AS score_sum
    {OF_CLAIM}
    JOIN requests_feedback feedback ON feedback.claim_id = claim.id
    GROUP BY 1, 2, 3""",
    "orders_month": f"""
    SELECT {_month("work.created_at")} AS month, {UNIT_OF}::text AS unit,
        family.code::text AS family,
        count(*) AS orders,
        count(*) FILTER (WHERE work.emergency) AS emergency,
        count(*) FILTER (WHERE work.done_at IS NOT NULL) AS done,
        coalesce(sum(work.amount), 0) AS amount
    {OF_CLAIM}
    JOIN requests_workorder work ON work.claim_id = claim.id
    GROUP BY 1, 2, 3""",
    "stock": """
    SELECT unit.code::text AS unit,
        count(DISTINCT residence.id) AS residences,
        count(DISTINCT building.id) AS buildings,
        count(DISTINCT dwelling.id) AS dwellings,
        count(DISTINCT equipment.id) AS equipment
    FROM agencies_unit unit
    JOIN agencies_residence residence ON residence.unit_id = unit.id
    LEFT JOIN agencies_building building ON building.residence_id = residence.id
    LEFT JOIN agencies_staircase staircase ON staircase.building_id = building.id
    LEFT JOIN agencies_dwelling dwelling ON dwelling.staircase_id = staircase.id
    LEFT JOIN agencies_equipment equipment ON equipment.building_id = building.id
    GROUP BY 1""",
}
CREATE = ";\n".join(f"CREATE VIEW report_{name} AS {sql}" for name, sql in VIEWS.items())
DROP = ";\n".join(f"DROP VIEW IF EXISTS report_{name}" for name in VIEWS)
