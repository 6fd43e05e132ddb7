"""What a file may be: the kinds named in the settings, from any room of the house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from .plan import Plan


@dataclass(frozen=True)
class Kind:
    """A kind of file: how it is read, what is said of it, and an example to fill in."""

    code: str
    label: object
    hint: object
    plan: Callable[..., Plan]
    template: Callable[[], list[list[str]]] | None = None


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by code, in the order of ``settings.PALIER_IMPORTS``."""
    found = [import_string(path) for path in settings.PALIER_IMPORTS]
    return {kind.code: kind for kind in found}
