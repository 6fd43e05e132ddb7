"""Compare the rows of a file with the stock in the database, then write the difference.

``plan_stock`` only reads: its plan is the dry run, and ``plan.save`` writes it, inside the
caller's transaction. Nothing is ever deleted, and what a file does not say never erases what
is known; a residence's name and a unit's are only given at creation.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Building, Desk, Dwelling, OpeningHours, Residence, Staircase, Unit
from agencies.units import new_head_office, starting_desks, starting_hours

from .addresses import bare
from .plan import Plan, Progress
from .rpls import StockRow
from .tables import Reject, canonical

LOCK = 0x50414C49  # one import at a time
LEVELS = (Unit, OpeningHours, Desk, Residence, Building, Staircase, Dwelling)  # parents first
MOST_NEW_UNITS = 30  # a landlord has a few agencies; more of them are probably not agencies
CENT = Decimal("0.01")


@contextmanager
def one_import(*, wait: bool = True) -> Iterator[bool]:
    """Hold the lock that lets one import run at a time, from reading to commit.

    Yields whether it is held. ``wait`` for the end of another import, or yield False at once.
    """
    function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])
        held = wait or cursor.fetchone()[0]
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def plan_stock(
    results: Iterable[StockRow | Reject],
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Compare stock rows with the database; reads only.

    ``agency`` receives the new residences for which no line names one; without it they go to
    the only agency there is, and their lines are rejected when there are several.
    ``one_agency``: the file's segments are not agencies; leave them aside. ``progress`` is
    called with the number of rows read. Raises :class:`~agencies.imports.tables.WrongFile`
    when the file breaks off or has no row.
    """
    plan, rows, places = Plan(LEVELS, (Dwelling, Residence)), [], []
    for row in plan.rows(results, progress):
        rows.append(row)
        places.append(row)
        if row.warnings:
            plan.notes.append(
                gettext("line %(line)s: %(what)s")
                % {"line": row.line, "what": " ".join(map(str, row.warnings))}
            )
    # A duplicate still names its residence.
    places += [reject.row for reject in plan.rejects if isinstance(reject.row, StockRow)]
    places.sort(key=lambda row: row.line)
    if one_agency:
        rows, places = (
            [replace(row, agency_code="", agency_name="") for row in group]
            for group in (rows, places)
        )
    homeless = _Stock(plan, agency).merge(rows, places)
    plan.rejects += homeless
    plan.rejects.sort(key=lambda reject: reject.line)
    return plan


