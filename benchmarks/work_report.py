"""Keep what benchmarks/work.py measured, and tell it in docs/performance.md."""

import json
from typing import Any

from benchmarks.results import circumstances, kept, told

NAME = "work"


def keep(part: str, found: dict[str, Any]) -> None:
    """Keep the figures of one part, with where and when."""
    path = kept(NAME)
    known = json.loads(path.read_text()) if path.exists() else {}
    known[part] = found | circumstances()
    path.write_text(json.dumps(known, ensure_ascii=False))


def section() -> list[str]:
    """Return the lines of docs/performance.md about work; [] when nothing was measured."""
    path = kept(NAME)
    known = json.loads(path.read_text()) if path.exists() else {}
    if not known:
        return []
    lines = [
        '## After "Send"',
        "",
        "Written by `python -m benchmarks.work`. Milliseconds of processor; counts and memory.",
        "",
    ]
    for part, run in known.items():
        lines += [*tell(part, run), "", f"({told(run)}.)", ""]
    return lines


def tell(part: str, run: dict[str, Any]) -> list[str]:
    """Return what one part found, in lines of Markdown."""
    return TELLERS[part](run)


def _cost(run: dict[str, Any]) -> list[str]:
    whole = run["python"] + run["database"]
    return [
        f"**A filing until it is routed and told**: {whole:.1f} ms ({run['python']:.1f} of Python,"
        f" {run['database']:.1f} of PostgreSQL; limit 40), without fetching pages. In Python:",
        "",
        *(f"- {name}: {ms:.1f} ms, {times:.1f} times" for name, (ms, times) in _parts(run)),
    ]


def _parts(run: dict[str, Any]) -> list[tuple[str, list[float]]]:
    return list(run["parts"].items())


def _job(run: dict[str, Any]) -> list[str]:
    ratio = run["leased"] / run["bare"]
    return [
        f"**A job that does nothing**: {run['leased']:.2f} ms of Python leased, its attempt counted"
        f" before its effect; {run['bare']:.2f} ms in a bare loop of SELECT … FOR UPDATE SKIP"
        f" LOCKED and UPDATE, a transaction each: {ratio:.1f} times (limit 10)."
    ]


def _backlog(run: dict[str, Any]) -> list[str]:
    drift = [mb for _at, mb in run["memory"]]
    way = ", ".join(f"{at:,}: {mb:+.1f}" for at, mb in run["memory"])
    return [
        f"**A backlog of {run['jobs']:,} jobs**: {run['python']:.1f} ms of Python each,"
        f" {run['left']:,} left to wait for their time; memory from {min(drift):+.1f} to"
        f" {max(drift):+.1f} MB (limit ± 10) on the way ({way})."
    ]


def _pruning(run: dict[str, Any]) -> list[str]:
    each = run["python"] + run["database"]
    return [
        f"**Pruning**: {run['rows']:,} finished jobs erased by their rule, {each:.2f} ms each"
        f" ({run['database']:.2f} of PostgreSQL)."
    ]


def _bloat(run: dict[str, Any]) -> list[str]:
    first, last = run["lease"]
    return [
        f"**A transaction open for {run['seconds']:,} s** while {run['filed']:,} filings are"
        f" worked: looking for due work reads {first:,} buffers at first, {last:,} at the end;"
        f" {run['dead_after']:,} dead rows once it has ended and the tables are vacuumed.",
        "",
        "| table | dead rows | a filing | grown by MB |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {dead:,} | {dead / max(1, run['filed']):.1f} | {mb:.1f} |"
            for name, (dead, mb) in run["dead"].items()
        ),
    ]


def _held(run: dict[str, Any]) -> list[str]:
    return [
        f"**{run['rate']:.1f} filings a second for {run['seconds']:.0f} s** (20 are asked for), two"
        f" worker processes: {run['routed']:,} of {run['filed']:,} routed; sent to routed"
        f" {run['median']:.2f} s, p95 {run['p95']:.2f} s (limit 1). A filing takes"
        f" {run['filing']:.1f} ms to write and {run['working']:.1f} ms to work,"
        f" {run['core']:.0%} of one core in all."
    ]


TELLERS = {
    "cost": _cost,
    "job": _job,
    "backlog": _backlog,
    "pruning": _pruning,
    "bloat": _bloat,
    "held": _held,
}
