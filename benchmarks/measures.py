"""Measure operations: statements, rows, buffers, milliseconds of the database and of Python."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.test.utils import override_settings

from benchmarks.house import House, Operation
from benchmarks.statement_costs import PATIENCE, Cost, Heard, can_be_explained, explain, heard

CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET ", "BEGIN", "COMMIT")
SLOW = 2.0  # seconds; what takes longer is measured once
HEAVY = 3  # statements of an operation that are kept with their plans
GOOD = (200, 201, 302, 304)


@dataclass
class Heavy:
    """A statement that cost much, with its plan in short lines."""

    buffers: int
    execution: float
    planning: float
    sql: str
    plan: list[str]


@dataclass
class Measure:
    """What one operation cost at one size; ``failed`` says why there are no figures."""

    name: str
    statements: int = 0
    rows: int = 0
    buffers: int = 0
    planning: float = 0
    execution: float = 0
    python: float = 0  # ms of processor, the best run
    python_worst: float = 0
    size: int = 0  # bytes of the answer
    failed: str = ""
    heavy: list[Heavy] = field(default_factory=list)

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict) -> "Measure":
        return cls(**given | {"heavy": [Heavy(**heavy) for heavy in given["heavy"]]})


def _size(answer: Any) -> int:
    if getattr(answer, "streaming", False):
        return sum(len(part) for part in answer.streaming_content)
    return len(getattr(answer, "content", b""))


def _once(operation: Operation, house: House) -> Any:
    answer = operation.run(house)
    status = getattr(answer, "status_code", 200)
    if status not in GOOD and status != operation.answers:
        raise RuntimeError(f"answered {status}")
    return answer


def plan_lines(plan: dict, depth: int = 0) -> list[str]:
    """Return one line for each node of a plan: what, on what, rows and buffers."""
    name = plan["Node Type"]
    for key in ("Index Name", "Relation Name", "CTE Name"):
        if plan.get(key):
            name += f" {plan[key]}"
            break
    buffers = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    loops = plan.get("Actual Loops", 1)
    rows = plan.get("Actual Rows", 0)
    line = f"{'  ' * depth}{name}: {rows:,.0f} rows"
    line += f" × {loops:,}" if loops > 1 else ""
    lines = [f"{line}, {buffers:,} buffers"]
    for inner in plan.get("Plans", ()):
        lines += plan_lines(inner, depth + 1)
    return lines


def _heavy(statements: list[Heard], costs: list[Cost | None]) -> list[Heavy]:
    known = [(cost, told) for told, cost in zip(statements, costs, strict=True) if cost]
    known.sort(key=lambda pair: (pair[0].buffers, pair[0].execution), reverse=True)
    return [
        Heavy(c.buffers, c.execution, c.planning, told.sql[:2_000], plan_lines(c.plan)[:40])
        for c, told in known[:HEAVY]
    ]


def measure(operation: Operation, house: House, *, runs: int = 3, explained: int = 2) -> Measure:
    """Measure one operation: one warm run, one that is heard, then ``runs`` for the processor.

    Without ``runs`` the first run, which also fills the caches, is the only one before it is heard.
    What takes seconds is heard once and no more.

    Each statement is then sent again ``explained`` times with EXPLAIN; the best counts.
    """
    found = Measure(operation.name)
    try:
        began = time.monotonic()
        _once(operation, house)
        slow = time.monotonic() - began > SLOW
        worked = time.process_time()
        with heard() as all_statements:
            answer = _once(operation, house)
        found.size = _size(answer)
        times = [(time.process_time() - worked) * 1e3] if slow else []
        for _ in range(0 if slow else runs):
            began = time.process_time()
            _size(_once(operation, house))
            times.append((time.process_time() - began) * 1e3)
    except (Error, RuntimeError) as error:
        late = "statement timeout" in str(error)
        found.failed = f"> {PATIENCE:,} ms" if late else str(error).strip().splitlines()[0]
        connection.close()
        return found
    if times:
        found.python, found.python_worst = min(times), max(times)
    asked = [one for one in all_statements if not one.sql.startswith(CONTROL)]
    found.statements, found.rows = len(asked), sum(one.rows for one in asked)
    explained_ones = [one for one in asked if can_be_explained(one)]
    costs = explain(explained_ones, 1 if slow else explained)
    found.buffers = sum(cost.buffers for cost in costs if cost)
    found.planning = sum(cost.planning for cost in costs if cost)
    found.execution = sum(cost.execution for cost in costs if cost)
    found.heavy = _heavy(explained_ones, costs)
    return found


def measure_all(operations: Iterable[Operation], **how: int) -> list[Measure]:
    """Measure each operation on the landlord of this connection; one line for each on the way."""
    from benchmarks.operations import statement_timeout

    house = House()
    found = []
    # The limits of what one address may do in an hour are not what is measured.
    with override_settings(
        REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
    ):
        house.unrouted  # noqa: B018 (made before anything is counted)
        for operation in operations:
            statement_timeout(PATIENCE)
            one = measure(operation, house, **how)
            found.append(one)
            print(line(one), flush=True)
        statement_timeout(0)
    return found


def line(one: Measure) -> str:
    """Return the row of the printed table."""
    if one.failed:
        return f"{one.name:<36} {one.failed}"
    return (
        f"{one.name:<36}{one.statements:>5} SQL{one.rows:>8,} rows{one.buffers:>10,} buffers"
        f"{one.planning:>8.1f} +{one.execution:>9.1f} ms{one.python:>8.0f} ms Python"
        f"{one.size:>9,} B"
    )