class _Stock:
    """The database in memory, by the keys that a file recognises rows by."""

    def __init__(self, plan: Plan, agency: Unit | None) -> None:
        self.plan, self.agency = plan, agency
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.residences = {r.code: r for r in Residence.objects.all()}
        self.buildings: dict[tuple, Building] = {}
        self.staircases: dict[tuple, Staircase] = {}
        residence_code = {r.pk: code for code, r in self.residences.items()}
        building_key = {}
        for building in Building.objects.order_by("pk"):
            key = (residence_code[building.residence_id], bare(building.code))
            building_key[building.pk] = key
            self.buildings.setdefault(key, building)
        for stair in Staircase.objects.order_by("pk"):
            self.staircases.setdefault((*building_key[stair.building_id], stair.code), stair)
        self.dwellings = {d.natural_key: d for d in Dwelling.objects.order_by("pk")}
        self.communes: dict[str, str] = {
            key: canonical(commune)
            for key, commune in Dwelling.objects.values_list(
                "natural_key", "staircase__building__residence__commune"
            )
        }
        self.districts = False
        self.met: set[tuple] = set()

    def first(self, *key: object) -> bool:
        """Return whether the file names this thing for the first time: its first line decides."""
        if key in self.met:
            return False
        self.met.add(key)
        self.plan.seen[key[0]] += 1
        return True

    def merge(self, rows: list[StockRow], places: list[StockRow]) -> list[Reject]:
        self.landlord()
        # A file that has no priority district at all has no such column: it says nothing.
        self.districts = any(row.priority_district for row in places)
        by_residence = defaultdict(list)
        for row in places:
            by_residence[_fit(row.residence_code, 120)].append(row)
        nowhere = {code for code, group in by_residence.items() if not self.residence(code, group)}
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
        known = self.expected({canonical(row.commune) for row in places}, keys)
        self.plan.vanished = len(known - keys)
        number = sum(unit.kind != Unit.Kind.HEAD_OFFICE for unit in self.plan.new[Unit])
        if number > MOST_NEW_UNITS:
            self.plan.doubts.append(
                gettext("The file would create %(number)s agencies: are they really agencies?")
                % {"number": number}
            )
        return rejects

    def expected(self, communes: set[str], keys: set[str]) -> set[str]:
        """Return the known dwellings that such a file should name.

        Those of its communes, and its own.

        A file of one town says nothing of the others, and a stock taken over adds to what is known.
        """
        known = {
            key for key, commune in self.communes.items() if commune in communes or key in keys
        }
        if apart := len(self.communes) - len(known):
            told = gettext("Left alone, in communes that the file does not name: %(n)s dwellings.")
            self.plan.notes.insert(0, told % {"n": apart})
        self.plan.known[Dwelling] = len(known)
        self.plan.known[Residence] = sum(
            canonical(residence.commune) in communes
            for residence in self.residences.values()
            if not residence._state.adding
        )
        return known

    def landlord(self) -> None:
        """Plan head office with its desks, and the usual week, where the database has none yet."""
        if not any(unit.kind == Unit.Kind.HEAD_OFFICE for unit in self.units.values()):
            self.equip(new_head_office())
            self.plan.implied[Unit] += 1
            self.plan.notes.append(gettext("A head office and its desks are created."))
        if not OpeningHours.objects.filter(unit__isnull=True).exists():
            for hours in starting_hours(None):
                self.plan.add(hours)

    def equip(self, unit: Unit) -> Unit:
        """Plan a new unit with its desks and the usual hours."""
        self.units[unit.code] = self.plan.add(unit)
        for row in [*starting_desks(unit), *starting_hours(unit)]:
            self.plan.add(row)
        return unit

    def only_agency(self) -> Unit | None:
        """Return the one agency of a small landlord, planned when there is none.

        None among several.
        """
        agencies = [u for u in self.units.values() if u.kind != Unit.Kind.HEAD_OFFICE]
        if not agencies:
            name = gettext("Agency")
            self.plan.notes.append(gettext("No agency is named: one is created, “%s”.") % name)
            agencies = [self.equip(Unit(code="agence", name=name, kind=Unit.Kind.AGENCY))]
        if len(agencies) > 1:
            return None
        self.first(Unit, agencies[0].code)
        return agencies[0]

    def unit(self, row: StockRow) -> Unit:
        code = slugify(row.agency_code) or slugify(row.agency_name) or "agence"
        code = code if len(code) <= 30 else f"{code[:21]}-{_digest(code)}"
        self.first(Unit, code)
        if (unit := self.units.get(code)) is None:
            name = " ".join(row.agency_name.split()) or row.agency_code
            kind = Unit.Kind.BRANCH if "ANTENNE" in canonical(name) else Unit.Kind.AGENCY
            unit = self.equip(Unit(code=code, name=name[:120], kind=kind))
        return unit

    def residence(self, code: str, group: list[StockRow]) -> Residence | None:
        """Return the residence of the lines ``group``, with the agency that most of them name."""
        votes: Counter[str] = Counter()
        named: dict[str, Unit] = {}
        for row in group:
            if row.agency_code or row.agency_name:
                agency = self.unit(row)
                votes[agency.code] += 1
                named[agency.code] = agency
        head, residence = group[0], self.residences.get(code)
        unit = named[votes.most_common(1)[0][0]] if votes else None
        if len(votes) > 1:
            shares = ", ".join(f"{named[c].name} ({n})" for c, n in votes.most_common())
            self.plan.notes.append(
                gettext("%(residence)s: several agencies, %(shares)s")
                % {"residence": head.residence_name, "shares": shares}
            )
        if residence is None and unit is None:
            unit = self.agency or self.only_agency()
            if unit is None:
                return None
        self.first(Residence, code)
        values: dict[str, object] = {
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
        code = _fit(bare(row.building) or "1", 40)
        key = (_fit(row.residence_code, 120), code)
        if (building := self.buildings.get(key)) is None:
            residence = self.residences[key[0]]
            # Shown as written, with its zeros; compared without them.
            shown = _fit(" ".join(row.building.split()) or "1", 40)
            building = self.plan.add(Building(residence=residence, code=shown))
            self.buildings[key] = building
        if row.built and self.first("built", *key):
            self.plan.update(building, built=row.built)
        if building.latitude is None and row.latitude is not None and row.longitude is not None:
            # Those of the address base, or of somebody who corrected them, are left alone.
            self.plan.update(building, latitude=row.latitude, longitude=row.longitude)
        self.first(Building, *key)
        return building

    def staircase(self, building: Building, row: StockRow) -> Staircase:
        number = " ".join(filter(None, (bare(row.street_number), row.street_index)))
        street = f"{number} {row.street or row.residence_name}".strip()
        doors = "/".join(filter(None, (bare(row.entrance), bare(row.staircase))))
        code = _fit(f"{doors} {canonical(street).replace('_', ' ')}".strip(), 80)
        key = (_fit(row.residence_code, 120), _fit(bare(row.building) or "1", 40), code)
        if (staircase := self.staircases.get(key)) is None:
            staircase = self.plan.add(Staircase(building=building, code=code, street=street[:200]))
            self.staircases[key] = staircase
        elif self.first("street", *key):
            self.plan.update(staircase, street=street[:200])
        self.first(Staircase, *key)
        return staircase

    def dwelling(self, key: str, staircase: Staircase, row: StockRow) -> None:
        area = row.area.quantize(CENT, ROUND_HALF_UP) if row.area is not None else None
        values: dict[str, Any] = {
            "door": row.door[:20] or None,
            "floor": row.floor,
            "rooms": row.rooms,
        }
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


def _fit(key: str, length: int) -> str:
    """Return ``key`` cut to ``length``, with a digest when cut so that two keys stay different."""
    return key if len(key) <= length else f"{key[: length - 9]}~{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]


def _cells(row: StockRow) -> dict[str, str]:
    names = ("residence_name", "commune_code", "street_number", "street", "door", "natural_key")
    return {name: str(getattr(row, name)) for name in names}
