"""Two hundred searches of each kind: what the slowest of twenty costs, and whether a table is read.

Drawn from the landlord's own rows, always the same ones: references, telephone numbers, names,
names with a slip, addresses and words, asked by an agent, a call-taker and head office where each
of them searches.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from random import Random
from urllib.parse import urlencode

from django.db import connection

from benchmarks.house import House
from benchmarks.measures import CONTROL, GOOD
from benchmarks.statement_costs import can_be_explained, explain, heard

NUMBER = 200
LARGE = 2_000  # pages of a table from which on reading it whole counts
WHO = {"agent": "sonia", "call-taker": "nadia", "head office": "helene"}
# A share of each table, always the same one.
DRAWS = {
    "reference": "SELECT reference FROM {claims}",
    "phone": "SELECT replace(contact_phone, '+33', '0') FROM {claims} WHERE contact_phone <> ''",
    "name": "SELECT last_name FROM {people}",
    "name with a slip": "SELECT last_name FROM {people} WHERE length(last_name) > 5",
    "address": "SELECT street FROM {streets}",
    "words": "SELECT words FROM {claims} WHERE length(words) > 30",
}
TABLES = {
    "claims": "requests_claim",
    "people": "tenants_tenant",
    "streets": "agencies_staircase",
}


@dataclass
class Asked:
    """The searches of one kind by one role: milliseconds and buffers of the database."""

    kind: str
    who: str
    number: int
    median: float
    p95: float
    median_buffers: int
    p95_buffers: int
    most_buffers: int
    worst: str  # the text that took the most buffers
    scanned: list[str]  # large tables that were read whole

    def as_json(self) -> dict:
        return asdict(self)


def slip(rng: Random, word: str) -> str:
    """Return the word with two neighbours exchanged, a letter left out or written twice."""
    place = rng.randrange(1, len(word) - 2)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return (
        word[:place] + word[place + 1 :]
        if kind == 1
        else word[:place] + word[place:][0] + word[place:]
    )


def _draw(kind: str, number: int) -> list[str]:
    """Return texts of the kind as people type them."""
    rng = Random(kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('palier.scope', 'system', false)")
        samples = {}
        for name, table in TABLES.items():
            cursor.execute(f"SELECT greatest(reltuples, 1) FROM pg_class WHERE relname = '{table}'")
            share = min(100.0, 100 * 40 * number / cursor.fetchone()[0])
            samples[name] = f"{table} TABLESAMPLE BERNOULLI ({share}) REPEATABLE (7)"
        cursor.execute(f"{DRAWS[kind].format(**samples)}")
        rows = [text for (text,) in cursor.fetchall()]
    rng.shuffle(rows)
    rows = rows[:number]
    if kind == "name with a slip":
        return [slip(rng, row) for row in rows]
    if kind == "words":
        return [_two(rng, row) for row in rows]
    return rows


def _two(rng: Random, text: str) -> str:
    """Return two words of a sentence that say something."""
    words = [word.strip(".,;:!?« »") for word in text.split()]
    words = [word for word in words if len(word) > 4] or words
    return " ".join(rng.sample(words, min(2, len(words))))


def _path(who: str, kind: str, text: str) -> str:
    if who == "call-taker":
        return f"/calls/?{urlencode({'tel' if kind == 'phone' else 'q': text})}"
    return f"/agency/?{urlencode({'view': 'all', 'q': text})}"


def _scans(plan: dict, large: set[str]) -> set[str]:
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return (own & large).union(*(_scans(inner, large) for inner in plan.get("Plans", ())))


def _large() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages > %s", [LARGE]
        )
        return {name for (name,) in cursor.fetchall()}


def measure(number: int = NUMBER) -> list[Asked]:
    """Ask ``number`` searches in all, in turn by each role; one line for each kind and role."""
    house, large = House(), _large()
    each = number // len(DRAWS) + 1
    found: list[Asked] = []
    for kind in DRAWS:
        costs: dict[str, list[tuple[float, int, str, set[str]]]] = defaultdict(list)
        for text in _draw(kind, each):
            for who, login in WHO.items():
                with heard() as statements:
                    answer = house.client(login).get(_path(who, kind, text))
                if answer.status_code not in GOOD:
                    raise RuntimeError(f"{text!r} answered {answer.status_code} to {who}")
                asked = [
                    one
                    for one in statements
                    if not one.sql.startswith(CONTROL) and can_be_explained(one)
                ]
                plans = [cost for cost in explain(asked) if cost]
                scanned = set().union(*(_scans(cost.plan, large) for cost in plans))
                costs[who].append(
                    (
                        sum(cost.execution + cost.planning for cost in plans),
                        sum(cost.buffers for cost in plans),
                        text,
                        scanned,
                    )
                )
        for who, rows in costs.items():
            times, buffers = sorted(row[0] for row in rows), sorted(row[1] for row in rows)
            late = min(len(rows) - 1, len(rows) * 95 // 100)
            found.append(
                Asked(
                    kind,
                    who,
                    len(rows),
                    times[len(rows) // 2],
                    times[late],
                    buffers[len(rows) // 2],
                    buffers[late],
                    buffers[-1],
                    max(rows, key=lambda row: row[1])[2],
                    sorted(set().union(*(row[3] for row in rows))),
                )
            )
            print(line(found[-1]), flush=True)
    return found


def line(one: Asked) -> str:
    """Return the row of the printed table."""
    return (
        f"search {one.kind:<18}{one.who:<13}{one.number:>4} × {one.median:>7.1f} ms"
        f"{one.p95:>8.1f} p95{one.median_buffers:>7,} buffers{one.p95_buffers:>8,} p95"
        f"{one.most_buffers:>8,} most ({one.worst[:40]}) {' '.join(one.scanned)}"
    )
