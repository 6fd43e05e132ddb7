"""pyproject.toml, the lock and the imports agree; no library needs the PyPI library `requests`."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
APPS = ("portal", "agencies", "tenants", "requests")
DOTTED = re.compile(r"[a-z_][a-z0-9_]*(\.\w+)*")
# benchmarks/peer/helpdesk_site.py is run by its path, so that what stands beside it is on the path.
OURS = {*APPS, "benchmarks", "tests", "tools", "costs"}


def declared(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


APP = declared(PROJECT["dependencies"])
DEV = declared(PROJECT["optional-dependencies"]["dev"])
# Declared, although no module of ours names them: what they are needed for.
NOT_IMPORTED = {
    "psycopg2-binary": "the driver behind django.db.backends.postgresql",
    "gunicorn": "the command of the image",
    "django-stubs": "a plugin of mypy",
    "djlint": "run by `make quality`",
    "import-linter": "run by `make quality`",
    "mypy": "run by `make quality`",
    "polib": "reads the catalogues in the tests of translations",
    "pytest-django": "a plugin of pytest",
    "pytest-randomly": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "run by `make quality`",
}
# Modules of libraries that import the PyPI library `requests`, which our app hides: each must be
# one that we never load, or that does without. Only add a line after reading the module.
REVIEWED = {
    "celery/backends/gcs.py": "the result backend on Google's storage; we keep no results",
    "allauth/idp/": "the identity provider of allauth, not installed as an app",
    "allauth/socialaccount/adapter.py": "in the function that opens a provider's session",
    "allauth/socialaccount/providers/": "sign-on by OAuth; not installed as an app",
    "rest_framework/compat.py": "tried at import; PortalConfig.ready() says that it is absent",
    "jsonschema/validators.py": "only for references to http addresses; our schemas have none",
    "redis/ocsp.py": "only with ssl_validate_ocsp, which we do not set",
    "truststore/_api.py": "only in inject_into_ssl(), which we do not call",
    "valkey/ocsp.py": "only with ssl_validate_ocsp, which we do not set",
}


def pinned(name: str) -> dict[str, str]:
    """Name of each distribution of a lock file and its block of lines."""
    text = (ROOT / "requirements" / name).read_text()
    blocks = re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(.*(?:\n[ #].*)*)", text)
    return {canonicalize_name(found): block for found, block in blocks}


@cache
def imported_by(folder: str) -> tuple[frozenset[str], frozenset[str]]:
    """Top-level modules that the code imports, or names in a string; those needed to run it."""
    said, needed = set(), set()
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            said |= heads(node)
            # Settings and the embedded services name modules in strings.
            text = str(node.value) if isinstance(node, ast.Constant) else ""
            if "portal" in path.parts and DOTTED.fullmatch(text):
                said.add(text.partition(".")[0])
        for node in ast.walk(at_run_time(tree)):
            needed |= heads(node)
    return frozenset(said), frozenset(needed)


def modules() -> dict[str, set[str]]:
    """Top-level modules of each installed distribution."""
    found: dict[str, set[str]] = {}
    for module, names in importlib.metadata.packages_distributions().items():
        for name in names:
            found.setdefault(canonicalize_name(name), set()).add(module)
    return found


@pytest.mark.parametrize(("lock", "wanted"), [("app.txt", APP), ("dev.txt", APP | DEV)])
def test_the_lock_pins_what_is_declared_with_hashes_and_no_address(lock, wanted):
    blocks = pinned(lock)
    assert wanted - blocks.keys() == set()
    assert [name for name, block in blocks.items() if "--hash=sha256:" not in block] == []
    assert "://" not in (ROOT / "requirements" / lock).read_text()


def test_both_locks_agree():
    app, dev = pinned("app.txt"), pinned("dev.txt")
    versions = {name: (block.split()[0], dev[name].split()[0]) for name, block in app.items()}
    assert {name: pair for name, pair in versions.items() if len(set(pair)) > 1} == {}


def test_everything_declared_is_used():
    by, said = modules(), {name for folder in APPS for name in imported_by(folder)[0]}
    unused = {name for name in APP - NOT_IMPORTED.keys() if not by.get(name, set()) & said}
    said |= imported_by("tests")[0] | imported_by("benchmarks")[0]
    unused |= {name for name in DEV - NOT_IMPORTED.keys() if not by.get(name, set()) & said}
    assert unused == set()
    assert NOT_IMPORTED.keys() - APP - DEV == set()


class AtRunTime(ast.NodeTransformer):
    """Drop what stands under ``if TYPE_CHECKING:``, which only the type checker reads."""

    def visit_If(self, node: ast.If):
        self.generic_visit(node)
        checked = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return node.orelse if checked else node


def at_run_time(tree: ast.Module) -> ast.Module:
    return AtRunTime().visit(tree)


@pytest.mark.parametrize(
    ("folders", "allowed"), [(APPS, APP), (("tests", "benchmarks"), APP | DEV)]
)
def test_everything_imported_is_declared(folders, allowed):
    by = modules()
    ready = {module for name in allowed for module in by.get(name, set())}
    foreign = {name for folder in folders for name in imported_by(folder)[1]}
    # portal/dev/browser.py asks playwright for its browser in development only.
    assert foreign - OURS - set(sys.stdlib_module_names) - ready - {"playwright"} == set()


def wants_requests() -> list[str]:
    """Modules of the libraries of the running portal that import the library `requests`."""
    found = []
    for name in pinned("app.txt"):
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or Python
        for file in files:
            path = Path(file.locate())
            if file.suffix != ".py" or not path.exists():
                continue
            source = path.read_text(errors="replace")
            if not re.search(r"(?m)^\s*(?:import|from)\s[^#\n]*\brequests\b", source):
                continue
            if any("requests" in heads(node) for node in ast.walk(ast.parse(source))):
                found.append(str(file))
    return found


def heads(node: ast.AST) -> set[str]:
    """The top-level packages that a node imports; none when it is no import."""
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return {node.module.partition(".")[0]}
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return set()


def test_no_library_imports_the_requests_that_our_app_hides():
    found = wants_requests()
    known = tuple(REVIEWED)
    assert [file for file in found if not file.startswith(known)] == []
    stale = [line for line in known if not any(file.startswith(line) for file in found)]
    assert stale == [], "reviewed, and gone: take the line out"


def test_no_library_asks_for_requests():
    installed = {canonicalize_name(d.name) for d in importlib.metadata.distributions()}
    wanting = [
        f"{name}: {line}"
        for name in pinned("app.txt")
        if name in installed
        for line in importlib.metadata.requires(name) or []
        if canonicalize_name(Requirement(line).name) == "requests" and "extra" not in line
    ]
    assert wanting == []
