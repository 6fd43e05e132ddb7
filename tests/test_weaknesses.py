"""Every weakness that was once found is tried again by a test (tests/weaknesses.py)."""

import re
from collections import defaultdict
from pathlib import Path

from tests.weaknesses import WEAKNESSES

MARK = re.compile(r"mark\.weakness\(\s*(\"[^)]*?\")\s*,?\s*\)", re.S)
HERE = Path(__file__).resolve().parent


def marked() -> dict[str, list[str]]:
    """Return weakness → the test files that repeat it."""
    found = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        for names in MARK.findall(path.read_text(encoding="utf-8")):
            for name in re.findall(r'"([^"]*)"', names):
                found[name].append(str(path.relative_to(HERE)))
    return dict(found)


def test_every_weakness_is_tried_again_and_listed():
    found = marked()
    assert set(WEAKNESSES) - set(found) == set(), "nothing repeats these any more"
    assert set(found) - set(WEAKNESSES) == set(), "say in tests/weaknesses.py what these are"
