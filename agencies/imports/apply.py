"""Compare the rows of a file with the stock in the database, then write the difference.

``plan_stock`` and ``plan_addresses`` only read: their :class:`Plan` is the dry run. ``Plan.save``
writes it, inside the caller's transaction. Nothing is ever deleted, and what a file does not
say never erases what is known; a residence's name and a unit's are only given at creation.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from agencies.models import Building, Desk, Dwelling, OpeningHours, Residence, Staircase, Unit

from .ban import AddressRow
from .reading import Reject, canonical
from .rpls import StockRow

BATCH = 1000
LOCK = 0x50414C49  # one import at a time
DESKS = (Desk.Kind.CLIENTELE, Desk.Kind.TECHNICAL, Desk.Kind.CARETAKERS)
LEVELS = (Unit, Desk, Residence, Building, Staircase, Dwelling)  # parents first
CENT = Decimal("0.01")
ABBREVIATIONS = {
    "ST": "SAINT", "STE": "SAINTE", "AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD",
    "BLD": "BOULEVARD", "PL": "PLACE", "ALL": "ALLEE", "CHE": "CHEMIN", "CHEM": "CHEMIN",
    "RTE": "ROUTE", "IMP": "IMPASSE", "SQ": "SQUARE",
}  # fmt: skip
INDEXES = {"B": "BIS", "BI": "BIS", "T": "TER", "TE": "TER", "Q": "QUATER"}


@dataclass
class Plan:
    """What a file changes: rows to create and to update by model, and what to tell about it."""

    read: int = 0
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    new: dict[type, list] = field(default_factory=lambda: defaultdict(list))
    changed: dict[type, dict[models.Model, None]] = field(default_factory=lambda: defaultdict(dict))
    fields: Counter = field(default_factory=Counter)
    seen: Counter = field(default_factory=Counter)  # distinct rows of the file by model
    unchanged: int = 0
    vanished: int = 0  # known to the database, not told of by the file

    def add(self, row: models.Model) -> models.Model:
        self.new[type(row)].append(row)
        return row

    def update(self, row: models.Model, **values: object) -> bool:
        """Set the known values that differ on ``row``; tells whether any did."""
        different = {k: v for k, v in values.items() if v is not None and _differs(row, k, v)}
        for name, value in different.items():
            setattr(row, name, value)
            if row.pk:
                self.fields[type(row), name] += 1
        if different and row.pk:
            self.changed[type(row)][row] = None
        return bool(different)

    def save(self) -> None:
        """Write everything in batches, parents first. The caller holds the transaction."""
        for model in LEVELS:
            model.objects.bulk_create(self.new[model], batch_size=BATCH)
            names = sorted({name for kind, name in self.fields if kind is model})
            if names:
                model.objects.bulk_update(list(self.changed[model]), names, batch_size=BATCH)


def _differs(row: models.Model, name: str, value: object) -> bool:
    if isinstance(value, models.Model):
        return value.pk is None or getattr(row, f"{name}_id") != value.pk
    return getattr(row, name) != value


def lock_stock() -> None:
    """Make a second import wait for the end of the transaction of the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def plan_stock(results: Iterable[StockRow | Reject], *, agency: Unit | None = None) -> Plan:
    """Compare stock rows with the database; reads only.

    ``agency`` receives the new residences for which no line names one; without it their lines
    are rejected. Raises :class:`~agencies.imports.reading.WrongFile` when the file breaks off.
    """
    plan, rows, places = Plan(), [], []
    for result in results:
        plan.read += 1
        if isinstance(result, Reject):
            plan.rejects.append(result)
            if isinstance(result.row, StockRow):  # a duplicate still tells of its residence
                places.append(result.row)
            continue
        rows.append(result)
        places.append(result)
        if result.warnings:
            plan.notes.append(f"line {result.line}: {' '.join(result.warnings)}")
    homeless = _Stock(plan, agency).merge(rows, places)
    plan.rejects += homeless
    plan.rejects.sort(key=lambda reject: reject.line)
    return plan


