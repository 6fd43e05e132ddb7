"""What the rooms above show on the pages of the stock: panels and actions, installed at start.

Agencies know nothing of requests: a slice that has something to say of a place writes a function
of ``StockPage`` and names it in ``requests/wiring.py``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from agencies.models import Building, Dwelling, Equipment, Membership, Residence, Staircase

Place = Residence | Building | Staircase | Dwelling | Equipment


def _building_of(place: Building | Staircase | Dwelling | Equipment) -> Building:
    match place:
        case Building():
            return place
        case Dwelling():
            return place.staircase.building
        case _:
            return place.building


@dataclass(frozen=True)
class StockPage:
    """One page of the stock: its place, and who reads it."""

    place: Place
    membership: Membership
    moment: datetime

    @property
    def kind(self) -> str:
        """Return ``residence``, ``building``, ``staircase``, ``dwelling`` or ``equipment``."""
        return type(self.place).__name__.lower()

    @property
    def residence(self) -> Residence:
        if isinstance(self.place, Residence):
            return self.place
        return _building_of(self.place).residence

    @property
    def building(self) -> Building | None:
        """Return the building of the place; None for a residence."""
        return None if isinstance(self.place, Residence) else _building_of(self.place)

    @property
    def staircase(self) -> Staircase | None:
        """Return the street door of the place; None for a residence or a building."""
        place = self.place
        if isinstance(place, Staircase):
            return place
        return place.staircase if isinstance(place, (Dwelling, Equipment)) else None

    @property
    def dwelling(self) -> Dwelling | None:
        return self.place if isinstance(self.place, Dwelling) else None

    def here(self, path: str = "") -> Q:
        """Return the condition for rows placed here.

        ``path`` leads to the columns ``dwelling``, ``staircase``, ``building``, ``residence``.
        """
        if self.kind == "equipment":
            where = {f"{path}building": self.building}
            if self.staircase:
                return Q(**where) & (
                    Q(**{f"{path}staircase": self.staircase})
                    | Q(**{f"{path}staircase__isnull": True})
                )
            return Q(**where)
        return Q(**{f"{path}{self.kind}": self.place})


@dataclass(frozen=True)
class StockPanel:
    """A part of the page, drawn by ``template`` from what ``context`` returns.

    ``context`` returns None where there is nothing to show to this reader. A panel writes nothing.
    ``beside``: in the narrow column.
    """

    name: str
    template: str
    context: Callable[[StockPage], dict | None]
    beside: bool = False


@dataclass(frozen=True)
class StockAction:
    """A link by which one acts from the page; ``url`` returns None where the reader may not."""

    label: object
    url: Callable[[StockPage], str | None]
    primary: bool = False


_panels: list[StockPanel] = []
_actions: list[StockAction] = []


def install(panels: Iterable[StockPanel], actions: Iterable[StockAction]) -> None:
    """Set panels and actions, in the order of the page; replaces those installed before."""
    _panels[:], _actions[:] = panels, actions


def context_of(page: StockPage) -> dict:
    """Return what the templates of the stock draw: ``panels``, ``beside`` and ``actions``."""
    drawn: dict[bool, list[dict]] = {True: [], False: []}
    for panel in _panels:
        found = panel.context(page)
        if found is not None:
            drawn[panel.beside].append({"name": panel.name, "template": panel.template, **found})
    actions = [(action, action.url(page)) for action in _actions]
    return {
        "panels": drawn[False],
        "beside": drawn[True],
        "actions": [
            {"label": action.label, "url": url, "primary": action.primary}
            for action, url in actions
            if url
        ],
    }
