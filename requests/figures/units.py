"""Units with what stands beside their figures: dwellings, words in force, looks of head office."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Sum
from django.db.models.functions import JSONObject

from agencies.models import Membership, Residence, Unit
from portal.access import Role
from portal.database.together import ask_together
from portal.text import plain
from requests.figures.models import Annotation, FigureView

LOOKS = 5  # last looks of head office shown to the agency


@dataclass(frozen=True)
class Place:
    """A unit: its dwellings by neighbourhood, its words, and head office's looks, newest first."""

    unit: Unit
    homes: dict[str, int] = field(default_factory=dict)
    notes: list[dict] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)

    @property
    def dwellings(self) -> int:
        """Return how many dwellings it has."""
        return sum(self.homes.values())

    @property
    def note(self) -> str:
        """Return what the unit says, in one line."""
        return " · ".join(
            note["text"]
            if note["figure"] == Annotation.Figure.LINE
            else f"{Annotation.Figure(note['figure']).label} : {note['text']}"
            for note in self.notes
        )

    @property
    def is_office(self) -> bool:
        """Return whether it has no stock of its own."""
        return self.unit.kind == Unit.Kind.HEAD_OFFICE


def read(membership: Membership, *, only: int | None = None) -> list[Place]:
    """Return the units that the member may compare, in alphabetical order; one statement.

    Head office and its call-takers: all; anybody else: their own. ``only`` is one unit's key.
    """
    return of_rows(*ask_together(*asked(membership, only=only)))


def asked(membership: Membership, *, only: int | None = None) -> tuple[QuerySet, QuerySet]:
    """Return the queries for the units of ``read`` and for their dwellings by neighbourhood."""
    in_force = Annotation.objects.filter(unit=OuterRef("pk"), withdrawn_at__isnull=True)
    looks = FigureView.objects.filter(membership__role=Role.HEAD_OFFICE).filter(
        Q(unit__isnull=True) | Q(unit=OuterRef("pk"))
    )
    units = Unit.objects.annotate(
        notes=ArraySubquery(
            in_force.order_by("at").values(
                json=JSONObject(id="pk", figure="figure", text="text", at="at")
            )
        ),
        looks=ArraySubquery(looks.order_by("-at").values("at")[:LOOKS]),
    )
    # Joined and summed once: looked up for each unit or residence, the counts would be most of what
    # a board reads.
    homes = Residence.objects.order_by().values("unit", "district")
    homes = homes.annotate(total=Sum("counted__dwellings", default=0))
    if (own := scope(membership)) is not None:
        units, homes = units.filter(pk=own), homes.filter(unit=own)
    if only is not None:
        units, homes = units.filter(pk=only), homes.filter(unit=only)
    return units, homes


def of_rows(rows: Iterable[Any], homes: Iterable[dict]) -> list[Place]:
    """Return the places of the units that ``asked`` finds, as ``ask_together`` gives them."""
    by_unit: dict[int, dict[str, int]] = defaultdict(dict)
    for row in homes:
        by_unit[row["unit"]][row["district"]] = row["total"]
    places = [
        Place(
            unit,
            by_unit[unit.pk],
            [{**note, "at": datetime.fromisoformat(note["at"])} for note in unit.notes],
            [datetime.fromisoformat(at) for at in unit.looks],
        )
        for unit in rows
    ]
    return sorted(places, key=lambda place: plain(place.unit.name))


def scope(membership: Membership) -> int | None:
    """Return the key of the unit whose figures a member sees; None for all units.

    Head office itself, and those who take calls or are on call for every agency, see all.
    """
    if membership.unit.kind == Unit.Kind.HEAD_OFFICE:
        return None
    return membership.unit_id
