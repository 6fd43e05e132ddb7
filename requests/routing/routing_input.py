"""What a rule may test of a claim; stored with every decision, so that it can be explained."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class RoutingInput:
    """Codes and keys, never text that a person wrote. ``unit`` None: the place is not known."""

    category: str
    urgency: str
    handled_by: str
    unit: str | None
    unit_open: bool
    family: str = ""
    channel: str = ""
    asset: str = ""
    sector: int | None = None
    residence: int | None = None
    needs: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {**asdict(self), "needs": list(self.needs)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "RoutingInput":
        """Return facts stored by any version of Palier.

        Unknown keys are ignored; missing ones get their default.
        """
        given = {name: value for name, value in stored.items() if name in _KNOWN}
        given["needs"] = tuple(given.get("needs", ()))
        return cls(**given)


_KNOWN = frozenset(field.name for field in fields(RoutingInput))
