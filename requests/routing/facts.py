"""What a rule may look at. Stored with every decision, so that "why here?" has an answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Facts:
    """Codes and keys only, never words a person wrote. ``unit`` None: the place is not known."""

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

    def as_dict(self) -> dict:
        """JSON values, for keeping."""
        return {**asdict(self), "needs": list(self.needs)}

    @classmethod
    def from_dict(cls, kept: Mapping) -> "Facts":
        """Facts kept by any earlier version: unknown keys are ignored, missing ones default."""
        given = {name: value for name, value in kept.items() if name in _KNOWN}
        given["needs"] = tuple(given.get("needs", ()))
        return cls(**given)


_KNOWN = frozenset(field.name for field in fields(Facts))
