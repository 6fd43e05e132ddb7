"""Read the log of a piece of equipment: reports, orders, visits, upkeep, corrections, by date.

To add a kind of line, add a function to ``SOURCES``: it takes a ``LogReader`` and yields ``Entry``
rows. This module only reads. Of a household it shows only the fault and its date.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access import caretaker_buildings
from agencies.models import Equipment, Membership
from portal.access import DESK_ROLES, Role
from portal.punctuation import with_colon
from requests.claims.equipment import FAMILY_OF, find_equipment
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.equipment import uptime
from requests.equipment.models import EquipmentCorrection
from requests.incidents.models import Incident
from requests.inspections.queries import inspections_of
from requests.kit.choices import OPEN, State
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import OrderStep

EVERYWHERE = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})
# The faults that put a piece of equipment out of service; other faults do not count as a stop.
STOPPING = frozenset(
    {
        *("ASC-01", "ASC-02", "ASC-03", "ASC-04"),
        *("CHA-01", "CHA-07", "CHA-14"),
        *("VMC-01", "VMC-02"),
        *("ACC-01", "ACC-04"),
    }
)
NO_FAULT = (State.REFUSED, State.WITHDRAWN)
YEAR = timedelta(days=365)
TOLD = {
    Event.FILED: gettext_lazy("Fault reported"),
    Event.REPORT_DONE: gettext_lazy("Company says work is done"),
    Event.SAY_FIXED: gettext_lazy("A tenant says it is fixed"),
    Event.SAY_NOT_FIXED: gettext_lazy("A tenant says it is not fixed"),
    Event.SEND_BACK: gettext_lazy("Checked on site: not finished"),
    Event.REOPEN: gettext_lazy("Reported again"),
}


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    ``all_day``: only the day is known. ``kind`` is the label of its column.
    """

    at: datetime
    kind: str
    title: str
    detail: str = ""
    who: str = ""
    url: str = ""
    all_day: bool = False


def visible_to(membership) -> QuerySet[Equipment]:
    """Return the equipment that the member may see.

    Agency staff see that of their unit; head office, the call centre and the on-call team see all;
    a caretaker sees that of the buildings they look after.
    """
    rows = Equipment.objects.select_related("building__residence__unit", "staircase")
    if membership is None:
        return rows.none()
    if membership.role in EVERYWHERE:
        return rows
    if membership.role == Role.CARETAKER:
        return rows.filter(building__in=caretaker_buildings(membership))
    if membership.role in DESK_ROLES:
        return rows.filter(building__residence__unit=membership.unit_id)
    return rows.none()


def claims_by_equipment(
    claims: QuerySet[Claim], equipment_list: Iterable[Equipment]
) -> dict[int, list[Claim]]:
    """Return ``claims`` by the key of the equipment that each is about, with two queries."""
    equipment_list = list(equipment_list)
    buildings = {equipment.building_id for equipment in equipment_list}
    wanted = {equipment.pk for equipment in equipment_list}
    families = {FAMILY_OF[equipment.kind] for equipment in equipment_list}
    rows = list(
        claims.filter(building__in=buildings, category__family__code__in=families)
        .exclude(category__asset="dwelling")
        .select_related("category__family", "in_incident__incident")
        .order_by("filed_at")
    )
    # Of the buildings with a claim alone: most have none.
    neighbours: dict[int | None, list[Equipment]] = defaultdict(list)
    for equipment in Equipment.objects.filter(building__in={claim.building_id for claim in rows}):
        neighbours[equipment.building_id].append(equipment)
    found: dict[int, list[Claim]] = defaultdict(list)
    for claim in rows:
        member = getattr(claim, "in_incident", None)
        key = member.incident.equipment_id if member else None
        if key is None:
            picked = find_equipment(claim, neighbours[claim.building_id])
            key = picked.pk if picked else None
        if key is not None and key in wanted:
            found[key].append(claim)
    return found