class _Stock:
    """The database in memory, by the keys that a file recognises things by."""

    def __init__(self, plan: Plan, agency: Unit | None) -> None:
        self.plan, self.agency = plan, agency
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.residences = {r.code: r for r in Residence.objects.all()}
        self.buildings: dict[tuple, Building] = {}
        self.staircases: dict[tuple, Staircase] = {}
        residence_code = {r.pk: code for code, r in self.residences.items()}
        building_key = {}
        for building in Building.objects.order_by("pk"):
            key = (residence_code[building.residence_id], _bare(building.code))
            building_key[building.pk] = key
            self.buildings.setdefault(key, building)
        for stair in Staircase.objects.order_by("pk"):
            self.staircases.setdefault((*building_key[stair.building_id], stair.code), stair)
        self.dwellings = {d.natural_key: d for d in Dwelling.objects.order_by("pk")}
        self.open = set(OpeningHours.objects.values_list("unit__code", flat=True))
        self.districts = False
        self.met: set[tuple] = set()

    def first(self, *key: object) -> bool:
        """Whether the file tells of this thing for the first time: its first line decides."""
        if key in self.met:
            return False
        self.met.add(key)
        self.plan.seen[key[0]] += 1
        return True

    def merge(self, rows: list[StockRow], places: list[StockRow]) -> list[Reject]:
        # A file that has no priority district at all has no such column: it says nothing.
        self.districts = any(row.priority_district for row in places)
        by_residence = defaultdict(list)
        for row in places:
            by_residence[_fit(row.residence_code, 120)].append(row)
        nowhere = {code for code, group in by_residence.items() if not self.residence(code, group)}
        known = set(self.dwellings)
        rejects, keys = [], set()
        reason = _("No agency is named for “%(residence)s”: run again with --agency CODE.")
        for row in rows:
            key = _fit(row.natural_key, 300)
            keys.add(key)
            if _fit(row.residence_code, 120) in nowhere:
                why = str(reason % {"residence": row.residence_name})
                rejects.append(Reject(row.line, why, _cells(row)))
                continue
            self.dwelling(key, self.staircase(self.building(row), row), row)
        self.plan.vanished = len(known - keys)
        return rejects

    def unit(self, row: StockRow) -> Unit:
        code = slugify(row.agency_code) or slugify(row.agency_name) or "agence"
        code = code if len(code) <= 30 else f"{code[:21]}-{_digest(code)}"
        first = self.first(Unit, code)
        if (unit := self.units.get(code)) is None:
            name = " ".join(row.agency_name.split()) or row.agency_code
            kind = Unit.Kind.BRANCH if "ANTENNE" in canonical(name) else Unit.Kind.AGENCY
            unit = self.units[code] = self.plan.add(Unit(code=code, name=name[:120], kind=kind))
            for desk in DESKS:
                self.plan.add(Desk(unit=unit, kind=desk, name=str(desk.label)))
        if first and code not in self.open:
            self.plan.notes.append(f"{unit.name}: no opening hours yet, give them in the admin")
        return unit

    def residence(self, code: str, group: list[StockRow]) -> Residence | None:
        """The residence of ``group``, its lines; looked after by the agency that most name."""
        votes, named = Counter(), {}
        for row in group:
            if row.agency_code or row.agency_name:
                unit = self.unit(row)
                votes[unit.code] += 1
                named[unit.code] = unit
        head, residence = group[0], self.residences.get(code)
        unit = named[votes.most_common(1)[0][0]] if votes else None
        if len(votes) > 1:
            shares = ", ".join(f"{named[c].name} ({n})" for c, n in votes.most_common())
            self.plan.notes.append(f"{head.residence_name}: several agencies, {shares}")
        if residence is None and unit is None and (unit := self.agency) is None:
            return None
        self.first(Residence, code)
        values = {
            "commune": (head.commune or head.commune_code)[:80],
            "postcode": head.postcode[:10] or None,
        }
        if self.districts:
            values["priority_district"] = any(r.priority_district for r in group)
        if residence is None:
            residence = Residence(code=code, name=head.residence_name[:160], unit=unit)
            self.residences[code] = self.plan.add(residence)
        self.plan.update(residence, unit=unit, **values)
        return residence

    def building(self, row: StockRow) -> Building:
        code = _fit(_bare(row.building) or "1", 40)
        key = (_fit(row.residence_code, 120), code)
        if (building := self.buildings.get(key)) is None:
            residence = self.residences[key[0]]
            building = self.plan.add(Building(residence=residence, code=code))
            self.buildings[key] = building
        if row.built and self.first("built", *key):
            self.plan.update(building, built=row.built)
        if building.latitude is None and row.latitude is not None and row.longitude is not None:
            # Those of the address base, or of somebody who corrected them, are left alone.
            self.plan.update(building, latitude=row.latitude, longitude=row.longitude)
        self.first(Building, *key)
        return building

    def staircase(self, building: Building, row: StockRow) -> Staircase:
        number = " ".join(filter(None, (_bare(row.street_number), row.street_index)))
        street = f"{number} {row.street or row.residence_name}".strip()
        doors = "/".join(filter(None, (_bare(row.entrance), _bare(row.staircase))))
        code = _fit(f"{doors} {canonical(street).replace('_', ' ')}".strip(), 80)
        key = (_fit(row.residence_code, 120), _fit(_bare(row.building) or "1", 40), code)
        if (staircase := self.staircases.get(key)) is None:
            staircase = self.plan.add(Staircase(building=building, code=code, street=street[:200]))
            self.staircases[key] = staircase
        elif self.first("street", *key):
            self.plan.update(staircase, street=street[:200])
        self.first(Staircase, *key)
        return staircase

    def dwelling(self, key: str, staircase: Staircase, row: StockRow) -> None:
        area = row.area.quantize(CENT, ROUND_HALF_UP) if row.area is not None else None
        values = {"door": row.door[:20] or None, "floor": row.floor, "rooms": row.rooms}
        values |= {"area": area, "energy": row.energy or None}
        dwelling = self.dwellings.get(key)
        self.plan.seen[Dwelling] += 1
        if dwelling is None:
            values = {name: value for name, value in values.items() if value is not None}
            new = Dwelling(natural_key=key, staircase=staircase, **values)
            self.dwellings[key] = self.plan.add(new)
            return
        if not self.plan.update(dwelling, staircase=staircase, **values):
            self.plan.unchanged += 1


