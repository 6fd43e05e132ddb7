"""The kinds of files that can be imported, named in the settings by dotted path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from .plan import Plan


@dataclass(frozen=True)
class Kind:
    """A kind of file: how to read it, how to report on it, and an example to fill in."""

    code: str
    label: object
    hint: object
    plan: Callable[..., Plan]
    template: Callable[[], list[list[str]]] | None = None


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds by code, in the order of ``settings.PALIER_IMPORTS``."""
    found = [import_string(path) for path in settings.PALIER_IMPORTS]
    return {kind.code: kind for kind in found}
