"""What a change of a setting was, kept beside it in Django's own history so that it can be undone.

The history (``LogEntry``) is the one log of the console and of the emergency settings. Its message
is JSON; we add the values before and after, which Django's own texts leave aside.
"""

import json
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core import serializers
from django.db import models


def record_change(
    obj: models.Model, *, by, values: dict[str, list], labels: list[str], undoes: int | None = None
) -> None:
    """Write that ``by`` changed these values of a row."""
    changed: dict[str, Any] = {"fields": labels, "values": values}
    if undoes:
        changed["undoes"] = undoes
    _write(obj, by, CHANGE, [{"changed": changed}])


def record_addition(obj: models.Model, *, by) -> None:
    """Write that ``by`` added a row."""
    _write(obj, by, ADDITION, [{"added": {}}])


def record_deletion(obj: models.Model, *, by) -> None:
    """Write that ``by`` is about to delete a row, with the row itself."""
    row = serializers.serialize("json", [obj])
    _write(obj, by, DELETION, [{"deleted": {"row": row}}])


def details(entry: LogEntry) -> dict[str, Any]:
    """Return what we keep of an entry: ``values``, ``row`` and ``undoes``, those there are."""
    try:
        message = json.loads(entry.change_message)
    except ValueError:
        return {}
    found: dict[str, Any] = {}
    for part in message if isinstance(message, list) else []:
        for inner in part.values() if isinstance(part, dict) else []:
            if isinstance(inner, dict):
                kept = {name: inner[name] for name in ("values", "row", "undoes") if name in inner}
                found |= {name: value for name, value in kept.items() if name not in found}
    return found


def _write(obj: models.Model, by, flag: int, message: list[dict]) -> None:
    LogEntry.objects.log_actions(by.pk, [obj], flag, message, single_object=True)
