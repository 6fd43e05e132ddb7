"""Which piece of equipment a claim is about."""

from collections.abc import Iterable

from agencies.models import Equipment
from requests.claims.models import Claim

# Family of categories → the kind of machine its collective faults are about.
KIND_OF = {"ASC": "lift", "CHA": "boiler", "ACC": "entry", "VMC": "ventilation"}


def pick(claim: Claim, machines: Iterable[Equipment]) -> Equipment | None:
    """Which of a building's machines a claim is about: named by its incident, by its place, or by
    its staircase; None when the fault is of another kind or stays behind one door."""
    kind = KIND_OF.get(claim.category.family.code)
    if kind is None or claim.category.asset == "dwelling":
        return None
    here = [
        machine
        for machine in machines
        if machine.kind == kind
        and machine.building_id == claim.building_id
        and machine.staircase_id in (None, claim.staircase_id)
    ]
    here.sort(key=lambda machine: (machine.staircase_id is None, machine.pk))
    named = (machine for machine in here if machine.label and machine.label in claim.place_note)
    return next(named, here[0] if here else None)
