"""The rules of the house, checked on the source: directions, single writers, no signals."""

import ast
import importlib.metadata
import re
from pathlib import Path

import pytest
from django.core.checks import run_checks

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["portal", "agencies", "tenants", "requests"]
SOURCES = [p for app in ORDER for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts]
# Where people write; migrations are written by Django, lock files by their tools.
WRITTEN = [*ORDER, "benchmarks", "static", "styles", "templates", "tests", "tools"]
LONGEST = 400  # lines


def overlong(root: Path) -> list[str]:
    """Return the files below ``root`` that people write and that are longer than they can read."""
    return [
        f"{path.relative_to(root)}: {length} lines"
        for folder in WRITTEN
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in {".py", ".js", ".css", ".html"} and "migrations" not in path.parts
        if (length := len(path.read_text().splitlines())) > LONGEST
    ]


def test_only_advance_writes_a_state():
    for path in SOURCES:
        if path.parts[-2:] == ("claims", "transitions.py") or "demo" in path.parts:
            continue
        assert not re.search(r"(claim|locked)\.state\s*=[^=]", path.read_text()), path


def test_only_one_action_writes_the_state_of_an_order():
    for path in SOURCES:
        if path.parts[-2:] == ("work_orders", "actions.py"):
            continue
        assert not re.search(r"(order|held)\.state\s*=[^=]", path.read_text()), path


def test_no_file_is_longer_than_400_lines():
    assert overlong(ROOT) == []


def test_a_file_that_grew_too_long_is_found(tmp_path):
    for name, lines in (("static/js/a.js", 401), ("styles/b.css", 400), ("templates/c.html", 401)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n" * lines)
    migration = tmp_path / "portal/migrations/0001_initial.py"
    migration.parent.mkdir(parents=True)
    migration.write_text("x\n" * 401)
    assert overlong(tmp_path) == ["static/js/a.js: 401 lines", "templates/c.html: 401 lines"]


# The libraries that log people in tell of it by signals alone; only a line of the log follows.
RECEIVES = {"portal/security_log.py"}


def test_no_signal_receivers():
    found = {str(path.relative_to(ROOT)) for path in SOURCES if "@receiver" in path.read_text()}
    assert found == RECEIVES


def test_every_module_says_why_it_exists():
    for path in SOURCES:
        text = path.read_text()
        assert not text.strip() or ast.get_docstring(ast.parse(text)), path


def test_the_library_named_requests_is_absent():
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.distribution("requests")


def test_system_checks_pass():
    assert run_checks() == []


# It begins at any place by its key; the rest of the code names a query or a list to it.
PAGER = "portal/windows.py"
SKIPS = re.compile(r"Paginator\(|\bOFFSET\b|import .*\bPaginator\b|PageNumberP|LimitOffset")


def test_no_list_skips_rows_to_reach_a_page():
    """A page by OFFSET reads all that come before it: docs/adr/0064-lists-in-windows.md."""
    found = {str(path.relative_to(ROOT)) for path in SOURCES if SKIPS.search(path.read_text())}
    assert found == {PAGER}


def test_what_skips_rows_is_found():
    for line in (
        "from django.core.paginator import Page, Paginator",
        "Paginator(rows, 50).get_page(1)",
        "sql = 'SELECT 1 FROM claims OFFSET 500'",
    ):
        assert SKIPS.search(line), line
