"""`docs/asvs.md` names every requirement of levels 1 and 2 once, and what it points at exists."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "asvs.md").read_text()
ROWS = [
    (number, subject, int(level), state, reason)
    for number, subject, level, state, reason in re.findall(
        r"^\| (V[\d.]+) \| (.+?) \| ([12]) \| (.+?) \| (.+) \|$", PAGE, re.M
    )
]
STATES = ("met", "partly", "open", "not applicable")
# Of each section of version 5.0.0, the level of each requirement in turn.
SECTIONS = """
V1.1 22, V1.2 1111122223, V1.3 112222222223, V1.4 222, V1.5 123, V2.1 122, V2.2 112,
V2.3 12223, V2.4 23, V3.1 3, V3.2 113, V3.3 12223, V3.4 11222233, V3.5 11122333, V3.6 3,
V3.7 22333, V4.1 12233, V4.2 23333, V4.3 22, V4.4 1222, V5.1 2, V5.2 112333, V5.3 113,
V5.4 222, V6.1 122, V6.2 111111112222, V6.3 11223333, V6.4 112233, V6.5 22222333, V6.6 2223,
V6.7 33, V6.8 2222, V7.1 222, V7.2 1111, V7.3 22, V7.4 11222, V7.5 223, V7.6 22, V8.1 1233,
V8.2 1123, V8.3 133, V8.4 23, V9.1 111, V9.2 1222, V10.1 22, V10.2 223, V10.3 22223,
V10.4 1111122222233333, V10.5 22222, V10.6 22, V10.7 222, V11.1 2233, V11.2 22233, V11.3 11233,
V11.4 1222, V11.5 23, V11.6 23, V11.7 33, V12.1 12233, V12.2 11, V12.3 22223, V13.1 2333,
V13.2 222223, V13.3 2233, V13.4 1222233, V14.1 22, V14.2 12223333, V14.3 122, V15.1 12233,
V15.2 12233, V15.3 1222222, V15.4 3333, V16.1 2, V16.2 22222, V16.3 2222, V16.4 222,
V16.5 2223, V17.1 23, V17.2 22223333, V17.3 22
"""


def expected() -> dict[str, int]:
    """Return the level of each requirement of levels 1 and 2."""
    found = {}
    for section in SECTIONS.split(","):
        name, levels = section.split()
        for place, level in enumerate(levels, 1):
            if level != "3":
                found[f"{name}.{place}"] = int(level)
    return found


def named(reason: str) -> list[tuple[str, str]]:
    """Return the files that a line names, each with the test behind it or ""."""
    names = re.findall(r"`([\w.-]*(?:/[\w.-]+)*/?)(?:::(\w+))?`", reason)
    return [(path, test) for path, test in names if is_path(path)]


def is_path(name: str) -> bool:
    return (ROOT / name).exists() or ("/" in name and not name.startswith("/"))


def test_every_requirement_stands_once_with_its_level():
    assert len(expected()) == 253
    assert Counter(number for number, *_rest in ROWS) == Counter(dict.fromkeys(expected(), 1))
    assert {number: level for number, _subject, level, *_rest in ROWS} == expected()


def test_every_line_has_a_state_and_says_why():
    for number, subject, _level, state, reason in ROWS:
        assert state in STATES, number
        assert 0 < len(subject.split()) <= 8, number
        assert reason.strip(), number
        if state in ("met", "partly"):
            assert named(reason), f"{number} points at nothing"


def test_what_is_pointed_at_exists():
    for number, *_rest, reason in ROWS:
        for path, test in named(reason):
            assert (ROOT / path).exists(), (number, path)
            if test:
                assert f"def {test}(" in (ROOT / path).read_text(), (number, test)


def test_the_counts_are_true():
    for state in (*STATES, "all"):
        counted = [level for _n, _s, level, its, _r in ROWS if state in (its, "all")]
        row = [counted.count(1), counted.count(2), len(counted)]
        assert f"| {state} | {' | '.join(map(str, row))} |" in PAGE
