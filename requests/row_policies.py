"""The row-level policy of each personal table: who sees a row, whatever the code asks for.

``manage.py migrate`` writes them (``portal/database/row_security.py``). Rules are those of the
scopes in Python or wider, never wider than what the role may see at all. A new personal table
needs its line: ``tests/test_row_security.py`` compares with the models.
"""

from collections.abc import Mapping

from requests import claim_rows, row_functions

# Evaluated once for each statement: PostgreSQL takes a subquery without columns for a constant.
# Written out: a function in SQL would be read and put in its place each time a statement is
# planned, which costs more than most statements take. Each subquery is planned too: use few.
SYSTEM = "(SELECT current_setting('palier.scope', true) = 'system')"
ALL = "(SELECT current_setting('palier.scope', true) = ANY ('{system,all}'))"


def _who(field: int, kind: str = "") -> str:
    """Return one field of ``portal.database.readers.Who``, NULL where it is empty.

    For each row, but asked only of those that ``ALL`` does not open.
    """
    return f"nullif(split_part(current_setting('palier.who', true), '|', {field}), ''){kind}"


KIND = _who(1)
PRIVACY = f"{KIND} = 'privacy'"
READER = _who(2, "::uuid")
UNIT = _who(3, "::bigint")
COMPANY = _who(4, "::bigint")
# Contractors and caretakers: asked last, of the rows that nothing else opens.
FEW = "(SELECT starts_with(current_setting('palier.who', true), 'c'))"


def _or(*rules: str) -> str:
    return " OR ".join(rules)


OF_CLAIM = _or(ALL, "palier_claim(claim_id)")
OF_ORDER = _or(ALL, "palier_order(order_id)")
OF_PERSON = _or(ALL, "palier_tenant(tenant_id, false)")

POLICIES: Mapping[str, str] = {
    # People and their homes.
    "tenants_tenant": _or(ALL, f"user_id = {READER}", "palier_tenant(id, true)"),
    "tenants_contactpoint": OF_PERSON,
    "tenants_need": OF_PERSON,
    "tenants_lease": _or(ALL, "palier_lease(id)"),
    "tenants_occupancy": _or(ALL, "palier_lease(lease_id)"),
    "tenants_accountlink": _or(ALL, f"user_id = {READER}", "palier_tenant(tenant_id, false)"),
    "tenants_accessend": _or(
        ALL, f"snapshot -> 'units' @> to_jsonb({UNIT})", "palier_tenant(tenant_id, false)"
    ),
    "tenants_identitymerge": _or(
        ALL,
        PRIVACY,
        f"(snapshot -> 'kept_units' @> to_jsonb({UNIT})"
        f" AND snapshot -> 'absorbed_units' @> to_jsonb({UNIT}))",
    ),
    "tenants_distinct": _or(ALL, "palier_tenant(one_id, false)", "palier_tenant(other_id, false)"),
    # Kept for a unit in whose stock both live or lived (requests/identity/doubles.py).
    "requests_doublepair": _or(ALL, f"unit = {UNIT}"),
    "tenants_mandate": _or(
        ALL,
        f"proxy_id = {READER}",
        "palier_tenant(tenant_id, false)",
        "(proxy_id IS NULL AND EXISTS (SELECT FROM account_emailaddress a"
        f" WHERE a.user_id = {READER} AND a.verified AND lower(a.email) = lower(proxy_email)))",
    ),
    "tenants_consentcode": _or(
        SYSTEM, "EXISTS (SELECT FROM tenants_mandate m WHERE m.id = mandate_id)"
    ),
    "tenants_personchange": OF_PERSON,
    "tenants_pointcode": _or(
        SYSTEM, "EXISTS (SELECT FROM tenants_contactpoint p WHERE p.id = point_id)"
    ),
    "tenants_linkattempt": _or(SYSTEM, f"user_id = {READER}"),
    # The claim and what is said about it.
    "requests_claim": _or(
        ALL,
        f"(SELECT {UNIT}) = ANY (ARRAY[unit_id, beside_id])",
        "id = ANY ((SELECT palier_opened())::uuid[])",
        f"({FEW} AND palier_claim(id))",
    ),
    "requests_claimevent": OF_CLAIM,
    "requests_message": OF_CLAIM,
    "requests_attachment": OF_CLAIM,
    "requests_feedback": OF_CLAIM,
    "requests_proof": OF_CLAIM,
    "requests_formalnotice": OF_CLAIM,
    "requests_endedlink": OF_CLAIM,
    "requests_recordview": _or(
        ALL, PRIVACY, "palier_tenant(tenant_id, false)", "palier_claim(claim_id)"
    ),
    "requests_emergencyopening": _or(
        ALL, PRIVACY, f"asker_id = {READER}", f"unit_id = {UNIT}", "palier_claim(claim_id)"
    ),
    "requests_rightsrequest": _or(ALL, PRIVACY, "palier_tenant(tenant_id, false)"),
    # What comes in.
    "requests_intake": _or(
        ALL,
        f"(claim_id IS NULL AND {KIND} = 'unit' AND (unit_id IS NULL OR unit_id = {UNIT}))",
        "palier_claim(claim_id)",
    ),
    "requests_intakeview": _or(ALL, PRIVACY, "palier_intake(intake_id)"),
    "requests_invitation": _or(ALL, "palier_intake(intake_id)"),
    "requests_draft": _or(SYSTEM, f"user_id = {READER}"),
    "requests_missedcall": _or(ALL, f"{KIND} = 'unit'"),
    "requests_callattempt": _or(ALL, f"{KIND} = 'unit'"),
    "requests_scan": _or(ALL, f"unit_id = {UNIT}"),
    "requests_scanfile": _or(ALL, "EXISTS (SELECT FROM requests_scan s WHERE s.id = scan_id)"),
    "requests_scanpage": _or(ALL, "EXISTS (SELECT FROM requests_scan s WHERE s.id = scan_id)"),
    # What leaves.
    "requests_delivery": _or(
        ALL, f"(claim_id IS NULL AND unit_id = {UNIT})", "palier_claim(claim_id)"
    ),
    "requests_letter": _or(
        ALL, "EXISTS (SELECT FROM requests_delivery d WHERE d.id = delivery_id)"
    ),
    "requests_failingaddress": SYSTEM,
    "requests_mutedaddress": SYSTEM,
    "requests_plannednotice": _or(ALL, "palier_home(dwelling_id)"),
    # Surveys. Answers belong to nobody once the wave closed; before, only the landlord counts them.
    "requests_surveyinvitation": _or(ALL, f"unit_id = {UNIT}"),
    "requests_surveyanswer": SYSTEM,
    "requests_surveymark": SYSTEM,
    "requests_surveyrefusal": SYSTEM,
    # Work.
    "requests_workorder": _or(
        ALL,
        f"CASE WHEN {KIND} = 'contractor'"
        f" THEN contractor_id = {COMPANY} AND sent_at IS NOT NULL"
        " ELSE palier_claim(claim_id) END",
    ),
    "requests_variation": OF_ORDER,
    "requests_orderevent": OF_ORDER,
    "requests_orderphoto": OF_ORDER,
    "requests_orderlink": OF_ORDER,
    "requests_accessview": _or(ALL, PRIVACY, "palier_order(order_id)"),
    "requests_appointment": OF_ORDER,
    "requests_offer": OF_ORDER,
    "requests_offeroption": _or(ALL, "EXISTS (SELECT FROM requests_offer o WHERE o.id = offer_id)"),
}
FUNCTIONS = row_functions.FUNCTIONS + claim_rows.CLAIM_ROWS.sql()