def plan_addresses(results: Iterable[AddressRow | Reject]) -> Plan:
    """Compare the addresses of the doors with the address base: each building goes to the
    middle of its doors that were found. Reads only, and holds only the addresses wanted."""
    plan = Plan()
    doors: dict[int, list[list[tuple[str, str]]]] = defaultdict(list)
    buildings = {}
    query = Staircase.objects.select_related("building__residence").order_by("pk")
    for staircase in query.iterator(chunk_size=BATCH):
        building = buildings.setdefault(staircase.building_id, staircase.building)
        addresses = _spellings(staircase.street)
        where = _places(building.residence.postcode, building.residence.commune)
        wanted = [(place, address) for address in addresses for place in where]
        if wanted not in doors[building.pk]:
            doors[building.pk].append(wanted)
    found = dict.fromkeys(k for keys in doors.values() for wanted in keys for k in wanted)
    for result in results:
        plan.read += 1
        if isinstance(result, Reject):
            plan.rejects.append(result)
            continue
        address = _address(f"{_bare(result.number)} {result.rep} {result.street}")
        for place in _places(result.postcode, result.commune):
            if found.get((place, address), 1) is None:
                found[place, address] = (result.lat, result.lon)
    for pk, building in buildings.items():
        points = [next(filter(None, map(found.get, wanted)), None) for wanted in doors[pk]]
        points = [point for point in points if point]
        plan.seen[Building] += 1
        if not points:
            plan.vanished += 1
            continue
        latitude, longitude = (round(sum(a) / len(a), 6) for a in zip(*points, strict=True))
        if not plan.update(building, latitude=latitude, longitude=longitude):
            plan.unchanged += 1
    return plan


def _address(text: str) -> str:
    return " ".join(ABBREVIATIONS.get(word, word) for word in canonical(text).split("_"))


def _spellings(street: str) -> list[str]:
    """``"12 B RUE X"`` as written first, then with the index in full: ``"12 BIS RUE X"``."""
    address = _address(street)
    words = address.split(" ", 2)
    if len(words) == 3 and words[1] in INDEXES:
        return [address, f"{words[0]} {INDEXES[words[1]]} {words[2]}"]
    return [address]


def _places(postcode: str, commune: str) -> list[str]:
    """The postcode, then the commune within its département: two postcodes may share a street."""
    return [postcode, f"{postcode[:2]} {canonical(commune)}"]


def _bare(code: str) -> str:
    """``"01"`` and ``"1"`` are the same building: spreadsheets eat zeros."""
    code = " ".join(code.split())
    return code.lstrip("0") or "0" if code.isdigit() else code


def _fit(key: str, length: int) -> str:
    """``key`` cut to ``length``, with a digest when cut so that two keys stay two."""
    return key if len(key) <= length else f"{key[: length - 9]}~{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]


def _cells(row: StockRow) -> dict[str, str]:
    names = ("residence_name", "commune_code", "street_number", "street", "door", "natural_key")
    return {name: str(getattr(row, name)) for name in names}
