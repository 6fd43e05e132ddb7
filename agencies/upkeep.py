"""Return which visits equipment needs, when the next one is due, and under whose contract.

The usual periods come from the law; a contract may ask for more, a piece of equipment may
differ. Dates are civil days of Europe/Paris.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Equipment, MaintenanceContract, Upkeep, UpkeepPeriod, UpkeepVisit

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Rule:
    """One usual period.

    ``sure`` False: it is usage and no law, and ``source`` says so; a contract may lengthen it.
    """

    what: str
    kind: str
    days: int
    source: Promise
    sure: bool


# Each with the text it was read in: docs/legal.md.
# Lifts: decree 2004-964 of 9 September 2004, in the Code de la construction et de l'habitation
# (former art. R125-2: a visit every six weeks, cables every six months, safety brakes every year;
# former art. R125-2-4, now R134-11: technical inspection every five years), and the order of
# 18 November 2004 on the upkeep of lifts: never more than six weeks between two visits.
# Boilers of 4 to 400 kW: decrees 2009-649 of 9 June 2009 and 2020-912 of 28 July 2020, Code de
# l'environnement art. R224-41-4 to R224-41-7: every calendar year, for which 365 days stand here,
# never later. Over 400 kW the article does not apply (another inspection does, art. R224-35, which
# is not followed here): leave the period empty on the equipment.
# Ventilation: order of 25 April 1985, art. 2, every year where gas appliances are connected; the
# register does not say which, and for the others no rule is known to us. Door entry: none known.
_BOILER = _("Environment code, R224-41-7: every calendar year, counted here as 365 days")
_AIR = _("Every year: by order of 25 April 1985 for gas ventilation, by usage for the others")
LAW = (
    Rule(Upkeep.LIFT_VISIT, "lift", 42, _("Decree 2004-964: every six weeks"), True),
    Rule(Upkeep.LIFT_CABLES, "lift", 182, _("Decree 2004-964: every six months"), True),
    Rule(Upkeep.LIFT_BRAKES, "lift", 365, _("Decree 2004-964: every year"), True),
    Rule(Upkeep.LIFT_CONTROL, "lift", 1826, _("Construction code: every five years"), True),
    Rule(Upkeep.BOILER_SERVICE, "boiler", 365, _BOILER, True),
    Rule(Upkeep.AIR_SERVICE, "ventilation", 365, _AIR, False),
    Rule(Upkeep.ENTRY_SERVICE, "entry", 365, _("Usage of contracts: every year"), False),
)


@dataclass(frozen=True)
class Due:
    """One visit that a piece of equipment needs.

    ``last`` None: no visit is on record, so no date is known.
    """

    what: str
    label: str
    days: int
    source: str
    last: date | None
    today: date

    @property
    def due_on(self) -> date | None:
        return self.last + timedelta(days=self.days) if self.last else None

    @property
    def state(self) -> str:
        """Return ``unknown``, ``missed``, ``soon`` (within two weeks) or ``kept``."""
        if self.due_on is None:
            return "unknown"
        if self.due_on < self.today:
            return "missed"
        return "soon" if self.due_on - self.today <= SOON else "kept"

    @property
    def late(self) -> int:
        """Return the days since it was due."""
        return (self.today - self.due_on).days if self.due_on else 0


def rules_of(kind: str) -> list[Rule]:
    """Return the usual visits of one kind of equipment."""
    return [rule for rule in LAW if rule.kind == kind]


def covers(contract: MaintenanceContract, equipment: Equipment) -> bool:
    """Return whether ``contract`` names this kind of equipment at this place.

    The places of ``contract`` are prefetched; ``equipment`` comes with its building and residence.
    """
    if equipment.kind not in contract.equipment_kinds:
        return False
    residence = equipment.building.residence
    units, residences = contract.units.all(), contract.residences.all()
    buildings = contract.buildings.all()
    return not (units or residences or buildings) or (
        any(row.pk == residence.unit_id for row in units)
        or residence in residences
        or equipment.building in buildings
    )


def contracts_on(today: date) -> list[MaintenanceContract]:
    """Return contracts in force that name equipment, the most local first."""
    rows = MaintenanceContract.objects.filter(
        starts__lte=today, ends__gte=today, equipment_kinds__len__gt=0, contractor__active=True
    )
    rows = rows.select_related("contractor").prefetch_related(
        "units", "residences", "buildings", "upkeep"
    )

    def width(contract: MaintenanceContract) -> tuple[int, int]:
        for rank, places in enumerate((contract.buildings, contract.residences, contract.units)):
            if places.all():
                return rank, contract.pk
        return 3, contract.pk

    return sorted(rows, key=width)


def contract_of(
    equipment: Equipment, contracts: Iterable[MaintenanceContract]
) -> MaintenanceContract | None:
    """Return the first of ``contracts`` that covers the equipment."""
    return next((contract for contract in contracts if covers(contract, equipment)), None)


def due(equipment_list: Iterable[Equipment], today: date) -> dict[int, list[Due]]:
    """Return the visits that each piece of equipment needs on ``today``, by its key.

    Soonest first, unknown last.

    The number of queries does not depend on the length of ``equipment_list``, whose rows come
    with building and residence.
    """
    equipment_list = list(equipment_list)
    keys = [equipment.pk for equipment in equipment_list]
    contracts = contracts_on(today)
    own: dict[int, dict[str, UpkeepPeriod]] = defaultdict(dict)
    for row in UpkeepPeriod.objects.filter(equipment__in=keys):
        if row.equipment_id is not None:
            own[row.equipment_id][row.what] = row
    last = {
        (row["equipment"], row["what"]): row["last"]
        for row in UpkeepVisit.objects.filter(equipment__in=keys, done_on__lte=today)
        .order_by()
        .values("equipment", "what")
        .annotate(last=Max("done_on"))
    }
    # Most of a kind under one contract have the same periods: their words are made once.
    alike: dict[tuple[str, int | None], list[tuple[str, str, int, str]]] = {}
    found = {}
    for equipment in equipment_list:
        contract = contract_of(equipment, contracts)
        mine = own.get(equipment.pk, {})
        kind = (equipment.kind, contract.pk if contract else None)
        if mine or kind not in alike:
            agreed = {row.what: row for row in contract.upkeep.all()} if contract else {}
            periods = [
                (what, str(Upkeep(what).label), days, source)
                for what, days, source in _periods(equipment.kind, agreed, mine)
            ]
            if not mine:
                alike[kind] = periods
        else:
            periods = alike[kind]
        rows = [
            Due(
                what=what,
                label=label,
                days=days,
                source=source,
                last=last.get((equipment.pk, what)),
                today=today,
            )
            for what, label, days, source in periods
        ]
        found[equipment.pk] = sorted(rows, key=lambda row: (row.due_on or date.max, row.what))
    return found


def _periods(kind: str, agreed: dict, own: dict) -> list[tuple[str, int, str]]:
    """Return (visit, days, source of the period): the equipment's own, the contract's, the usual.

    No agreement allows fewer visits than a text of law that is ``sure``.
    """
    usual = {rule.what: rule for rule in rules_of(kind)}
    found = []
    for what in dict.fromkeys([*usual, *own]):
        rule = usual.get(what)
        if what in own:
            days, source = own[what].every_days, own[what].note or str(_("Set for this machine"))
        elif what in agreed:
            days, source = agreed[what].every_days, agreed[what].note or str(_("By contract"))
        elif rule:
            days, source = rule.days, str(rule.source)
        if days and rule and rule.sure and days > rule.days:
            days, source = rule.days, str(rule.source)
        if days:
            found.append((what, days, source))
    return found
