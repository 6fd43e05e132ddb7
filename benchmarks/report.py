"""Keep what was measured, and write docs/performance.md from it."""

import json
from pathlib import Path

from django.db import connection

from benchmarks import work_report
from benchmarks.landlords import SIZES, Size, spent_on
from benchmarks.load import CLIENTS, SECONDS, Answered
from benchmarks.measures import Heavy, Measure
from benchmarks.queries import Asked
from benchmarks.results import circumstances, kept, told

FILE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
SLOWEST = 15
MOST_GROWTH = 1.5
MOST_BUFFERS = {"search": 3_000, "call by": 3_000, "": 2_000}  # by the words in its name
SETTINGS = "shared_buffers effective_cache_size work_mem maintenance_work_mem random_page_cost jit"
TABLES = [
    "requests_claim",
    "requests_claimevent",
    "requests_message",
    "requests_delivery",
    "requests_job",
    "requests_promise",
    "requests_escalationstep",
    "requests_letter",
    "tenants_tenant",
    "agencies_dwelling",
]

INTRODUCTION = """\
# Speed, as measured

Written by `make bench`: do not edit. The landlord is one that the demo's writer makes, with
promises, jobs, deliveries and letters for its ended claims, and names and words as varied as real
ones (`benchmarks/landlords.py`). What is measured stands in `benchmarks/operations.py`.

*SQL*: statements, without those that begin and end transactions. *Buffers*: pages of 8 kB that the
statements read, from memory or disk, when each is sent again with EXPLAIN under the same scope;
*planning* and *execution*: their milliseconds, each statement's best of two. *Python*: milliseconds
of processor for one answer, best–worst of some (once, of what takes over two seconds). *×*: growth
from the size before, in bold beyond 1.5. *Run before*: buffers of the run before this one, where
they were others, for the spread. Counts and buffers compare runs and machines. Milliseconds compare
only within one run: whatever else the machine does is in them, and a load average above the number
of cores says that it was busy.
"""


