"""Documents that describe the code agree with it."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from portal.access import Role
from requests.kit.choices import State

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROOT = DOCS.parent


def test_the_lifecycle_page_is_current():
    call_command("lifecycle", check=True)
    page = (DOCS / "lifecycle.md").read_text()
    assert "stateDiagram-v2" in page
    assert all(f"`{state.value}`" in page for state in State)


def test_the_glossary_names_every_role_and_state():
    page = (DOCS / "glossary.md").read_text()
    missing = [word for word in [*Role.values, *State.values] if f"`{word}`" not in page]
    assert missing == []


DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *ROOT.glob("requests/*/README.md"),
    ]
)
CODE = ["agencies", "portal", "requests", "tenants", "tests"]
SLICES = sorted(
    path.parent
    for path in ROOT.glob("requests/*/__init__.py")
    if path.parent.name not in {"management", "migrations", "models", "templatetags"}
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_documents_name_exist(path):
    if path.name == "CHANGELOG.md":
        return  # it may name what was removed
    text = path.read_text()
    # `a/b.py` or `a/b/`, also with ": name()" behind it. `<slice>` stands for any name.
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:/|/[\w.-]+\.\w+))(?:`|: )", text)
    named += re.findall(r"\b(docs/[\w./-]+\.md)\b", text)
    if path.parent.parent.name == "requests":  # a slice's README also names its own files
        named += re.findall(r"`(\w+\.py)`", text)
    places = [ROOT, path.parent]
    missing = [name for name in named if not any((place / name).exists() for place in places)]
    assert missing == []


def test_code_cites_rules_and_decisions_that_exist():
    """``docs/principles.md, T3`` and ``docs/adr/0002`` name something that is there."""
    rules = set(re.findall(r"\b([PCTMD]\d+)\b", (DOCS / "principles.md").read_text()))
    for path in [file for room in CODE for file in ROOT.joinpath(room).rglob("*.py")]:
        text = path.read_text()
        for cited in re.findall(r"docs/principles\.md, ((?:[PCTMD]\d+(?:, | and | to )?)+)", text):
            assert set(re.findall(r"[PCTMD]\d+", cited)) <= rules, (path, cited)
        for number in re.findall(r"docs/adr/(\d{4})", text):
            assert list(DOCS.glob(f"adr/{number}-*.md")), (path, number)


@pytest.mark.parametrize("folder", SLICES, ids=lambda p: p.name)
def test_every_slice_says_what_it_is_for(folder):
    readme = folder / "README.md"
    assert readme.exists()
    text = readme.read_text()
    for part in ("**Words.**", "**Public interface.**", "**Never:**", "**Floor:**", "**Uses:**"):
        assert part in text, part
    assert (folder / "__init__.py").read_text().startswith('"""')


@pytest.mark.parametrize("folder", SLICES, ids=lambda p: p.name)
def test_a_readme_names_the_slices_that_are_used(folder):
    """An import that comes or goes changes the line "Uses" of the slice's README."""
    names = {path.name for path in SLICES} - {folder.name}
    used = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("requests"):
                parts = [*node.module.split("."), *(alias.name for alias in node.names)]
                used |= names & set(parts[1:2])
    line = (folder / "README.md").read_text().partition("**Uses:**")[2]
    assert used == set(re.findall(r"`(\w+)`", line))


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    for article in range(1, 16):
        assert re.search(rf"^{article}\. ", text, re.M)
    assert "Appendix" in text
