"""Documents that describe the code agree with it."""

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


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS.glob("*.md")], ids=lambda p: p.name)
def test_files_that_documents_name_exist(path):
    named = re.findall(
        r"`((?:docs|portal|requests|agencies|tenants|benchmarks)/[\w./-]+)`", path.read_text()
    )
    assert [name for name in named if not (ROOT / name.rstrip("/")).exists()] == []


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    for article in range(1, 16):
        assert re.search(rf"^{article}\. ", text, re.M)
    assert "Appendix" in text
