"""The doors that the register does not tell: the caretaker names them, one small task each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import caretaker_buildings
from agencies.models import Building, Dwelling, Membership
from portal.actor import Actor
from portal.text import plain

SHOWN = 3  # at a time: a task of a minute, not a list of four hundred


class NotThisDoor(Exception):
    """The door cannot be this dwelling's; ``str()`` says why."""


@dataclass(frozen=True)
class DoorTask:
    """One dwelling whose door nobody knows, in the words that help to find it on site."""

    pk: int
    building: int
    street: str
    what: str
    floor: int | None
    # A new key for the form of this line; the phone makes its own.
    key: UUID

    @property
    def missing(self) -> dict:
        """Return what the phone sends when there is no such home."""
        place = {"building": self.building, "dwelling": self.pk}
        return {"kind": "door", "key": self.key, "missing": "1", **place}


def unnamed(building: Building) -> QuerySet[Dwelling]:
    """Return the dwellings of ``building`` to be identified, those not found left aside."""
    rows = Dwelling.objects.filter(
        staircase__building=building, number__gt=0, not_found_at__isnull=True
    )
    return rows.select_related("staircase").order_by(
        "staircase__street", "staircase__code", "floor", "number"
    )


def tasks_of(building: Building) -> tuple[list[DoorTask], int]:
    """Return the first doors to name, and how many there are in all."""
    rows = unnamed(building)
    return [_task(row) for row in rows[:SHOWN]], rows.count()


def _task(row: Dwelling) -> DoorTask:
    said = [
        _("floor %(floor)s") % {"floor": row.floor} if row.floor is not None else "",
        _("%(rooms)s rooms") % {"rooms": row.rooms} if row.rooms else "",
        _("%(area)s m²") % {"area": round(row.area)} if row.area else "",
        _("no. %(number)s of our list") % {"number": row.number},
    ]
    what = " · ".join(part for part in said if part)
    return DoorTask(
        row.pk, row.staircase.building_id, row.staircase.street, what, row.floor, uuid4()
    )


def _own(pk: int, membership: Membership) -> Dwelling:
    """Return the dwelling, locked; Dwelling.DoesNotExist outside the caretaker's buildings."""
    own = caretaker_buildings(membership).order_by()
    rows = Dwelling.objects.select_for_update(of=("self",)).select_related("staircase")
    return rows.get(pk=pk, staircase__building__in=own.values("pk"))


@transaction.atomic
def name_door(
    *, dwelling: int, door: str, floor: int | None, actor: Actor, now: datetime
) -> Dwelling:
    """Write the door that the caretaker read on site; no file of the register changes it again.

    Sent twice it changes nothing. Raises Dwelling.DoesNotExist outside the own buildings,
    ``NotThisDoor`` when the door is another's, or this dwelling was named otherwise meanwhile.
    """
    home = _own(dwelling, actor.membership)
    door = " ".join(door.split())
    if not home.number:
        if plain(home.door) == plain(door):
            return home
        told = _("This dwelling has a name already: door %(door)s.")
        raise NotThisDoor(told % {"door": home.door or "—"})
    floor = home.floor if floor is None else floor
    others = Dwelling.objects.filter(staircase=home.staircase_id, number=0).exclude(pk=home.pk)
    for other in others:
        same_floor = other.floor == floor or None in (other.floor, floor)
        if same_floor and plain(other.door) == plain(door):
            raise NotThisDoor(_("Another dwelling here has this door already."))
    home.door, home.floor, home.number, home.not_found_at = door, floor, 0, None
    home.identified_at, home.identified_by = now, actor.membership.user
    home.save(
        update_fields=[
            "door", "floor", "number", "not_found_at", "identified_at", "identified_by"
        ]
    )  # fmt: skip
    return home


@transaction.atomic
def not_found(*, dwelling: int, actor: Actor, now: datetime) -> Dwelling:
    """Note that no such dwelling is on site: the office reads it on the page of the staircase."""
    home = _own(dwelling, actor.membership)
    if home.number and home.not_found_at is None:
        home.not_found_at = now
        home.save(update_fields=["not_found_at"])
    return home
