"""What the demo's ended claims lack at the size of a real landlord, written in SQL.

Each gets a kept promise with its three steps, three done jobs and a sent delivery; one in ten a
posted letter. Names, numbers and words become as varied as real ones: the demo has eighty first
names and ten thousand telephone numbers. Constraints hold; triggers of the audit trail are off
meanwhile, since only they refuse a change.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg2.extras
from django.db import connection

from benchmarks import varied_words

# ``bench_chance``: a number from 0 to 1 that follows from a key and a purpose, always the same.
CHANCE = """
CREATE TABLE bench_words (kind text, number int, word text, PRIMARY KEY (kind, number));
GRANT SELECT ON bench_words TO PUBLIC;
CREATE FUNCTION bench_chance(key text, purpose int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (hashtextextended(key, purpose) & 9007199254740991) / 9007199254740992.0
$$;
CREATE FUNCTION bench_word(wanted text, chance float8, size int, steep float8)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT word FROM bench_words WHERE kind = wanted
        AND number = floor(size * power(chance, steep))::int
$$;
"""

# 07 00 is given to nobody: a million numbers that cannot ring.
PHONE = "'+33700' || lpad(floor(1e6 * bench_chance({0}, 3))::text, 6, '0')"
TABLES = (
    "tenants_tenant",
    "tenants_contactpoint",
    "requests_claim",
    "requests_message",
)


def last_name(key: str) -> str:
    """Return the SQL of a last name for the key: few are frequent, most are rare."""
    return f"bench_word('last', bench_chance({key}, 1), {varied_words.LAST_NAMES}, 2.5)"


def first_name(key: str) -> str:
    """Return the SQL of a first name for the key."""
    return f"bench_word('first', bench_chance({key}, 2), {len(varied_words.first_names())}, 3)"


def phone(key: str) -> str:
    """Return the SQL of a telephone number for the key."""
    return PHONE.format(key)


def sentence(key: str) -> str:
    """Return the SQL of a sentence that the tenant may have added."""
    return f"bench_word('sentence', bench_chance({key}, 4), {varied_words.SENTENCES}, 1)"


def fill(moment: datetime) -> None:
    """Add all of it to the landlord of this connection, as the owner of its tables."""
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        cursor.execute("SET palier.scope = 'system'")
        cursor.execute("BEGIN")
        cursor.execute(CHANCE)
        _add_words(cursor)
        switch_triggers(cursor, TABLES, on=False)
        for sql in NAMES:
            cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered before its checks
        switch_triggers(cursor, TABLES, on=True)
        # Its own trigger gathers what the claim is found by, from the names written above.
        cursor.execute(CLAIMS)
        for sql in WORK:
            cursor.execute(sql, {"moment": moment})
        cursor.execute("COMMIT")
        cursor.execute("ANALYZE")
    owner.close()


def _add_words(cursor: Any) -> None:
    kinds: dict[str, Iterable[str]] = {
        "last": varied_words.last_names(),
        "first": varied_words.first_names(),
        "sentence": varied_words.sentences(),
    }
    for kind, words in kinds.items():
        rows = [(kind, number, word) for number, word in enumerate(words)]
        psycopg2.extras.execute_values(
            cursor.cursor, "INSERT INTO bench_words VALUES %s", rows, page_size=5_000
        )


def switch_triggers(cursor: Any, tables: Iterable[str], *, on: bool) -> None:
    """Let the tables' own triggers run, or not; those of foreign keys always do."""
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")


# People with an account keep their name: the demo's logins and stories name them.
NAMES = (
    f"""UPDATE tenants_tenant t SET last_name = {last_name("t.id::text")},
        first_name = {first_name("t.id::text")} WHERE t.user_id IS NULL""",
    # What their own trigger would have written.
    """UPDATE tenants_tenant SET search = palier_plain(concat_ws(' ', first_name, last_name))""",
    f"""UPDATE tenants_contactpoint p SET value = {phone("p.tenant_id::text")}
        FROM tenants_tenant t WHERE t.id = p.tenant_id AND t.user_id IS NULL AND p.id = (
            SELECT min(id) FROM tenants_contactpoint o WHERE o.tenant_id = t.id
                AND o.kind = 'phone')""",
    """UPDATE tenants_contactpoint p SET value = palier_plain(replace(
            t.first_name || '.' || t.last_name, ' ', '')) || '.' || p.id || '@demo.palier.example'
        FROM tenants_tenant t
        WHERE t.id = p.tenant_id AND t.user_id IS NULL AND p.kind = 'email'""",
    f"""UPDATE requests_message m SET text = text || ' ' || {sentence("m.id::text")}
        WHERE direction = 'in'""",
)
CLAIMS = f"""
UPDATE requests_claim c SET
    words = c.words || CASE WHEN c.words = '' THEN '' ELSE ' ' || {sentence("c.id::text")} END,
    contact_name = coalesce(
        (SELECT concat_ws(' ', civility, first_name, last_name) FROM tenants_tenant t
            WHERE t.id = c.tenant_id), c.contact_name),
    contact_phone = CASE WHEN c.contact_phone = '' OR c.tenant_id IS NULL THEN c.contact_phone
        ELSE {phone("c.tenant_id::text")} END"""

_ENDED = "state IN ('closed', 'refused', 'withdrawn', 'merged')"
WORK = (
    # The demo gives each ended claim one promise; a few that came in by other ways have none.
    f"""INSERT INTO requests_promise
            (claim_id, kind, starts_at, due_at, urgency, made_at, why, kept_at)
        SELECT id, 'resolution', filed_at, ended_at + interval '1 day', urgency,
            coalesce(routed_at, filed_at), 'filed', ended_at
        FROM requests_claim c WHERE {_ENDED} AND ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM requests_promise p WHERE p.claim_id = c.id)""",
    f"""INSERT INTO requests_escalationstep (promise_id, level, due_at, done_at)
        SELECT p.id, level, p.due_at + number * interval '4 hours',
            CASE WHEN p.kept_at > p.due_at THEN p.due_at + number * interval '4 hours' END
        FROM requests_promise p JOIN requests_claim c ON c.id = p.claim_id AND c.{_ENDED},
            (VALUES ('before', 0), ('due', 1), ('after', 6)) AS levels (level, number)
        WHERE p.due_at IS NOT NULL ON CONFLICT DO NOTHING""",
    f"""INSERT INTO requests_job (kind, key, payload, next_at, attempts, done_at, error,
            given_up_reason)
        SELECT kind, c.id::text, '{{}}', filed_at, 1, filed_at + interval '2 seconds', '', ''
        FROM requests_claim c, unnest(ARRAY['route', 'notify', 'deliver']) kind
        WHERE {_ENDED} ON CONFLICT DO NOTHING""",
    f"""INSERT INTO requests_delivery (id, event_id, claim_id, recipient, channel, language, facts,
            text, state, reason, attempts, due_at, message_id, provider_id, answer, created_at,
            sent_at, delivered_at)
        SELECT gen_random_uuid(), e.id, c.id,
            CASE WHEN way = 'letter' THEN c.contact_name WHEN way = 'email' THEN c.contact_email
                ELSE c.contact_phone END,
            way, c.language, '{{}}',
            'Votre demande ' || c.reference || ' est bien arrivée. Prochaines nouvelles bientôt.',
            'delivered', '', 1, e.at, c.id || '@bench', '', '', e.at, e.at + interval '3 seconds',
            e.at + interval '9 seconds'
        FROM requests_claim c
        JOIN LATERAL (SELECT id, at FROM requests_claimevent e
            WHERE e.claim_id = c.id AND e.name = 'routed' ORDER BY id LIMIT 1) e ON true
        CROSS JOIN LATERAL (SELECT CASE WHEN bench_chance(c.id::text, 5) < 0.1 THEN 'letter'
            WHEN c.contact_email <> '' THEN 'email' WHEN c.contact_phone <> '' THEN 'sms'
            ELSE 'letter' END AS way) ways
        WHERE c.{_ENDED} ON CONFLICT DO NOTHING""",
    # One batch for each unit and month, printed and posted.
    """CREATE TEMP TABLE posted AS
        SELECT d.id, s.unit_id AS unit, date_trunc('month', d.created_at) AS month, d.created_at,
            row_number() OVER (PARTITION BY s.unit_id, date_trunc('month', d.created_at)
                ORDER BY d.created_at, d.id) AS place
        FROM requests_delivery d JOIN requests_claim c ON c.id = d.claim_id
        JOIN agencies_residence s ON s.id = c.residence_id
        WHERE d.channel = 'letter' AND d.message_id = d.claim_id || '@bench'""",
    """CREATE TEMP TABLE batches AS SELECT gen_random_uuid() AS id, unit, month,
            max(created_at) AS made_at FROM posted GROUP BY unit, month""",
    "INSERT INTO requests_letterbatch (id, unit_id, made_at) SELECT id, unit, made_at FROM batches",
    """INSERT INTO requests_letter (id, delivery_id, batch_id, place, registered, number, file,
            pages, printed_at, posted_on, returned_for)
        SELECT gen_random_uuid(), p.id, b.id, p.place, false, '', '', 1, b.made_at,
            b.made_at::date, '' FROM posted p JOIN batches b USING (unit, month)""",
    "DROP TABLE posted, batches",
)
