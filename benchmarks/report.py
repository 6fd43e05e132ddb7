"""Keep what was measured, and write docs/performance.md from it."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.landlords import SIZES, Size
from benchmarks.load import CLIENTS, SECONDS, Answered
from benchmarks.measuring import Heavy, Measure
from tests.moments import real_now

FILE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
SLOWEST = 15
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
from the size before. Counts and buffers compare runs and machines. Milliseconds compare only within
one run: whatever else the machine does is in them, and a load average above the number of cores
says that it was busy.
"""


def _kept(size: str) -> Path:
    folder = Path(settings.BASE_DIR) / ".palier" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{size}.json"


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    return {
        "cores": os.cpu_count(),
        "memory": round(memory),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load": round(busy, 1),
    }


def keep(
    size: Size,
    measures: list[Measure],
    answered: list[Answered],
    commit: str,
    left_out: list[str],
) -> None:
    """Keep the figures of one run at one size, with where and when it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting, unit FROM pg_settings WHERE name = ANY (%s)", [SETTINGS.split()]
        )
        told = {
            name: f"{setting} {unit or ''}".strip() for name, setting, unit in cursor.fetchall()
        }
        cursor.execute("SHOW server_version")
        told["PostgreSQL"] = cursor.fetchone()[0]
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            rows[table] = cursor.fetchone()[0]
        cursor.execute("SELECT pg_database_size(current_database())")
        space = cursor.fetchone()[0]
    path = _kept(size.name)
    given = {
        # The clock of this process stands at the landlord's moment.
        "at": real_now().isoformat(),
        "commit": commit,
        "machine": _machine(),
        "settings": told,
        "rows": rows,
        "space": space,
        "measures": [one.as_json() for one in measures],
        "answered": [one.as_json() for one in answered],
        "left_out": left_out,
    }
    path.write_text(json.dumps(given, ensure_ascii=False))


def _all() -> dict[str, dict]:
    return {name: json.loads(_kept(name).read_text()) for name in SIZES if _kept(name).exists()}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _growth(few: float, many: float) -> str:
    return f"{many / few:.1f}" if few else ""


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
    if smaller:
        heads += ["buffers ×", "execution ×"]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    for one in known.values():
        cells = [one.name, *_cells(one)]
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


def _of_size(name: str, runs: dict[str, dict]) -> list[str]:
    run, size = runs[name], SIZES[name]
    machine, rows = run["machine"], run["rows"]
    lines = [
        f"## {size.total:,} dwellings, {rows['requests_claim']:,} claims",
        "",
        f"{run['at'][:16].replace('T', ' ')} UTC, commit {run['commit']}; "
        f"{machine['cores']} cores, "
        f"{machine['memory']} GB, {machine['system']}, load average {machine['load']} at the end. "
        + ", ".join(f"{key} {value}" for key, value in sorted(run["settings"].items()))
        + f". The database takes {run['space'] / 2**30:.1f} GB: "
        + ", ".join(f"{count:,} {table.partition('_')[2]}" for table, count in rows.items())
        + ".",
        "",
        *_table(name, runs),
        "",
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
    lines += [f"## The slowest statements at {SIZES[largest].total:,} dwellings", ""]
    lines += _heaviest(runs[largest])
    FILE.write_text("\n".join(lines).rstrip() + "\n")
    return FILE
