"""The French catalogue, read as text."""

import re
from pathlib import Path

from django.conf import settings

PO = Path(settings.BASE_DIR) / "portal/locale/fr/LC_MESSAGES/django.po"


PART = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:"(?:[^"\\]|\\.)*"\n)+)', re.M)


def joined(block: str) -> str:
    raw = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', block))
    return raw.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")


def entries() -> list[dict[str, str]]:
    """One dictionary of parts per message, the header left out."""
    blocks = (PO.read_text() + "\n").split("\n\n")
    found = [{name: joined(text) for name, text in PART.findall(b + "\n")} for b in blocks]
    return [entry for entry in found if entry.get("msgid")]


def french(entry: dict[str, str]) -> list[str]:
    return [text for name, text in entry.items() if name.startswith("msgstr")]
