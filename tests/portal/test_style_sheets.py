"""Style sheets: every part is served, in one file a page, with nothing lost on the way."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from portal import style_sheets
from portal.style_sheets import PARTS, SHEETS, joined, minified

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
PAPER = {"#fff", "#000"}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def test_every_part_is_in_a_sheet():
    named = {f"{part}.css" for parts in SHEETS.values() for part in parts}
    assert named == {path.name for path in PARTS.iterdir()}


def test_no_colour_is_written_twice_beside_the_tokens():
    """A colour of two places is a token; paper is white and its ink black, whatever the theme."""
    written = Counter(
        colour
        for path in PARTS.glob("*.css")
        if path.stem != "tokens"
        for colour in COLOUR.findall(COMMENT.sub("", path.read_text()))
    )
    assert [colour for colour, times in written.items() if times > 1 and colour not in PAPER] == []


@pytest.mark.parametrize("name", SHEETS)
def test_minifying_takes_only_comments_and_white_space(name):
    sheet = COMMENT.sub("", joined(name))
    bare = re.compile(r"\s+|;(?=\s*})")
    assert bare.sub("", minified(sheet)) == bare.sub("", sheet)


def test_an_empty_custom_property_keeps_its_space():
    """Without it, older browsers take both themes for written and show neither."""
    sheet = minified(":root { --if-light: initial; --if-dark: ; } a { --x: ; color: red }")
    assert sheet == ":root{--if-light:initial;--if-dark: }a{--x: ;color:red}"


@pytest.mark.parametrize("name", [name for name in SHEETS if name != "css/training.css"])
def test_a_sheet_names_its_files_by_their_content(static_files, name):
    stem = Path(name).stem
    (path,) = static_files.glob(f"css/{stem}.*.css")
    targets = re.findall(r"url\(\"?([^)\"]+)\"?\)", path.read_text())
    assert len(targets) == 3
    for target in targets:
        assert re.search(r"\.[0-9a-f]{12}\.woff2$", target)
        assert (path.parent / target).is_file()
    assert not (static_files / "css" / "tokens.css").exists()


def test_a_part_that_was_changed_is_served_changed(monkeypatch, tmp_path):
    monkeypatch.setattr(style_sheets, "PARTS", tmp_path)
    monkeypatch.setattr(style_sheets, "SHEETS", {"css/changing.css": ("one", "two")})
    for part, rule in (("one", "a { color: red; }"), ("two", "b { color: blue; }")):
        (tmp_path / f"{part}.css").write_text(rule)
    served = Path(finders.find("css/changing.css"))
    try:
        assert served.read_text() == "a{color:red}b{color:blue}"
        (tmp_path / "two.css").write_text("b { color: green; }")
        finders.find("css/changing.css")
        assert served.read_text() == "a{color:red}b{color:green}"
    finally:
        served.unlink()
