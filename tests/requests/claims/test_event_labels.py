"""Every event that the code can write has a name on the staff's page."""

import ast
from pathlib import Path

import requests as room
from requests.claims import workflow
from requests.conversation.timeline import SENTENCES
from requests.inbox.history_panel import EVENTS
from requests.notifications import events as notifications

SOURCES = [p for p in Path(room.__file__).parent.rglob("*.py") if "migrations" not in p.parts]
WRITERS = {"record", "_tell", "tell"}


def written() -> set[str]:
    """The constants given as the name of an event; a name passed on is somebody else's constant."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in WRITERS:
                parts = ast.walk(node.args[1])
                found |= {p.value for p in parts if isinstance(getattr(p, "value", None), str)}
    return found


def test_every_event_has_a_name():
    names = written()
    assert {"filed", "too_big", "visit_offered", "called"} <= names
    names |= set(workflow.TRANSITIONS) | set(notifications.TABLE) | set(SENTENCES)
    assert sorted(names - set(EVENTS)) == []
