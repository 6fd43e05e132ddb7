"""What a reader sees, in SQL: the second wall (docs/adr/0043-row-level-security.md).

The functions read as the landlord, so that the policy of one table may ask another table. They
look at one row at a time, or give the few claims that a person, a helper or an opening brings.
Their plans are kept, whatever the values: planning takes longer than they do. The rules are those
of the querysets; ``tests/portal/database/test_same_rules.py`` compares them.
"""

from requests.claims.household import REPAIRERS

# Whose rows: kind|user|unit|company|membership|today|now (portal.database.readers.Who).
WHO = """
CREATE OR REPLACE FUNCTION palier_who(field int) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT nullif(split_part(current_setting('palier.who', true), '|', field), '')
$body$;

DROP FUNCTION IF EXISTS palier_unit_residences() CASCADE;
DROP FUNCTION IF EXISTS palier_unit_desks() CASCADE;
"""

DECLARED = """
DECLARE
    told text[] := string_to_array(current_setting('palier.who', true), '|');
    kind text := nullif(told[1], '');
    reader uuid := nullif(told[2], '');
    unit bigint := nullif(told[3], '');
    company bigint := nullif(told[4], '');
    member bigint := nullif(told[5], '');
    today date := nullif(told[6], '');
    moment timestamptz := nullif(told[7], '');
    scope text := current_setting('palier.scope', true);
    seen boolean := false;
    said text;
BEGIN
    IF coalesce(scope, '') NOT IN ('reader', 'system') OR kind IS NULL THEN
        RETURN{nothing};
    END IF;
    said := set_config('palier.scope', 'system', true);
"""
END = """
    said := set_config('palier.scope', scope, true);
    RETURN{seen};
END $body$;
"""

# A newly linked account does not open yet what was told in confidence.
WAITS = """EXISTS (
            SELECT FROM tenants_accountlink w WHERE w.user_id = reader
            AND w.linked_at IS NOT NULL AND w.ended_at IS NULL AND w.opens_at > moment
        )"""
# The claims of one account: its own, what its home shares, those of the people it stands for. Staff
# act for the landlord and have none here. {only} narrows to one claim.
OF_ACCOUNT = (
    f"""
        SELECT c.id FROM requests_claim c JOIN tenants_tenant t ON t.id = c.tenant_id
        WHERE t.user_id = reader AND (NOT {WAITS}
            OR (c.sorted_at IS NOT NULL AND NOT c.confidential AND NOT EXISTS (
                SELECT FROM requests_category k WHERE k.id = c.category_id AND k.sensitive))
            OR EXISTS (
                SELECT FROM requests_claimevent e
                WHERE e.claim_id = c.id AND e.name = 'filed' AND e.actor_id = reader
            )) {{only}}""",
    f"""
        SELECT c.id FROM requests_claim c JOIN requests_category k ON k.id = c.category_id
        JOIN tenants_occupancy mine ON mine.starts <= today
            AND coalesce(mine.ends, today) >= today
        JOIN tenants_tenant me ON me.id = mine.tenant_id AND me.user_id = reader
        JOIN tenants_lease l ON l.id = mine.lease_id AND l.dwelling_id = c.dwelling_id
            AND l.starts <= today AND coalesce(l.ends, today) >= today
        JOIN tenants_occupancy author ON author.lease_id = l.id AND author.tenant_id = c.tenant_id
            AND author.starts <= today AND coalesce(author.ends, today) >= today
        WHERE c.sorted_at IS NOT NULL AND c.follows_id IS NULL AND NOT c.confidential
            AND NOT k.sensitive AND k.asset = 'dwelling' AND starts_with(k.urgency, 'U')
            AND k.handled_by IN ({", ".join(f"'{name}'" for name in REPAIRERS)})
            AND mine.starts <= (c.filed_at AT TIME ZONE 'Europe/Paris')::date
            AND NOT EXISTS (  -- an import leaves former leases open: the author's newest counts
                SELECT FROM tenants_occupancy other JOIN tenants_lease newer
                    ON newer.id = other.lease_id AND newer.dwelling_id = c.dwelling_id
                    AND newer.starts <= today AND coalesce(newer.ends, today) >= today
                WHERE other.tenant_id = c.tenant_id AND other.starts <= today
                    AND coalesce(other.ends, today) >= today
                    AND (newer.starts, newer.id) > (l.starts, l.id)
            ) {{only}}""",
    """
        SELECT c.id FROM requests_claim c JOIN requests_category k ON k.id = c.category_id
        JOIN tenants_mandate m ON m.tenant_id = c.tenant_id AND m.proxy_id = reader
            AND m.consent_at IS NOT NULL AND m.revoked_at IS NULL
            AND m.starts <= today AND m.ends >= today
        WHERE (m.scope = 'all'
                OR (NOT c.confidential AND NOT k.sensitive AND c.sorted_at IS NOT NULL))
            AND (c.ended_at IS NULL
                OR (c.ended_at AT TIME ZONE 'Europe/Paris')::date >= m.starts) {only}""",
)
# What another unit lent to the reader's, and what the reader opened in an emergency.
LENT = """
        SELECT lent.claim_id FROM requests_lentclaim lent
        JOIN requests_help h ON h.id = lent.help_id
        JOIN requests_claim c ON c.id = lent.claim_id
        JOIN requests_category k ON k.id = c.category_id
        WHERE h.helper_id = unit AND h.state = 'accepted' AND h.until > moment
            AND NOT c.confidential AND NOT k.sensitive {only}
    UNION ALL
        SELECT o.claim_id FROM requests_emergencyopening o
        WHERE o.asker_id = reader AND o.at <= moment AND o.until > moment {opened}
"""
ONE = "AND c.id = wanted"
# Rows of one statement are often of one claim or one person: remember the last that was seen, for
# the statement.
MEMORY = """
    this text := {key} || current_setting('palier.who', true) || statement_timestamp();
BEGIN
    IF current_setting('palier.{name}', true) = this THEN
        RETURN true;
    END IF;"""


