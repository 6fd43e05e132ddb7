"""Multiply a landlord in SQL: INSERT … SELECT with shifted keys, names and words of their own.

Each copy has homes, people, claims and all that happened to them; units, desks, accounts, rules and
catalogue stay those of the first. Columns are taken from the models, so a new column is copied too;
a new table of claims needs its name in ``TABLES``. Indexes and foreign keys are dropped meanwhile,
and adding the keys again proves every row. FORCE ROW LEVEL SECURITY is off meanwhile, for the owner
alone, and written again at the end.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models

from benchmarks import filling
from requests.filing.actions import ALPHABET

# In an order in which what is named comes first.
TABLES = [
    "agencies.Residence",
    "agencies.Building",
    "agencies.Staircase",
    "agencies.Dwelling",
    "agencies.Equipment",
    "tenants.Tenant",
    "tenants.Lease",
    "tenants.Occupancy",
    "tenants.ContactPoint",
    "tenants.Need",
    "requests.Claim",
    "requests.ClaimEvent",
    "requests.Message",
    "requests.Attachment",
    "requests.RoutingDecision",
    "requests.Promise",
    "requests.Pause",
    "requests.EscalationStep",
    "requests.Job",
    "requests.Delivery",
    "requests.LetterBatch",
    "requests.Letter",
    "requests.Charge",
    "requests.Feedback",
    "requests.ClosingStep",
    "requests.Incident",
    "requests.IncidentClaim",
    "requests.WorkOrder",
    "requests.OrderLine",
    "requests.OrderEvent",
]
Say = Callable[[str, float], None]  # what begins now, and how far the work has come, from 0 to 1


def _code(number: str, length: int) -> str:
    """Return the SQL of the code for a whole number: each number another one, in no visible order.

    A step without a common divisor with the number of codes visits each of them once.
    """
    size = len(ALPHABET)
    turned = f"({number}::bigint * 366204011 % {size**length})"
    digits = [
        f"substr('{ALPHABET}', ({turned} / {size**place} % {size})::int + 1, 1)"
        for place in range(length)
    ]
    return " || ".join(digits)


# Columns that name something once, or that are drawn anew for each copy: SQL of the new value.
# {k} is the number of the copy, {old} the old value and {id} the new key.
CHANGED: dict[str, str] = {
    "agencies_residence.code": "{old} || '-{k}'",
    "agencies_residence.name": "{old} || ' ' || {k} + 1",
    "agencies_staircase.hall_code": _code("{id}", 8),
    "agencies_staircase.street": "regexp_replace({old}, '^(\\d+)', '\\1' || chr(64 + {k} % 26))",
    "agencies_dwelling.natural_key": "{old} || '-{k}'",
    "agencies_equipment.label_code": _code("{id}", 8),
    "tenants_tenant.user_id": "NULL",
    "tenants_tenant.external_ref": "CASE WHEN {old} = '' THEN '' ELSE {old} || '-{k}' END",
    "tenants_tenant.last_name": filling.last_name("{id}::text"),
    "tenants_tenant.first_name": filling.first_name("{id}::text"),
    "tenants_contactpoint.value": "CASE WHEN {old} LIKE '+33700%' THEN "
    + filling.phone("{k} || '-' || tenant_id::text")
    + " WHEN kind = 'phone' THEN {old} ELSE replace({old}, '@', '-{k}@') END",
    "tenants_lease.reference": "{old} || '-{k}'",
    "tenants_lease.bill_code": "lpad(({id}::bigint * 7368787 % 10000000000)::text, 10, '0')"
    " || '00'",
    "requests_claim.reference": "(SELECT code FROM bench_references r WHERE r.number ="
    " ({k} - 1) * (SELECT count FROM bench_claims) + o.place)",
    "requests_claim.token": "translate(substr(encode(sha256(({old} || '-{k}')::bytea), 'base64'),"
    " 1, 43), '+/', '-_')",
    "requests_claim.key": "{old} || '-{k}'",
    "requests_claim.words": "CASE WHEN {old} = '' THEN '' ELSE {old} || ' ' || "
    + filling.sentence("{id}::text")
    + " END",
    "requests_claim.contact_name": "coalesce((SELECT concat_ws(' ', t.civility, t.first_name,"
    " t.last_name) FROM tenants_tenant t WHERE t.id = {tenant}), {old})",
    "requests_claim.contact_phone": "CASE WHEN {old} = '' OR tenant_id IS NULL THEN {old} ELSE "
    + filling.phone("{k} || '-' || tenant_id::text")
    + " END",
    "requests_claim.search": "''",  # written by its own trigger
    "requests_message.text": "{old} || CASE direction WHEN 'in' THEN ' ' || "
    + filling.sentence("{id}::text")
    + " ELSE '' END",
    "requests_job.key": "left({old}, 56) || '-{k}'",
    "requests_delivery.key": "CASE WHEN {old} = '' THEN '' ELSE left({old}, 90) || '-{k}' END",
    "requests_delivery.provider_id": "''",
    "requests_letter.number": "''",
    "requests_letter.registered": "false",
}


def _models() -> list[type[models.Model]]:
    return [apps.get_model(label) for label in TABLES]


def _tables() -> list[str]:
    return [model._meta.db_table for model in _models()]


def _shifted(field: models.Field, column: str, number: int) -> str:
    """Return the SQL of a key of copy ``number``: whole numbers jump, UUIDs follow from the old."""
    while field.remote_field and field.is_relation:
        field = field.target_field
    if isinstance(field, models.UUIDField):
        return f"md5({column}::text || '-{number}')::uuid"
    table = field.model._meta.db_table
    return f"{column} + {number} * (SELECT last FROM bench_keys WHERE name = '{table}')"


def _select(model: type[models.Model], number: int) -> tuple[str, str]:
    """Return the columns to write and the SQL of their values."""
    copied, table = {*_models()}, model._meta.db_table
    columns, values = [], []
    key = _shifted(model._meta.pk, f"o.{model._meta.pk.column}", number)
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        old = f"o.{field.column}"
        if change := CHANGED.get(f"{table}.{field.column}"):
            tenant = f"md5(o.tenant_id::text || '-{number}')::uuid"
            value = (
                change.replace("{k}", str(number))
                .replace("{old}", old)
                .replace("{id}", f"({key})")
                .replace("{tenant}", tenant)
            )
        elif field.primary_key or field.related_model in copied:
            value = _shifted(field, old, number)
        else:
            value = old
        columns.append(f'"{field.column}"')
        values.append(value)
    return ", ".join(columns), ", ".join(values)


def add_copy(cursor: Any, number: int) -> None:
    """Write copy ``number`` of every table, in the transaction of ``cursor``."""
    for model in _models():
        table = model._meta.db_table
        columns, values = _select(model, number)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM bench_first_{table} o"
        )


def open_tables(cursor: Any, times: int, say: Say) -> None:
    """Take indexes, foreign keys and triggers away, and note them for ``close_tables``."""
    cursor.execute("SET palier.scope = 'system'")
    cursor.execute("SET work_mem = '64MB'")
    cursor.execute("SELECT to_regclass('bench_kept') IS NOT NULL")
    if cursor.fetchone()[0]:
        return
    say("references", 0)
    tables = _tables()
    cursor.execute("BEGIN")
    cursor.execute("CREATE TABLE bench_keys (name text PRIMARY KEY, last bigint)")
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk
        place = ", row_number() OVER () AS place" if table == "requests_claim" else ""
        cursor.execute(f"CREATE TABLE bench_first_{table} AS SELECT *{place} FROM {table}")
        if not isinstance(key, models.UUIDField) and not key.remote_field:
            cursor.execute(
                f"INSERT INTO bench_keys SELECT '{table}', coalesce(max({key.column}), 0) + 1000"
                f" FROM {table}"
            )
    cursor.execute("CREATE TABLE bench_claims AS SELECT count(*) AS count FROM requests_claim")
    _draw_references(cursor, times)
    cursor.execute(
        """CREATE TABLE bench_kept AS
        SELECT 1 AS turn, 'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT '
            || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) AS made,
            'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname)
            AS dropped
        FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
            AND (conrelid::regclass::text = ANY (%(tables)s)
                OR confrelid::regclass::text = ANY (%(tables)s))
        UNION ALL
        SELECT 0, indexdef, 'DROP INDEX ' || quote_ident(indexname) FROM pg_indexes
        WHERE tablename = ANY (%(tables)s) AND NOT EXISTS (SELECT 1 FROM pg_constraint
            WHERE conindid = format('%%I.%%I', schemaname, indexname)::regclass)""",
        {"tables": tables},
    )
    cursor.execute("SELECT dropped FROM bench_kept")
    for (dropped,) in cursor.fetchall():
        cursor.execute(dropped)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    filling.switch_triggers(cursor, [t for t in tables if t != "requests_claim"], on=False)
    cursor.execute("COMMIT")


def _draw_references(cursor: Any, times: int) -> None:
    """Draw as many references as there will be claims, none that a claim has already."""
    cursor.execute(
        f"""CREATE TABLE bench_references AS
        SELECT row_number() OVER () AS number, code FROM (
            SELECT {_code("i", 6)} AS code
            FROM generate_series(1, (SELECT count FROM bench_claims) * {times}) i
        ) codes WHERE NOT EXISTS (SELECT 1 FROM requests_claim c WHERE c.reference = code)"""
    )
    cursor.execute("CREATE UNIQUE INDEX ON bench_references (number)")


def close_tables(cursor: Any, say: Say) -> None:
    """Build what was taken away, and set the counters of keys."""
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute("SELECT made FROM bench_kept ORDER BY turn")
    found = cursor.fetchall()
    for place, (made,) in enumerate(found):
        say(
            made.removeprefix("ALTER TABLE ").partition(" ON ")[0][:60],
            0.5 + place / len(found) / 2,
        )
        # A run that was stopped here goes on: what was built is taken off the list with it.
        cursor.execute("BEGIN")
        cursor.execute(made)
        cursor.execute("DELETE FROM bench_kept WHERE made = %s", [made])
        cursor.execute("COMMIT")
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk
        if isinstance(key, models.AutoField | models.BigAutoField):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'),"
                f" (SELECT max({key.column}) FROM {table}))"
            )
    filling.switch_triggers(cursor, _tables(), on=True)
    for table in _tables():
        cursor.execute(f"DROP TABLE IF EXISTS bench_first_{table}")
    cursor.execute("DROP TABLE IF EXISTS bench_references")
