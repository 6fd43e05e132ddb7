"""What docs/performance.md says of two sizes, without measuring anything."""

from fnmatch import fnmatch

import pytest
from django.conf import settings

from benchmarks import report, work_load, work_report
from benchmarks.measures import Heavy, Measure, plan_lines
from benchmarks.queries import Asked
from requests.jobs import wake


def run(measures: list[Measure], claims: int) -> dict:
    return {
        "at": "2026-11-30T21:00:00+00:00",
        "commit": "abc1234",
        "machine": {"cores": 2, "memory": 8, "system": "Linux", "load": 0.5},
        "settings": {"jit": "off"},
        "rows": {"requests_claim": claims},
        "space": 2**30,
        "measures": [one.as_json() for one in measures],
        "answered": [{"name": "list", "answers": 9, "wrong": 0, "median": 20.4, "p95": 41.0}],
        "left_out": ["search"],
        "spent": {"seconds": 1_200, "processor": 90, "memory": 437},
        "asked": [Asked("name", "agent", 33, 9.0, 21.0, 300, 900, 3_456, "Bi", []).as_json()],
        "run_before": {"buffers": {"list": 431}},
    }


def listed(buffers: int, execution: float, **more) -> Measure:
    return Measure("list", statements=8, buffers=buffers, execution=execution, **more)


@pytest.fixture
def written(tmp_path, monkeypatch):
    heavy = Heavy(900, 120.0, 3.0, "SELECT " + "x, " * 80 + "y FROM claims", ["Seq Scan: 9 rows"])
    late = Measure("board", failed="> 30,000 ms")
    runs = {
        "small": run([listed(100, 2.0)], 2_500),
        "reference": run([listed(450, 8.0, heavy=[heavy]), late], 63_000),
    }
    monkeypatch.setattr(report, "_all", lambda: runs)
    monkeypatch.setattr(report, "FILE", tmp_path / "performance.md")
    return report.write().read_text()


def test_growth_is_told_from_the_size_before(written):
    assert "## 25,000 dwellings, 63,000 claims" in written
    assert "| list | 8 | 0 | 450 | 0.0 | 8.0 | 0–0 | 0 | 431 | **4.5** | **4.0** |" in written
    assert "more than 1.5 times the buffers: list (100 → 450)." in written
    assert "Beyond 2,000 buffers, or 3,000 for a search: board (> 30,000 ms)." in written
    assert "| name | agent | 33 | 9.0 | 21.0 | 300 | 900 | 3,456 | none |" in written
    assert "It was made in 1,200 s (90 s of processor in Python, 437 MB at most)." in written
    assert "| board | > 30,000 ms |" in written
    assert "| list | 9 | 0 | 20 | 41 |" in written
    assert "Not measured in this run: search." in written


def test_the_slowest_statements_are_shown_with_their_plan(written):
    shown = written.partition("## The slowest statements at 25,000 dwellings")[2]
    assert "### list: 120 ms, 900 buffers" in shown
    assert "Seq Scan: 9 rows" in shown
    assert "… FROM claims" in shown


def test_a_plan_is_one_line_for_each_node():
    leaf = {"Node Type": "Index Scan", "Index Name": "by_day", "Actual Rows": 2, "Actual Loops": 3}
    plan = {"Node Type": "Sort", "Actual Rows": 6, "Shared Hit Blocks": 7, "Plans": [leaf]}
    assert plan_lines(plan) == [
        "Sort: 6 rows, 7 buffers",
        "  Index Scan by_day: 2 rows × 3, 0 buffers",
    ]


def test_what_work_costs_is_told_behind_the_sizes(written, tmp_path, monkeypatch):
    monkeypatch.setattr(work_report, "kept", lambda name: tmp_path / f"{name}.json")
    assert work_report.section() == []
    work_report.keep("job", {"bare": 0.5, "leased": 4.0})
    work_report.keep("backlog", {"jobs": 9, "left": 1, "python": 7.0, "memory": [(3, 0), (9, 2.5)]})
    told = "\n".join(work_report.section())
    assert "4.00 ms of Python leased" in told
    assert "8.0 times (limit 10)" in told
    assert "memory from +0.0 to +2.5 MB (limit ± 10)" in told
    assert "\n".join(work_report.section()) in report.write().read_text()


def test_a_worker_of_the_measures_takes_the_work():
    for task in (wake.DRAIN, "requests.tasks.escalate"):
        queue = next(
            route["queue"]
            for name, route in settings.CELERY_TASK_ROUTES.items()
            if fnmatch(task, name)
        )
        assert queue in work_load.QUEUES.split(",")
