"""What the webhooks of one provider share: whatsapp.py and public_page.py.

Their JSON is not trusted: what is shaped otherwise than documented is left out.
"""

import json


def load(body: bytes) -> object:
    """Return the JSON of a webhook. Raises ValueError for anything else."""
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def inner(row: dict, name: str) -> dict:
    """Return the dict under ``name``, or an empty one."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def rows(row: object, *names: str) -> list[dict]:
    """Return the dicts under a path of lists."""
    found = [row] if isinstance(row, dict) else []
    for name in names:
        lists = [r.get(name) for r in found]
        found = [r for rs in lists if isinstance(rs, list) for r in rs if isinstance(r, dict)]
    return found


def words(value: object) -> str:
    """Return text that the database and a page can hold: no NUL, no half of a surrogate pair."""
    text = str(value or "").replace("\0", "")
    return text.encode("utf-8", "replace").decode()