def keep(
    size: Size,
    measures: list[Measure],
    answered: list[Answered],
    asked: list[Asked],
    left_out: list[str],
) -> None:
    """Keep the figures of one run at one size, with where and when it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting, unit FROM pg_settings WHERE name = ANY (%s)", [SETTINGS.split()]
        )
        chosen = {
            name: f"{setting} {unit or ''}".strip() for name, setting, unit in cursor.fetchall()
        }
        cursor.execute("SHOW server_version")
        chosen["PostgreSQL"] = cursor.fetchone()[0]
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            rows[table] = cursor.fetchone()[0]
        cursor.execute("SELECT pg_database_size(current_database())")
        space = cursor.fetchone()[0]
    path = kept(size.name)
    before = json.loads(path.read_text()) if path.exists() else {}
    given = circumstances() | {
        "settings": chosen,
        "rows": rows,
        "space": space,
        "spent": spent_on(size),
        "measures": [one.as_json() for one in measures],
        "answered": [one.as_json() for one in answered] or before.get("answered", []),
        "asked": [one.as_json() for one in asked] or before.get("asked", []),
        "run_before": {
            "at": before.get("at", ""),
            "commit": before.get("commit", ""),
            "buffers": {one["name"]: one["buffers"] for one in before.get("measures", ())},
        },
        "left_out": left_out,
    }
    path.write_text(json.dumps(given, ensure_ascii=False))


def _all() -> dict[str, dict]:
    return {name: json.loads(kept(name).read_text()) for name in SIZES if kept(name).exists()}


def is_kept() -> bool:
    """Return whether a landlord was measured in this clone."""
    return bool(_all())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _growth(few: float, many: float) -> str:
    if not few:
        return ""
    return f"**{many / few:.1f}**" if many / few > MOST_GROWTH else f"{many / few:.1f}"


def most_buffers(name: str) -> int:
    """Return how many buffers the operation should take at most, at any size."""
    return next(most for words, most in MOST_BUFFERS.items() if words in name)


def _cells(one: Measure | None) -> list[str]:
    if one is None:
        return [""] * 7
    if one.failed:
        return [one.failed] + [""] * 6
    return [
        str(one.statements),
        f"{one.rows:,}",
        f"{one.buffers:,}",
        _number(one.planning),
        _number(one.execution),
        f"{one.python:.0f}–{one.python_worst:.0f}",
        f"{one.size:,}",
    ]


def _table(name: str, runs: dict[str, dict]) -> list[str]:
    """Return the table of one size, with the growth from the size before."""
    before = [other for other in runs if SIZES[other].total < SIZES[name].total]
    smaller = before[-1] if before else ""
    known = {m["name"]: Measure.from_json(m) for m in runs[name]["measures"]}
    fewer = {m["name"]: Measure.from_json(m) for m in runs[smaller]["measures"]} if smaller else {}
    former = runs[name].get("run_before", {}).get("buffers", {})
    heads = [
        "operation",
        "SQL",
        "rows",
        "buffers",
        "planning ms",
        "execution ms",
        "Python ms",
        "bytes",
    ]
    if former:
        heads.append("run before")
    if smaller:
        heads += ["buffers ×", "execution ×"]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    for one in known.values():
        cells = [one.name, *_cells(one)]
        if former:
            other = former.get(one.name, one.buffers)
            cells.append(f"{other:,}" if other != one.buffers else "")
        if smaller:
            few = fewer.get(one.name)
            same = few is not None and not few.failed and not one.failed
            cells += (
                [_growth(few.buffers, one.buffers), _growth(few.execution, one.execution)]
                if few is not None and same
                else ["", ""]
            )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _beyond(name: str, runs: dict[str, dict]) -> list[str]:
    """Return what takes more buffers than it should, or grows more than it should."""
    before = [other for other in runs if SIZES[other].total < SIZES[name].total]
    fewer = {m["name"]: m["buffers"] for m in runs[before[-1]]["measures"]} if before else {}
    large, grow = [], []
    for given in runs[name]["measures"]:
        one = Measure.from_json(given)
        if one.failed or one.buffers > most_buffers(one.name):
            large.append(f"{one.name} ({one.failed or f'{one.buffers:,}'})")
        few = fewer.get(one.name, 0)
        if few and one.buffers > MOST_GROWTH * few:
            grow.append(f"{one.name} ({few:,} → {one.buffers:,})")
    text = [f"Beyond 2,000 buffers, or 3,000 for a search: {', '.join(large) or 'none'}.", ""]
    if fewer:
        rows = SIZES[name].total / SIZES[before[-1]].total
        text += [
            f"With {rows:.0f} times the rows, more than {MOST_GROWTH} times the buffers:"
            f" {', '.join(grow) or 'none'}.",
            "",
        ]
    return text


def _searches(run: dict) -> list[str]:
    """Return the table of the searches that were drawn from the landlord's rows."""
    asked = [Asked(**given) for given in run.get("asked", ())]
    if not asked:
        return []
    lines = [
        f"{sum(one.number for one in asked)} searches drawn from the rows (`benchmarks/queries.py`)"
        ", by the database alone: all statements of the page, planning included.",
        "",
        "| search | by | number | median ms | p95 ms | median buffers | p95 | most |"
        " tables of over 2,000 pages read whole |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for one in asked:
        cells = [one.kind, one.who, str(one.number), _number(one.median), _number(one.p95)]
        cells += [f"{n:,}" for n in (one.median_buffers, one.p95_buffers, one.most_buffers)]
        lines.append("| " + " | ".join([*cells, ", ".join(one.scanned) or "none"]) + " |")
    return [*lines, ""]


def _heaviest(run: dict) -> list[str]:
    """Return the statements that cost the most, each once, with their plans."""
    found: list[tuple[str, Heavy]] = []
    seen: set[tuple[str, int]] = set()
    for given in run["measures"]:
        one = Measure.from_json(given)
        for heavy in one.heavy:
            kind = (heavy.sql[:300], len(heavy.plan))
            if kind not in seen:
                seen.add(kind)
                found.append((one.name, heavy))
    found.sort(key=lambda pair: pair[1].execution, reverse=True)
    lines = []
    for name, heavy in found[:SLOWEST]:
        lines += [
            f"### {name}: {_number(heavy.execution)} ms, {heavy.buffers:,} buffers",
            "",
            "```",
            *(line[:160] for line in heavy.plan),
            "```",
            "",
            "```sql",
            _short(heavy.sql),
            "```",
            "",
        ]
    return lines


def _short(sql: str) -> str:
    """Return the statement without its list of columns, on lines of readable length."""
    text = " ".join(sql.split())
    if text.startswith("SELECT ") and " FROM " in text:
        columns, _from, rest = text.partition(" FROM ")
        if len(columns) > 120:
            text = f"{columns[:100]} … FROM {rest}"
    lines = [text[start : start + 150] for start in range(0, min(len(text), 1_200), 150)]
    return "\n".join(lines) + (" …" if len(text) > 1_200 else "")


def _making(spent: dict[str, int]) -> str:
    """Return how long making the landlord took, after a blank; "" when it is not known."""
    if not spent:
        return ""
    return (
        f" It was made in {spent['seconds']:,} s ({spent['processor']:,} s of processor in Python,"
        f" {spent['memory']:,} MB at most)."
    )


def _of_size(name: str, runs: dict[str, dict]) -> list[str]:
    run, size = runs[name], SIZES[name]
    rows = run["rows"]
    lines = [
        f"## {size.total:,} dwellings, {rows['requests_claim']:,} claims",
        "",
        f"{told(run)}. "
        + ", ".join(f"{key} {value}" for key, value in sorted(run["settings"].items()))
        + f". The database takes {run['space'] / 2**30:.1f} GB: "
        + ", ".join(f"{count:,} {table.partition('_')[2]}" for table, count in rows.items())
        + "."
        + _making(run.get("spent", {})),
        "",
        *_beyond(name, runs),
        *_table(name, runs),
        "",
        *_searches(run),
    ]
    if run["left_out"]:
        lines += [f"Not measured in this run: {', '.join(run['left_out'])}.", ""]
    if run["answered"]:
        lines += [
            f"Over HTTP, {CLIENTS} clients that ask without pause for {SECONDS:.0f} s; gunicorn "
            "with two workers of four threads:",
            "",
            "| operation | answers | wrong | median ms | p95 ms |",
            "|---|---:|---:|---:|---:|",
            *(
                f"| {one['name']} | {one['answers']} | {one['wrong']} | {one['median']:.0f}"
                f" | {one['p95']:.0f} |"
                for one in run["answered"]
            ),
            "",
        ]
    return lines


def write() -> Path:
    """Write docs/performance.md from what was kept of each size."""
    runs = _all()
    largest = list(runs)[-1]
    lines = [INTRODUCTION]
    for name in runs:
        lines += _of_size(name, runs)
    lines += work_report.section()
    lines += [f"## The slowest statements at {SIZES[largest].total:,} dwellings", ""]
    lines += _heaviest(runs[largest])
    FILE.write_text("\n".join(lines).rstrip() + "\n")
    return FILE