def stops_by_equipment(
    equipment_list: Iterable[Equipment], now: datetime
) -> dict[int, list[uptime.Stop]]:
    """Return the stops of the last year by equipment key, whoever reads, so that figures agree.

    Refused and withdrawn reports make no stop.
    """
    claims = (
        Claim.objects.system("availability")
        .filter(category__code__in=STOPPING)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gte=now - YEAR))
        .exclude(state__in=NO_FAULT)
    )
    by_equipment = claims_by_equipment(claims, equipment_list)
    keys = [claim.pk for rows in by_equipment.values() for claim in rows]
    events = defaultdict(list)
    names = [*uptime.ENDS, *uptime.STILL, uptime.AGAIN]
    for event in (
        ClaimEvent.objects.system("equipment log")
        .filter(claim__in=keys, name__in=names)
        .order_by("at", "id")
    ):
        events[event.claim_id].append((event.name, event.at))
    found = {}
    for pk, rows in by_equipment.items():
        equipment_stops = []
        for claim in rows:
            claim_stops = uptime.stops_of(claim.filed_at, events[claim.pk])
            if claim.ended_at and claim_stops[-1].end is None:
                claim_stops[-1] = uptime.Stop(claim_stops[-1].start, claim.ended_at)
            equipment_stops += claim_stops
        found[pk] = uptime.merge_overlaps(equipment_stops)
    return found


def out_of_service_since(stops: list[uptime.Stop]) -> datetime | None:
    """Return since when the equipment is out of service, or None."""
    return stops[-1].start if stops and stops[-1].end is None else None


@dataclass
class LogReader:
    """The reader of the log of ``equipment``; caches what several sources need."""

    equipment: Equipment
    membership: Membership
    now: datetime
    desk: bool = field(init=False)

    def __post_init__(self) -> None:
        self.desk = self.membership.role in DESK_ROLES

    @cached_property
    def claims(self) -> list[Claim]:
        """Return the equipment's claims that this reader may see."""
        scope = Claim.objects.visible_to if self.desk else Claim.objects.for_caretaker
        return claims_by_equipment(scope(self.membership), [self.equipment])[self.equipment.pk]

    @cached_property
    def inspections(self) -> list[Claim]:
        """Return the inspections of the equipment; they tell nothing of a household."""
        rows = inspections_of(Claim.objects.system("equipment log"), self.equipment)
        return list(rows.order_by("filed_at"))


def log(reader: LogReader) -> list[Entry]:
    """Return all lines, the newest first."""
    return sorted(
        (entry for source in SOURCES for entry in source(reader)),
        key=lambda entry: entry.at,
        reverse=True,
    )


def _faults(reader: LogReader) -> Iterable[Entry]:
    by_key = {claim.pk: claim for claim in reader.claims}
    events = (
        ClaimEvent.objects.system("equipment log")
        .filter(claim__in=by_key, name__in=TOLD)
        .order_by("at")
    )
    for event in events:
        claim = by_key[event.claim_id]
        yield Entry(
            event.at,
            _("Request"),
            with_colon(TOLD[Event(event.name)], claim.category),
            _("no. %(reference)s") % {"reference": claim.spoken_reference},
            url=reverse("agency:claim", args=[claim.pk]) if reader.desk else "",
        )


def _inspections(reader: LogReader) -> Iterable[Entry]:
    orders = WorkOrder.objects.system("equipment log").filter(claim__in=reader.inspections)
    for order in orders.select_related("claim", "contractor"):
        url = reverse("work_order", args=[order.pk]) if reader.desk else ""
        who, kind = order.contractor.name, _("Inspection")
        yield Entry(order.created_at, kind, _("Inspection ordered"), order.description, who, url)
        for event in order.events.filter(name=OrderStep.REPORT_DONE):
            said = str(event.facts.get("text", ""))
            yield Entry(event.at, kind, _("Report received"), said, who, url)
    ends = ClaimEvent.objects.system("equipment log").filter(
        claim__in=reader.inspections, name=Event.CLOSE_UNANSWERED
    )
    for end in ends.select_related("actor"):
        said = str(end.facts.get("text", ""))
        yield Entry(end.at, _("Inspection"), _("Report filed"), said, str(end.actor or ""))


