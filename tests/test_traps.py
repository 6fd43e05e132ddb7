"""What the house refuses: upward imports, writes in a GET, sending inside a transaction."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction
from django.http import HttpResponse

from portal import http, sms
from portal.read_only import ReadOnlyMiddleware, WriteInGet
from portal.transactions import SentInTransaction
from requests.catalogue.models import Family
from requests.channels.outbound import email

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["portal", "agencies", "tenants", "requests"]
SOURCES = [
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
]
LINTER = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint(folder: Path) -> subprocess.CompletedProcess:
    """Run import-linter in ``folder``."""
    command = [*LINTER, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def copied(folder: Path) -> Path:
    """Copy the four rooms and the linter's configuration."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_imports_keep_to_the_floors():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_new_folder_must_say_on_which_floor_it_stands(tmp_path):
    room = copied(tmp_path) / "requests" / "nowhere"
    room.mkdir()
    (room / "__init__.py").write_text('"""A capability that nobody placed."""\n')
    done = lint(tmp_path)
    assert done.returncode != 0
    assert "nowhere" in done.stdout


def test_an_upward_import_is_refused(tmp_path):
    lower = copied(tmp_path) / "requests" / "claims" / "models.py"
    lower.write_text(lower.read_text() + "\nfrom requests.closing import models  # noqa\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    assert "requests.closing" in done.stdout


def test_modules_that_call_themselves_pure_know_no_database():
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        if not re.search(r"\bPure\b(?! but)", ast.get_docstring(tree) or ""):
            continue
        found.append(path)
        # Enumerations stand in django.db.models; nothing else of it is pure.
        used = re.findall(r"\bmodels\.(\w+)", path.read_text())
        assert set(used) <= {"TextChoices", "IntegerChoices"}, path
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            names = {alias.name for alias in node.names}
            ours = node.module.partition(".")[0] in ROOMS
            assert not (ours and (node.module.endswith("models") or "models" in names)), path
            if node.module.startswith("django.db"):
                assert names <= {"models", "TextChoices", "IntegerChoices"}, path
    assert len(found) > 20


def test_no_room_reaches_a_later_one_by_a_string():
    """A dotted string is an import that no linter sees; settings name what they configure."""
    allowed = {
        ("portal", "access.py"),  # the membership of a request: agencies.access
        ("portal", "middleware.py"),
        ("portal", "urls.py"),  # the one place that joins the addresses
    }
    for path in SOURCES:
        room = path.relative_to(ROOT).parts[0]
        if "settings" in path.parts or (room, path.name) in allowed:
            continue
        later = "|".join(ROOMS[ROOMS.index(room) + 1 :]) or "none"
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.fullmatch(rf"({later})(\.\w+){{2,}}", node.value), (path, node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_model":
                label = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
                assert str(label).partition(".")[0] not in ROOMS, (path, label)


def writes(request) -> HttpResponse:
    """A view that changes a row."""
    Family.objects.update(position=0)
    return HttpResponse("done")


def reads(request) -> HttpResponse:
    """A view that only looks."""
    return HttpResponse(str(Family.objects.count()))


def test_a_get_that_writes_is_refused(db, rf):
    with pytest.raises(WriteInGet):
        ReadOnlyMiddleware(writes)(rf.get("/"))


def test_a_get_that_locks_rows_is_refused(db, rf):
    def locks(request) -> HttpResponse:
        with transaction.atomic():
            list(Family.objects.select_for_update())
        return HttpResponse("done")

    with pytest.raises(WriteInGet):
        ReadOnlyMiddleware(locks)(rf.get("/"))


def test_a_get_that_reads_and_a_post_that_writes_pass(db, rf):
    assert ReadOnlyMiddleware(reads)(rf.get("/")).status_code == 200
    assert ReadOnlyMiddleware(writes)(rf.post("/")).status_code == 200


def test_a_write_in_production_costs_nobody_their_page(db, rf, settings, caplog):
    settings.PALIER_STRICT = False
    assert ReadOnlyMiddleware(writes)(rf.get("/")).status_code == 200
    assert "write in a GET" in caplog.text


@pytest.mark.parametrize(
    "send",
    [
        lambda: email.send(
            email.Mail(to="a@example.test", subject="x", text="x", message_id="<x>")
        ),
        lambda: sms.send("+33639980001", "x"),
        lambda: http.request("POST", "https://provider.example/"),
    ],
    ids=["e-mail", "SMS", "HTTP"],
)
def test_nothing_is_sent_inside_a_transaction(db, send):
    with transaction.atomic(), pytest.raises(SentInTransaction):
        send()


def test_tests_change_settings_in_a_way_that_tells_who_keeps_them():
    """An attribute set on Django's settings sends no signal: storages keep the former folder."""
    quiet = re.compile(r"\.(?:set|del)attr\(\s*\w*settings,|[\"']django\.conf\.settings\.[A-Z]")
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in (ROOT / "tests").rglob("*.py")
        for match in quiet.findall(path.read_text())
        if path.name != "test_traps.py"
    ]
    assert not found, f"use override_settings or pytest-django's settings: {found}"


def test_no_test_imports_from_another_test():
    """What tests share stands in a conftest or a module without tests: each can be read alone."""
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in (ROOT / "tests").rglob("*.py")
        for line in re.findall(r"^\s*from tests\.\S*\btest_\w+ import .*", path.read_text(), re.M)
    ]
    assert found == []