def _remembering(declared: str, name: str, key: str = "wanted") -> str:
    return declared.replace("BEGIN", MEMORY.format(name=name, key=key), 1)


# What else opens claims than the unit's stock and desks. A statement that names claims several
# times asks as often: the answer is kept for the statement, behind a mark of 64 characters.
CLAIMS = (
    """
DROP FUNCTION IF EXISTS palier_me() CASCADE;
DROP FUNCTION IF EXISTS palier_claims() CASCADE;
CREATE OR REPLACE FUNCTION palier_opened() RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET plan_cache_mode = force_generic_plan AS $body$"""
    + DECLARED.format(nothing=" '{}'").replace(
        "BEGIN",
        """
    this text := sha256((current_setting('palier.who', true) || statement_timestamp())::bytea);
    kept text := current_setting('palier.opened', true);
    found uuid[];
BEGIN
    IF starts_with(kept, this) THEN
        RETURN substr(kept, length(this) + 1);
    END IF;""",
        1,
    )
    + f"""
    IF kind = 'person' THEN
        found := ARRAY({" UNION ".join(part.format(only="") for part in OF_ACCOUNT)});
    ELSIF kind = 'unit' THEN
        found := ARRAY({LENT.format(only="", opened="")});
    END IF;
    said := set_config('palier.opened', this || coalesce(found, '{{}}')::text, true);"""
    + END.format(seen=" coalesce(found, '{}')")
    + """
CREATE OR REPLACE FUNCTION palier_claim(wanted uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + _remembering(DECLARED.format(nothing=" false"), "seen")
    + f"""
    IF wanted IS NULL THEN
        seen := false;
    ELSIF kind = 'all' THEN
        seen := true;
    ELSIF kind = 'unit' THEN
        seen := EXISTS (
            SELECT FROM requests_claim c
            WHERE c.id = wanted AND (c.unit_id = unit OR c.beside_id = unit)
        ) OR EXISTS (
            {LENT.format(only=ONE, opened="AND o.claim_id = wanted")}
        );
    ELSIF kind = 'contractor' THEN
        seen := EXISTS (
            SELECT FROM requests_workorder o
            WHERE o.claim_id = wanted AND o.contractor_id = company AND o.sent_at IS NOT NULL
        );
    ELSIF kind = 'caretaker' THEN
        seen := EXISTS (
            SELECT FROM requests_claim c JOIN requests_category k ON k.id = c.category_id
            LEFT JOIN agencies_building b ON b.id = c.building_id
            JOIN agencies_residence r ON r.id = coalesce(b.residence_id, c.residence_id)
            JOIN agencies_membership m ON m.id = member AND m.unit_id = r.unit_id
            WHERE c.id = wanted AND NOT c.confidential AND NOT k.sensitive AND (
                NOT EXISTS (SELECT FROM agencies_membership_sectors s WHERE s.membership_id = m.id)
                OR EXISTS (
                    SELECT FROM agencies_membership_sectors s
                    WHERE s.membership_id = m.id AND s.sector_id = r.sector_id
                )
            )
        );
    ELSIF kind = 'person' THEN
        seen := EXISTS ({OF_ACCOUNT[0].format(only=ONE)});
        IF NOT seen THEN
            seen := EXISTS ({OF_ACCOUNT[1].format(only=ONE)});
        END IF;
        IF NOT seen THEN
            seen := EXISTS ({OF_ACCOUNT[2].format(only=ONE)});
        END IF;
    END IF;
    IF seen THEN
        said := set_config('palier.seen', this, true);
    END IF;"""
    + END.format(seen=" seen")
    + """
CREATE OR REPLACE FUNCTION palier_order(wanted uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + DECLARED.format(nothing=" false")
    + """
    IF kind = 'contractor' THEN
        seen := EXISTS (
            SELECT FROM requests_workorder o
            WHERE o.id = wanted AND o.contractor_id = company AND o.sent_at IS NOT NULL
        );
    ELSE
        seen := palier_claim((SELECT claim_id FROM requests_workorder o WHERE o.id = wanted));
    END IF;"""
    + END.format(seen=" seen")
)

# A raw input: of a claim that the reader sees, or of nobody yet in a tray of the reader's.
CLAIMS += (
    """
CREATE OR REPLACE FUNCTION palier_intake(wanted uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + DECLARED.format(nothing=" false")
    + """
    seen := EXISTS (
        SELECT FROM requests_intake i WHERE i.id = wanted AND (
            (i.claim_id IS NULL AND kind = 'unit' AND (i.unit_id IS NULL OR i.unit_id = unit))
            OR palier_claim(i.claim_id)
        )
    );"""
    + END.format(seen=" seen")
)

# A home: the reader's stock, or where the account lives or lived, or the person it stands for.
PEOPLE = (
    """
CREATE OR REPLACE FUNCTION palier_home(wanted bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + DECLARED.format(nothing=" false")
    + """
    seen := kind IN ('all', 'privacy') OR (kind = 'unit' AND EXISTS (
        SELECT FROM agencies_dwelling d
        JOIN agencies_staircase s ON s.id = d.staircase_id
        JOIN agencies_building b ON b.id = s.building_id
        JOIN agencies_residence r ON r.id = b.residence_id
        WHERE d.id = wanted AND r.unit_id = unit
    )) OR EXISTS (
        SELECT FROM tenants_lease l JOIN tenants_occupancy o ON o.lease_id = l.id
        JOIN tenants_tenant t ON t.id = o.tenant_id
        WHERE l.dwelling_id = wanted AND (t.user_id = reader OR EXISTS (
            SELECT FROM tenants_mandate m WHERE m.tenant_id = t.id AND m.proxy_id = reader
            AND m.revoked_at IS NULL AND m.starts <= today AND m.ends >= today
        ))
    );"""
    + END.format(seen=" seen")
    + """
-- The leases of one's own stock; of one's own stays and of the people one stands for.
CREATE OR REPLACE FUNCTION palier_lease(wanted bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + _remembering(DECLARED.format(nothing=" false"), "seen_lease")
    + """
    seen := kind IN ('all', 'privacy') OR (kind = 'unit' AND EXISTS (
        SELECT FROM tenants_lease l
        JOIN agencies_dwelling d ON d.id = l.dwelling_id
        JOIN agencies_staircase s ON s.id = d.staircase_id
        JOIN agencies_building b ON b.id = s.building_id
        JOIN agencies_residence r ON r.id = b.residence_id
        WHERE l.id = wanted AND r.unit_id = unit
    )) OR EXISTS (
        SELECT FROM tenants_occupancy o JOIN tenants_tenant t ON t.id = o.tenant_id
        WHERE o.lease_id = wanted AND (t.user_id = reader OR EXISTS (
            SELECT FROM tenants_mandate m WHERE m.tenant_id = t.id AND m.proxy_id = reader
            AND m.revoked_at IS NULL AND m.starts <= today AND m.ends >= today
        ))
    );
    IF seen THEN
        said := set_config('palier.seen_lease', this, true);
    END IF;"""
    + END.format(seen=" seen")
    + """
-- A person: of the reader's stock, or of a claim that the reader sees; oneself and whom one stands
-- for; a record that was merged into a seen one; with ``near`` also who shares one's lease.
CREATE OR REPLACE FUNCTION palier_tenant(wanted uuid, near boolean) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 200
SET plan_cache_mode = force_generic_plan AS $body$"""
    + _remembering(DECLARED.format(nothing=" false"), "seen_tenant", "near || ' ' || wanted")
    + """
    seen := kind IN ('all', 'privacy') OR EXISTS (
        SELECT FROM tenants_tenant t WHERE t.id = wanted AND t.user_id = reader
    );
    IF NOT seen AND kind = 'unit' THEN
        seen := EXISTS (
            SELECT FROM tenants_occupancy o
            JOIN tenants_lease l ON l.id = o.lease_id
            JOIN agencies_dwelling d ON d.id = l.dwelling_id
            JOIN agencies_staircase s ON s.id = d.staircase_id
            JOIN agencies_building b ON b.id = s.building_id
            JOIN agencies_residence r ON r.id = b.residence_id
            WHERE o.tenant_id = wanted AND r.unit_id = unit
        );
    END IF;
    IF NOT seen AND kind <> 'caretaker' THEN
        seen := EXISTS (
            SELECT FROM tenants_mandate m WHERE m.tenant_id = wanted AND m.proxy_id = reader
            AND m.revoked_at IS NULL AND m.starts <= today AND m.ends >= today
        ) OR (near AND EXISTS (  -- who is asked to stand for somebody reads for whom
            SELECT FROM tenants_mandate m JOIN account_emailaddress a ON a.user_id = reader
                AND a.verified AND lower(a.email) = lower(m.proxy_email)
            WHERE m.tenant_id = wanted AND m.proxy_id IS NULL AND m.consent_at IS NOT NULL
                AND m.revoked_at IS NULL AND m.ends >= today
        ));
    END IF;
    IF NOT seen AND (near OR kind IN ('unit', 'contractor')) AND kind <> 'caretaker' THEN
        seen := EXISTS (
            SELECT FROM requests_claim c WHERE c.tenant_id = wanted AND palier_claim(c.id)
        );
    END IF;
    IF NOT seen AND near AND kind <> 'contractor' THEN
        seen := EXISTS (
            SELECT FROM tenants_occupancy o JOIN tenants_occupancy mine USING (lease_id)
            JOIN tenants_tenant me ON me.id = mine.tenant_id
            WHERE o.tenant_id = wanted AND me.user_id = reader
        );
    END IF;
    IF NOT seen THEN
        seen := EXISTS (
            SELECT FROM tenants_tenant t WHERE t.id = wanted AND t.merged_into_id IS NOT NULL
            AND palier_tenant(t.merged_into_id, near)
        );
    END IF;
    IF seen THEN
        said := set_config('palier.seen_tenant', this, true);
    END IF;"""
    + END.format(seen=" seen")
)

FUNCTIONS = WHO + CLAIMS + PEOPLE
