"""Read what the model learns from: faults, repairs that did not hold, visits missed."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.utils import timezone

from agencies.models import Equipment, UpkeepReminder
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.equipment.log import claims_by_equipment
from requests.kit.choices import State
from requests.stock_insight.risk import History, one_fault_each

NO_FAULT = (State.REFUSED, State.WITHDRAWN, State.MERGED)
BACK = timedelta(days=30 * 31)  # a year of facts before a year of learning and half a year of test
NOT_HELD = (Event.SAY_NOT_FIXED, Event.SEND_BACK, Event.REOPEN)


def histories(now: datetime) -> list[History]:
    """Return the history of every piece of equipment, for the landlord's own reckoning."""
    rows = list(Equipment.objects.order_by("pk"))
    claims = (
        Claim.objects.system("early warning")
        .filter(filed_at__gte=now - BACK)
        .exclude(state__in=NO_FAULT)
    )
    by_equipment = claims_by_equipment(claims, rows)
    keys = {claim.pk: pk for pk, found in by_equipment.items() for claim in found}
    again: dict[int, list[date]] = defaultdict(list)
    for claim, at in (
        ClaimEvent.objects.system("early warning")
        .filter(claim__in=list(keys), name__in=NOT_HELD)
        .values_list("claim", "at")
    ):
        again[keys[claim]].append(timezone.localdate(at))
    missed: dict[int, list[date]] = defaultdict(list)
    for pk, at in UpkeepReminder.objects.filter(
        stage=UpkeepReminder.Stage.MISSED, at__gte=now - BACK
    ).values_list("equipment", "at"):
        missed[pk].append(timezone.localdate(at))
    faults = {
        pk: [timezone.localdate(at) for at in one_fault_each([c.filed_at for c in found])]
        for pk, found in by_equipment.items()
    }
    together: dict[tuple, list[int]] = defaultdict(list)
    for row in rows:
        together[row.building_id, row.kind].append(row.pk)
    found = []
    for row in rows:
        beside = [
            day
            for pk in together[row.building_id, row.kind]
            if pk != row.pk
            for day in faults.get(pk, [])
        ]
        found.append(
            History(
                pk=row.pk,
                kind=row.kind,
                installed=row.installed,
                faults=tuple(faults.get(row.pk, [])),
                reopened=tuple(sorted(again[row.pk])),
                beside=tuple(sorted(beside)),
                missed=tuple(sorted(missed[row.pk])),
            )
        )
    return found
