"""Find the piece of equipment that a claim is about."""

from collections.abc import Iterable

from agencies.models import Equipment
from requests.claims.models import Claim

# Family of categories → the kind of equipment that its collective faults are about.
KIND_OF = {"ASC": "lift", "CHA": "boiler", "ACC": "entry", "VMC": "ventilation"}
FAMILY_OF = {kind: family for family, kind in KIND_OF.items()}


def find_equipment(claim: Claim, equipment_list: Iterable[Equipment]) -> Equipment | None:
    """Return the one of ``equipment_list`` that the claim is about, or None.

    Equipment whose label stands in the claim's place note comes first, then one of the claim's
    staircase, then one of the whole building. None when the category is about another kind of
    equipment or about a dwelling.
    """
    kind = KIND_OF.get(claim.category.family.code)
    if kind is None or claim.category.asset == "dwelling":
        return None
    here = [
        equipment
        for equipment in equipment_list
        if equipment.kind == kind
        and equipment.building_id == claim.building_id
        and equipment.staircase_id in (None, claim.staircase_id)
    ]
    here.sort(key=lambda equipment: (equipment.staircase_id is None, equipment.pk))
    named = (
        equipment for equipment in here if equipment.label and equipment.label in claim.place_note
    )
    return next(named, here[0] if here else None)
