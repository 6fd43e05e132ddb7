"""Write docs/lifecycle.md from the transition table, so that the two cannot disagree."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from portal.access import DESK_ROLES, Role
from requests.claims.workflow import TRANSITIONS, Transition
from requests.kit.choices import ENDED, State

HEAD = """# The life of a claim

Generated from `requests/claims/workflow.py` by `manage.py lifecycle`: edit the table, not this
page. A state is written by `requests/claims/transitions.py` only. A hand-over changes the owner,
never the state.
"""


def document() -> str:
    """Return the whole page, in English."""
    with translation.override("en"):
        return "\n".join([HEAD, _diagram(), _states(), _transitions()])


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.RECEIVED}"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS.values():
        for source in State:
            if row.target and source in row.sources:
                arrows.setdefault((source.value, str(row.target)), []).append(row.name)
    lines += [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in arrows.items()]
    lines += [f"    {state.value} --> [*]" for state in State if state in ENDED]
    return "\n".join([*lines, "```", ""])


def _states() -> str:
    lines = ["## States", "", "| State | On screen | Ended |", "|---|---|---|"]
    lines += [f"| `{s.value}` | {s.label} | {'yes' if s in ENDED else ''} |" for s in State]
    return "\n".join([*lines, ""])


def _transitions() -> str:
    lines = [
        "## Transitions",
        "",
        "| Transition | From | To | By | Needs |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, TRANSITIONS.values()), ""])


def _line(row: Transition) -> str:
    sources = ", ".join(f"`{state.value}`" for state in State if state in row.sources)
    target = f"`{row.target}`" if row.target else "the same"
    needs = ", ".join(f"`{need}`" for need in sorted(row.needs)) or "—"
    return f"| `{row.name}` | {sources} | {target} | {_who(row.roles)} | {needs} |"


def _who(roles: frozenset[str]) -> str:
    named = ["any desk"] if roles >= DESK_ROLES else []
    left = roles - DESK_ROLES if named else roles
    return ", ".join([*named, *(str(role.label).lower() for role in Role if role in left)])


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the transition table; --check only compares."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check: bool, **options) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "lifecycle.md"
        if not check:
            path.write_text(document(), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != document():
            raise CommandError("docs/lifecycle.md is not current: run manage.py lifecycle")
