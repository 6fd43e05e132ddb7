"""Upkeep for the demo: equipment with a history, visits due and missed, one announcement."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from agencies.models import Equipment, Membership, Residence, UpkeepPeriod, UpkeepVisit
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.equipment import upkeep_visits
from requests.equipment.models import EquipmentCorrection
from requests.incidents.models import Incident
from requests.notifications.models import Delivery
from requests.planned_works import actions as planned_works
from requests.planned_works import notices
from requests.planned_works.models import PlannedNotice
from requests.planned_works.notice_periods import Works

COMPANY = {"lift": "Ascenseurs de Valmer", "boiler": "Thermique de la Sarle"}
VISITED = 60  # equipment of the agent's agency with recorded visits


def build(member: Membership, now: datetime) -> None:
    """Write visits for the demo agent's agency, a lift with a history, one water cut to come."""
    today = timezone.localdate(now)
    equipment_list = list(
        Equipment.objects.filter(
            building__residence__unit=member.unit_id, kind__in=["lift", "boiler"]
        )
        .select_related("building__residence", "staircase")
        .order_by("pk")[:VISITED]
    )
    rows = []
    for number, equipment in enumerate(equipment_list):
        every, what = (42, "lift_visit") if equipment.kind == "lift" else (365, "boiler_service")
        # One in nine was missed, one in five is due within two weeks.
        last = every + 6 if number % 9 == 3 else every - 5 if number % 5 == 1 else number % 20
        for back in range(8 if equipment.kind == "lift" else 2):
            rows.append(_visit(equipment, what, today - timedelta(days=last + back * every), now))
    UpkeepVisit.objects.bulk_create(rows, ignore_conflicts=True)
    incident = Incident.objects.filter(equipment__kind="lift").first()
    lift = (
        incident.equipment
        if incident
        else next((m for m in equipment_list if m.kind == "lift"), None)
    )
    if lift:
        _history(lift, member, now)
        _announce(lift.building.residence, member, now)
    upkeep_visits.sweep(now)


def _visit(
    equipment: Equipment, what: str, day: date, now: datetime, note: str = "RAS"
) -> UpkeepVisit:
    return UpkeepVisit(
        equipment=equipment,
        what=what,
        done_on=day,
        company=COMPANY[equipment.kind],
        note=note,
        recorded_at=now,
    )


def _history(lift: Equipment, member: Membership, now: datetime) -> None:
    """Write its check of the cables, a corrected plate, and two faults of the past year."""
    today = timezone.localdate(now)
    _visit(lift, "lift_cables", today - timedelta(days=100), now, "Câbles bons").save()
    UpkeepPeriod.objects.create(
        equipment=lift, what="lift_visit", every_days=28, note="Appareil ancien : tous les mois"
    )
    EquipmentCorrection.objects.create(
        key=f"demo-{lift.pk}",
        equipment=lift,
        was={"installed": 1994},
        becomes={"installed": lift.installed},
        note="Lu sur la plaque",
        author=member.user,
        at=now - timedelta(days=90),
        accepted=True,
        decided_by=member.user,
        decided_at=now - timedelta(days=89),
    )
    fault = Category.objects.filter(code="ASC-02").first()
    past = Claim.objects.system("demo").filter(
        building=lift.building, state="closed", filed_at__gte=now - timedelta(days=365)
    )
    chosen = list(past.order_by("filed_at").values_list("pk", flat=True)[:2])
    if fault:
        Claim.objects.system("demo").filter(pk__in=chosen).update(
            category=fault, staircase=lift.staircase, words="L’ascenseur ne bouge plus."
        )


def _announce(residence: Residence, member: Membership, now: datetime) -> None:
    day = timezone.localdate(now) + timedelta(days=9)
    starts = timezone.make_aware(datetime.combine(day, time(9)))
    works = planned_works.announce(
        kind=Works.WATER,
        title="Coupure d’eau froide",
        text="Nous changeons une vanne. Gardez quelques bouteilles d’eau. Fermez vos robinets.",
        residence=residence,
        starts=starts,
        ends=starts + timedelta(hours=4),
        membership=member,
        now=now - timedelta(days=1),
    )
    told = now - timedelta(days=1)
    notices.write(key="", now=told, works=str(works.pk), version=1, event="announced")
    # A demo sends nothing by itself.
    Delivery.objects.system("demo").filter(kind=Delivery.Kind.PLANNED_WORKS).update(
        state=Delivery.State.SENT, attempts=1, sent_at=told
    )
    works.notices.filter(state=PlannedNotice.State.QUEUED).update(
        state=PlannedNotice.State.SENT, done_at=now - timedelta(days=1)
    )
