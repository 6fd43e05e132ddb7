"""Propose corrections of an equipment record on site; accept or decline them at the agency."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from agencies.models import Equipment
from requests.equipment.models import EquipmentCorrection


class RecordChanged(Exception):
    """The record changed since the correction was proposed, or the correction was decided."""


def propose(
    *, equipment: Equipment, key: str, values: dict, note: str, by, now: datetime
) -> EquipmentCorrection | None:
    """Save the ``values`` (label, installed, contract) that differ from the record.

    Return None when nothing differs and there is no note. The same key again returns the first
    proposal.
    """
    known = {name: getattr(equipment, name) for name in EquipmentCorrection.FIELDS}
    becomes = {name: values[name] for name in known if values[name] != known[name]}
    made, _new = (
        EquipmentCorrection.objects.get_or_create(
            key=f"{by.pk}:{UUID(key)}",
            defaults={
                "equipment": equipment,
                "was": {name: known[name] for name in becomes},
                "becomes": becomes,
                "note": note,
                "author": by,
                "at": now,
            },
        )
        if becomes or note
        else (None, False)
    )
    return made


@transaction.atomic
def decide(*, correction: EquipmentCorrection, accept: bool, by, now: datetime) -> None:
    """Accept or decline a correction, once. Raises ``RecordChanged``; nothing is then written."""
    row = (
        EquipmentCorrection.objects.select_for_update(of=("self",))
        .select_related("equipment")
        .get(pk=correction.pk)
    )
    if row.accepted is not None:
        raise RecordChanged
    if accept and row.becomes:
        # The condition is in the UPDATE itself, so that a record changed meanwhile matches no row.
        same = Equipment.objects.filter(pk=row.equipment_id, **row.was)
        if same.update(**row.becomes) != 1:
            raise RecordChanged
    row.accepted, row.decided_by, row.decided_at = accept, by, now
    row.save(update_fields=["accepted", "decided_by", "decided_at"])
