"""Multiply a landlord in SQL: INSERT … SELECT with shifted keys, names and words of their own.

Each copy has homes, people, claims and all that happened to them; units, desks, accounts, rules and
catalogue stay those of the first. Columns are taken from the models, so a new column is copied too;
a new table of claims needs its name in ``TABLES``. Rows are written in the order of time, all
copies of a slice together, as they would have come. Slices are written by several sessions at once.
Indexes and foreign keys are dropped meanwhile, and adding the keys again proves every row. FORCE
ROW LEVEL SECURITY is off meanwhile, for the owner alone, and written again at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from benchmarks import supplement
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
    "requests.ClaimLabel",
    "requests.DoublePair",
    "requests.Fact",
]
SLICE = 60_000  # rows of all copies that one transaction writes
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


def _double(pick: str) -> str:
    """Return the SQL of one of a pair of people, who stand in the order of their keys."""
    keys = (f"md5(o.{side}_id::text || '-' || {{k}})::uuid" for side in ("one", "other"))
    return f"{pick}({', '.join(keys)})"


def _place(table: str) -> str:
    """Return the SQL of the key of a place that a fact repeats as a number, 0 where none is."""
    last = f"(SELECT last FROM bench_keys WHERE name = '{table}')"
    return f"CASE {{old}} WHEN 0 THEN 0 ELSE {{old}} + {{k}} * {last} END"


def _street() -> str:
    """Return the SQL of a street door: another house of the same street, mostly with a letter."""
    number = "substring({old} from '^\\d+')"
    house = f"{number}::int + 2 * ({{k}} / 26)"
    letter = "chr(64 + nullif({k} % 26, 0))"
    return (
        f"coalesce(({house}) || coalesce({letter}, '') || substr({{old}}, length({number}) + 1),"
        " {old})"
    )


# Columns that name something once, or that are drawn anew for each copy: SQL of the new value.
# {k} is the number of the copy, {old} the old value and {id} the new key.
CHANGED: dict[str, str] = {
    "agencies_residence.code": "{old} || '-' || {k}",
    "agencies_residence.name": "{old} || ' ' || {k} + 1",
    "agencies_staircase.hall_code": _code("{id}", 8),
    "agencies_staircase.street": _street(),
    "agencies_dwelling.natural_key": "{old} || '-' || {k}",
    "agencies_equipment.label_code": _code("{id}", 8),
    "tenants_tenant.user_id": "NULL",
    "tenants_tenant.external_ref": "CASE WHEN {old} = '' THEN '' ELSE {old} || '-' || {k} END",
    "tenants_tenant.last_name": supplement.last_name("{id}::text"),
    "tenants_tenant.first_name": supplement.first_name("{id}::text"),
    "tenants_tenant.search": "palier_plain("
    + supplement.first_name("{id}::text")
    + " || ' ' || "
    + supplement.last_name("{id}::text")
    + ")",
    "tenants_contactpoint.value": "CASE WHEN {old} LIKE '+33700%' THEN "
    + supplement.phone("{k} || '-' || tenant_id::text")
    + " WHEN kind = 'phone' THEN {old} ELSE replace({old}, '@', '-' || {k} || '@') END",
    "tenants_lease.reference": "{old} || '-' || {k}",
    "tenants_lease.bill_code": "lpad(({id}::bigint * 7368787 % 10000000000)::text, 10, '0')"
    " || '00'",
    "requests_claim.reference": "(SELECT code FROM bench_references r WHERE r.number ="
    " ({k} - 1) * (SELECT count FROM bench_claims) + o.bench_turn)",
    "requests_claim.token": "translate(substr(encode(sha256(({old} || '-' || {k})::bytea),"
    " 'base64'), 1, 43), '+/', '-_')",
    "requests_claim.key": "{old} || '-' || {k}",
    "requests_claim.words": "CASE WHEN {old} = '' THEN '' ELSE {old} || ' ' || "
    + supplement.sentence("{id}::text")
    + " END",
    "requests_claim.contact_name": "coalesce((SELECT concat_ws(' ', t.civility, t.first_name,"
    " t.last_name) FROM tenants_tenant t WHERE t.id = {tenant}), {old})",
    "requests_claim.contact_phone": "CASE WHEN {old} = '' OR tenant_id IS NULL THEN {old} ELSE "
    + supplement.phone("{k} || '-' || tenant_id::text")
    + " END",
    "requests_claim.search": "''",  # written by its own trigger
    "requests_message.text": "{old} || CASE direction WHEN 'in' THEN ' ' || "
    + supplement.sentence("{id}::text")
    + " ELSE '' END",
    "requests_job.key": "left({old}, 56) || '-' || {k}",
    "requests_delivery.key": "CASE WHEN {old} = '' THEN '' ELSE left({old}, 90) || '-' || {k} END",
    "requests_delivery.provider_id": "''",
    "requests_doublepair.one_id": _double("least"),
    "requests_doublepair.other_id": _double("greatest"),
    "requests_fact.residence": _place("agencies_residence"),
    "requests_fact.building": _place("agencies_building"),
    "requests_letter.number": "''",
    "requests_letter.registered": "false",
}


def _models() -> list[type[models.Model]]:
    return [apps.get_model(label) for label in TABLES]


def _tables() -> list[str]:
    return [model._meta.db_table for model in _models()]


def _shifted(field: models.Field, column: str) -> str:
    """Return the SQL of a key of copy k.n: whole numbers jump, UUIDs follow from the old."""
    while field.remote_field and field.is_relation:
        field = field.target_field
    if isinstance(field, models.UUIDField):
        return f"md5({column}::text || '-' || k.n)::uuid"
    table = field.model._meta.db_table
    return f"{column} + k.n * (SELECT last FROM bench_keys WHERE name = '{table}')"


def _select(model: type[models.Model]) -> tuple[str, str]:
    """Return the columns to write and the SQL of their values."""
    copied, table = {*_models()}, model._meta.db_table
    columns, values = [], []
    key = _shifted(model._meta.pk, f"o.{model._meta.pk.column}")
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        old = f"o.{field.column}"
        if change := CHANGED.get(f"{table}.{field.column}"):
            tenant = "md5(o.tenant_id::text || '-' || k.n)::uuid"
            value = (
                change.replace("{k}", "k.n")
                .replace("{old}", old)
                .replace("{id}", f"({key})")
                .replace("{tenant}", tenant)
            )
        elif field.primary_key or field.related_model in copied:
            value = _shifted(field, old)
        else:
            value = old
        columns.append(f'"{field.column}"')
        values.append(value)
    return ", ".join(columns), ", ".join(values)


@dataclass(frozen=True)
class Slice:
    """All copies of the rows ``first`` to ``last`` of a table, in the order of time."""

    table: str
    first: int
    last: int

    @property
    def name(self) -> str:
        return f"{self.table} {self.first}"


def to_write(cursor: Any, times: int) -> list[list[Slice]]:
    """Return the slices that are not written yet: homes and people first, then what names them."""
    cursor.execute("SELECT name FROM bench_done")
    done = {name for (name,) in cursor.fetchall()}
    size = max(1, SLICE // times)
    turns: list[list[Slice]] = [[], []]
    for place, table in enumerate(_tables()):
        cursor.execute(f"SELECT count(*) FROM bench_first_{table}")
        rows = cursor.fetchone()[0]
        turns[place >= TABLES.index("requests.Claim")] += [
            Slice(table, first, first + size - 1) for first in range(1, rows + 1, size)
        ]
    return [[one for one in turn if one.name not in done] for turn in turns]


def write(cursor: Any, part: Slice, times: int) -> None:
    """Write a slice of every copy, and that it is there, in one transaction."""
    cursor.execute("SET palier.scope = 'system'")
    cursor.execute("SET work_mem = '128MB'")
    (model,) = (model for model in _models() if model._meta.db_table == part.table)
    columns, values = _select(model)
    cursor.execute("BEGIN")
    cursor.execute(
        f"INSERT INTO {part.table} ({columns}) SELECT {values} FROM ("
        f"SELECT o.*, bench_copy FROM bench_first_{part.table} o,"
        f" generate_series(1, {times - 1}) copies (bench_copy)"
        f" WHERE o.bench_turn BETWEEN {part.first} AND {part.last}"
        " ORDER BY o.bench_turn, bench_copy) o, LATERAL (SELECT o.bench_copy) k (n)"
    )
    cursor.execute("INSERT INTO bench_done VALUES (%s)", [part.name])
    cursor.execute("COMMIT")


def _in_time(model: type[models.Model]) -> str:
    """Return the SQL of the order in which the rows of a table came."""
    columns = {field.column for field in model._meta.concrete_fields}
    key = f"t.{model._meta.pk.column}"
    if "filed_at" in columns:
        return f"t.filed_at, {key}"
    if "claim_id" in columns:
        return f"(SELECT filed_at FROM requests_claim c WHERE c.id = t.claim_id), {key}"
    return key


def open_tables(cursor: Any, times: int, say: Say) -> None:
    """Take indexes, foreign keys and triggers away, and note them for ``close_tables``."""
    cursor.execute("SET palier.scope = 'system'")
    cursor.execute("SELECT to_regclass('bench_kept') IS NOT NULL")
    if cursor.fetchone()[0]:
        return
    say("references", 0)
    tables = _tables()
    cursor.execute("BEGIN")
    cursor.execute("CREATE TABLE bench_keys (name text PRIMARY KEY, last bigint)")
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk
        cursor.execute(
            f"CREATE TABLE bench_first_{table} AS SELECT *, row_number() OVER"
            f" (ORDER BY {_in_time(model)}) AS bench_turn FROM {table} t"
        )
        if not isinstance(key, models.UUIDField) and not key.remote_field:
            cursor.execute(
                f"INSERT INTO bench_keys SELECT '{table}', coalesce(max({key.column}), 0) + 1000"
                f" FROM {table}"
            )
    cursor.execute("CREATE TABLE bench_done (name text PRIMARY KEY)")
    cursor.execute("CREATE TABLE bench_claims AS SELECT count(*) AS count FROM requests_claim")
    _draw_references(cursor, times)
    cursor.execute(
        """CREATE TABLE bench_kept AS
        SELECT turn, 'ALTER TABLE ' || conrelid::regclass || CASE turn
            WHEN 1 THEN ' ADD CONSTRAINT ' || quote_ident(conname) || ' '
                || pg_get_constraintdef(oid) || ' NOT VALID'
            ELSE ' VALIDATE CONSTRAINT ' || quote_ident(conname) END AS made,
            CASE turn WHEN 1 THEN 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT '
                || quote_ident(conname) END AS dropped
        FROM pg_constraint, (VALUES (1), (2)) AS turns (turn)
        WHERE contype = 'f' AND conparentid = 0
            AND (conrelid::regclass::text = ANY (%(tables)s)
                OR confrelid::regclass::text = ANY (%(tables)s))
        UNION ALL
        SELECT 0, indexdef, 'DROP INDEX ' || quote_ident(indexname) FROM pg_indexes
        WHERE tablename = ANY (%(tables)s) AND NOT EXISTS (SELECT 1 FROM pg_constraint
            WHERE conindid = format('%%I.%%I', schemaname, indexname)::regclass)""",
        {"tables": tables},
    )
    cursor.execute("SELECT dropped FROM bench_kept WHERE dropped IS NOT NULL")
    for (dropped,) in cursor.fetchall():
        cursor.execute(dropped)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    supplement.switch_triggers(cursor, [t for t in tables if t != "requests_claim"], on=False)
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


def to_build(cursor: Any) -> list[list[str]]:
    """Return what was taken away and is not built yet, in turns: those of a turn in any order.

    Indexes, the longest first; foreign keys, not proved; their proof.
    """
    cursor.execute("SELECT turn, made FROM bench_kept ORDER BY made NOT LIKE '%USING gin%', made")
    turns: list[list[str]] = [[], [], []]
    for turn, made in cursor.fetchall():
        turns[turn].append(made)
    return turns


def build(cursor: Any, made: str) -> None:
    """Build one of them; a run that was stopped goes on: it is taken off the list with it."""
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute("SET palier.scope = 'system'")
    cursor.execute("BEGIN")
    cursor.execute(made)
    cursor.execute("DELETE FROM bench_kept WHERE made = %s", [made])
    cursor.execute("COMMIT")


def close_tables(cursor: Any) -> None:
    """Set the counters of keys, let triggers run again, and drop what only copying needed."""
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk
        if isinstance(key, models.AutoField | models.BigAutoField):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'),"
                f" (SELECT max({key.column}) FROM {table}))"
            )
    supplement.switch_triggers(cursor, _tables(), on=True)
    for table in _tables():
        cursor.execute(f"DROP TABLE IF EXISTS bench_first_{table}")
    cursor.execute("DROP TABLE IF EXISTS bench_references")