def _incidents(reader: LogReader) -> Iterable[Entry]:
    for incident in Incident.objects.filter(equipment=reader.equipment):
        url = reverse("incident", args=[incident.pk]) if reader.desk else ""
        yield Entry(
            incident.opened_at, _("Incident"), _("Incident opened"), incident.title, url=url
        )
        if incident.closed_at:
            yield Entry(
                incident.closed_at, _("Incident"), _("Incident closed"), incident.title, url=url
            )


def _orders(reader: LogReader) -> Iterable[Entry]:
    keys = [claim.pk for claim in reader.claims]
    orders = WorkOrder.objects.visible_to(reader.membership).filter(claim__in=keys)
    for order in orders.select_related("claim", "contractor"):
        url = reverse("work_order", args=[order.pk]) if reader.desk else ""
        who = order.contractor.name
        # The description may quote the tenant's words: desks may read it, caretakers may not.
        text = order.description if reader.desk else ""
        yield Entry(order.created_at, _("Order"), f"{_('Order')} {order}", text, who, url)
        if order.done_at:
            title = with_colon(_("Company says work is done"), order)
            yield Entry(order.done_at, _("Order"), title, "", who, url)


def _visits(reader: LogReader) -> Iterable[Entry]:
    keys = [claim.pk for claim in reader.claims]
    orders = WorkOrder.objects.visible_to(reader.membership).filter(claim__in=keys)
    visits = Appointment.objects.of(order__in=orders).exclude(
        state__in=[Appointment.State.MOVED, Appointment.State.CANCELLED]
    )
    for visit in visits.select_related("order__claim", "contractor"):
        yield Entry(
            visit.starts,
            _("Visit"),
            with_colon(_("Visit"), visit.get_state_display()),
            str(visit.order),
            visit.contractor.name,
            reverse("work_order", args=[visit.order_id]) if reader.desk else "",
        )


def _upkeep(reader: LogReader) -> Iterable[Entry]:
    for visit in reader.equipment.visits.all():
        at = timezone.make_aware(datetime.combine(visit.done_on, time()))
        yield Entry(
            at,
            _("Upkeep"),
            visit.get_what_display(),
            visit.note,
            visit.company,
            all_day=True,
        )
    for row in reader.equipment.reminders.all():
        said = _("reminder sent to %(who)s") % {"who": row.sent_to} if row.sent_to else ""
        title = with_colon(row.get_what_display(), row.get_stage_display())
        yield Entry(row.at, _("Upkeep"), title, said if reader.desk else "")


def _corrections(reader: LogReader) -> Iterable[Entry]:
    decisions = {True: _("accepted"), False: _("declined"), None: _("waits for the agency")}
    for row in reader.equipment.corrections.select_related("author"):
        names = {
            name: str(getattr(Equipment._meta.get_field(name), "verbose_name", name))
            for name in EquipmentCorrection.FIELDS
        }
        changes = [
            with_colon(names.get(name, name), f"{row.was.get(name) or '—'} → {value or '—'}")
            for name, value in row.becomes.items()
        ]
        yield Entry(
            row.at,
            _("Correction"),
            with_colon(_("Correction"), decisions[row.accepted]),
            " · ".join([*changes, row.note] if row.note else changes),
            row.author.first_name if row.author else "",
        )


SOURCES: list[Callable[[LogReader], Iterable[Entry]]] = [
    _faults,
    _inspections,
    _incidents,
    _orders,
    _visits,
    _upkeep,
    _corrections,
]


def open_faults(equipment_list: Iterable[Equipment]) -> dict[int, int]:
    """Return the number of open reports by equipment key."""
    claims = Claim.objects.system("equipment list").filter(state__in=OPEN)
    return {pk: len(rows) for pk, rows in claims_by_equipment(claims, equipment_list).items()}
