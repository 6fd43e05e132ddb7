"""Which inspections a place had: their keys name it, whatever it is called meanwhile."""

from typing import Any

from agencies.models import Equipment
from requests.claims.access import ClaimQuerySet
from requests.kit.choices import Channel


def _start(place: Any) -> str:
    return f"inspection/{type(place).__name__.lower()}/{place.pk}/"


def key_of(place: Any, key: str) -> str:
    """Return the key under which an inspection of ``place`` is filed."""
    return f"{_start(place)}{key}"


def inspections_of(claims: ClaimQuerySet, equipment: Equipment) -> ClaimQuerySet:
    """Return those of ``claims`` that are inspections of ``equipment``."""
    return claims.filter(channel=Channel.WEB, key__startswith=_start(equipment))
