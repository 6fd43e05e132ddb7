"""Compare the rows of a file with the stock in the database, then write the difference.

``plan_stock`` only reads: its plan is the dry run, and ``plan.save`` writes it, inside the
caller's transaction. Nothing is ever deleted, and what a file does not say never erases what
is known; a residence's name and a unit's are only given at creation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import gettext, ngettext

from agencies.models import (
    Building,
    Desk,
    Dwelling,
    OpeningHours,
    Residence,
    Staircase,
    Unit,
    UnitName,
)
from agencies.units import new_head_office, starting_desks, starting_hours
from portal.database.pooler import held_lock

from .addresses import bare, spelled_out
from .identify import Facts, Found, Result, identify
from .keys import fit
from .line_keys import (
    entry,
    facts,
    facts_of,
    street_line,
    with_insee_codes,
)
from .plan import Plan, Progress
from .rpls import StockRow
from .tables import Reject, canonical
from .unit_questions import (
    ASIDE,
    MOST_NEW_UNITS,
    SEGMENTS,
    UNITS,
    Question,
    Units,
    commune_key,
    segment_key,
)

LOCK = 0x50414C49  # one import at a time
# Parents first.
LEVELS = (Unit, UnitName, OpeningHours, Desk, Residence, Building, Staircase, Dwelling)
T = TypeVar("T")


@contextmanager
def one_import(*, wait: bool = True) -> Iterator[bool]:
    """Hold the lock that lets one import run at a time, from reading to commit.

    Yields whether it is held. ``wait`` for the end of another import, or yield False at once.
    """
    with held_lock(LOCK, wait=wait) as held:
        yield held


def plan_stock(
    results: Iterable[StockRow | Reject],
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    answers: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Compare stock rows with the database; reads only.

    ``agency`` receives the new residences for which no line names one; without it they go to
    the only agency there is, and a question is asked when there are several.
    ``one_agency``: the file's segments are not agencies; leave them aside. ``answers``: which unit
    holds what, by the key of the question (agencies/imports/unit_questions.py). ``progress`` is
    called with the number of rows read. Raises :class:`~agencies.imports.tables.WrongFile`
    when the file breaks off or has no row.
    """
    plan, rows = Plan(LEVELS, (Dwelling, Residence)), []
    for row in plan.rows(results, progress):
        rows.append(row)
        if row.warnings:
            plan.notes.append(
                gettext("line %(line)s: %(what)s")
                % {"line": row.line, "what": " ".join(map(str, row.warnings))}
            )
    if one_agency:
        rows = [_without_segment(row) for row in rows]
    _Stock(plan, agency, answers or {}).merge(with_insee_codes(rows))
    return plan


def _without_segment(row: StockRow) -> StockRow:
    return replace(row, agency_code="", agency_name="")


def _usual(values: Iterable[T], current: T | None = None) -> T | None:
    """Return what most lines say, whatever their order; what is known already among equals."""
    votes = Counter(values)
    if not votes:
        return None
    most = max(votes.values())
    among = [value for value, count in votes.items() if count == most]
    return current if current in among else min(among)  # type: ignore[type-var]


class _Stock:
    """The database in memory, by the keys that a file recognises rows by."""

    def __init__(self, plan: Plan, agency: Unit | None, answers: dict[str, str]) -> None:
        self.plan = plan
        self.residences = {r.code: r for r in Residence.objects.select_related("unit")}
        self.units = Units(
            agency=agency,
            answers=answers,
            create=self.equip,
            only=self.only_agency,
            remember=plan.add,
            residences=self.residences.values(),
        )
        self.buildings: dict[tuple, Building] = {}
        self.staircases: dict[tuple, Staircase] = {}
        by_pk = {r.pk: r for r in self.residences.values()}
        building_key: dict[int, tuple] = {}
        for building in Building.objects.order_by("pk"):
            key = (by_pk[building.residence_id].code, bare(building.code))
            building_key[building.pk] = key
            self.buildings.setdefault(key, building)
        stairs: dict[int, tuple] = {}
        for stair in Staircase.objects.order_by("pk"):
            self.staircases.setdefault((*building_key[stair.building_id], stair.code), stair)
            residence, number = building_key[stair.building_id]
            commune = canonical(self.residences[residence].commune)
            where = (commune, spelled_out(stair.street))
            stairs[stair.pk] = (where, (residence, number, stair.code), entry(stair))
        # In the order of their keys, so that what is found does not depend on the table's.
        self.known = [
            facts_of(dwelling, *stairs[dwelling.staircase_id])
            for dwelling in Dwelling.objects.order_by("natural_key").iterator(chunk_size=5000)
        ]
        self.districts = False
        self.met: set[tuple] = set()

    def first(self, *key: object) -> bool:
        """Return whether the file names this thing for the first time."""
        if key in self.met:
            return False
        self.met.add(key)
        self.plan.seen[key[0]] += 1
        return True

    def merge(self, rows: list[StockRow]) -> None:
        self.landlord()
        rows = self.segments(rows)
        # A file that has no priority district at all has no such column: it says nothing.
        self.districts = any(row.priority_district for row in rows)
        result = identify([facts(row) for row in rows], self.known)
        self.places(result)
        for found in result.found:
            self.dwelling(found)
        self.tell(result.repeated)
        matched = {id(found.known) for found in result.found if found.known}
        self.count_missing({canonical(row.commune or row.commune_code) for row in rows}, matched)
        self.plan.questions = self.units.told()
        number = sum(unit.kind != Unit.Kind.HEAD_OFFICE for unit in self.plan.new[Unit])
        if number > MOST_NEW_UNITS:
            self.plan.doubts.append(
                gettext("The file would create %(number)s agencies: are they really agencies?")
                % {"number": number}
            )

    def places(self, result: Result) -> None:
        """Plan the residences, buildings and staircases of the dwellings that were found."""
        told = [(one.place, one.line.ref) for one in result.found]
        # A line that tells again of a dwelling still names its residence.
        told += [(again.place, again.ref) for again, _first in result.repeated]
        groups: list[dict[tuple, list]] = [defaultdict(list) for _level in range(3)]
        for place, row in told:
            for level, group in enumerate(groups, 1):
                group[place[:level]].append(row)
        residences, buildings, stairs = groups
        # Residences that name a segment come first: they tell who holds their commune.
        for key, rows in sorted(residences.items(), key=lambda g: (not _votes(g[1]), g[0])):
            self.residence(key[0], rows)
        for key, rows in buildings.items():
            self.building(key, rows)
        for key, rows in stairs.items():
            self.staircase(key, rows)

    def segments(self, rows: list[StockRow]) -> list[StockRow]:
        """Leave the segments aside when there are too many to be agencies, and ask."""
        named = {(row.agency_code, row.agency_name) for row in rows}
        unknown = [pair for pair in named if any(pair) and not self.units.known_segment(*pair)]
        answer = self.units.answers.get(SEGMENTS, "")
        if len(unknown) <= MOST_NEW_UNITS and not answer:
            return rows
        label = gettext("%(number)s segments of the file") % {"number": len(unknown)}
        question = Question(SEGMENTS, label, ASIDE)
        question.dwellings = sum(bool(row.agency_code or row.agency_name) for row in rows)
        self.units.questions[SEGMENTS] = question
        return rows if answer == UNITS else [_without_segment(row) for row in rows]

    def tell(self, repeated: list[tuple[Facts, Facts]]) -> None:
        """Add what a person should know of the lines that name the same or no single door."""
        self.plan.repeated = len(repeated)
        for again, first in sorted(repeated, key=lambda pair: pair[0].ref.line):
            reason = gettext("line %(line)s: the same dwelling as line %(first)s: %(key)s")
            words = {"line": again.ref.line, "first": first.ref.line, "key": first.keys[0]}
            self.plan.notes.append(reason % words)
        if number := self.plan.to_identify:
            told = ngettext(
                "%(number)s dwelling has no door of its own in the file: its caretaker is asked.",
                "%(number)s dwellings have no door of their own in the file: caretakers are asked.",
                number,
            )
            self.plan.notes.insert(0, told % {"number": number})

    def count_missing(self, communes: set[str], matched: set[int]) -> None:
        """Count the known dwellings that such a file should name and does not.

        Those of its communes, and its own. A file of one town says nothing of the others, and a
        stock taken over adds to what is known.
        """
        here = [d for d in self.known if d.where[0] in communes or id(d) in matched]
        if apart := len(self.known) - len(here):
            told = gettext("Left alone, in communes that the file does not name: %(n)s dwellings.")
            self.plan.notes.insert(0, told % {"n": apart})
        self.plan.known[Dwelling] = len(here)
        self.plan.vanished = len(here) - len(matched)
        self.plan.known[Residence] = sum(
            canonical(residence.commune) in communes
            for residence in self.residences.values()
            if not residence._state.adding
        )

    def landlord(self) -> None:
        """Plan head office with its desks, and the usual week, where the database has none yet."""
        if not any(u.kind == Unit.Kind.HEAD_OFFICE for u in self.units.by_code.values()):
            head = new_head_office()
            self.units.by_code[head.code] = self.equip(head)
            self.plan.implied[Unit] += 1
            self.plan.notes.append(gettext("A head office and its desks are created."))
        if not OpeningHours.objects.filter(unit__isnull=True).exists():
            for hours in starting_hours(None):
                self.plan.add(hours)

    def equip(self, unit: Unit) -> Unit:
        """Plan a new unit with its desks and the usual hours."""
        self.plan.add(unit)
        for row in [*starting_desks(unit), *starting_hours(unit)]:
            self.plan.add(row)
        return unit

    def only_agency(self) -> Unit | None:
        """Return the one agency of a small landlord, planned when there is none.

        None among several.
        """
        agencies = self.units.agencies
        if not agencies:
            name = gettext("Agency")
            self.plan.notes.append(gettext("No agency is named: one is created, “%s”.") % name)
            unit = self.equip(Unit(code="agence", name=name, kind=Unit.Kind.AGENCY))
            self.units.by_code[unit.code] = unit
            agencies.append(unit)
        return agencies[0] if len(agencies) == 1 else None

    def residence(self, code: str, group: list[StockRow]) -> None:
        """Plan the residence of the lines ``group``, with the agency that most of them name."""
        residence, votes = self.residences.get(code), _votes(group)
        named = {segment: self.units.of_segment(*segment) for segment in votes}
        shares: Counter[str] = Counter()
        for segment, count in votes.items():
            shares[named[segment].code] += count
            self.units.count(segment_key(*segment), count)
        units = {unit.code: unit for unit in named.values()}
        current = residence.unit.code if residence else None
        usual = _usual(shares.elements(), current)
        unit = units[usual] if usual else None
        name = _usual(row.residence_name for row in group) or ""
        if len(shares) > 1:
            parts = (f"{units[c].name} ({n})" for c, n in sorted(shares.items()))
            told = gettext("%(residence)s: several agencies, %(shares)s")
            self.plan.notes.append(told % {"residence": name, "shares": ", ".join(parts)})
        commune = _usual(
            ((row.commune or row.commune_code)[:80] for row in group),
            residence.commune if residence else None,
        )
        postcode = _usual(
            (row.postcode[:10] for row in group if row.postcode),
            residence.postcode if residence else None,
        )
        if residence is None and unit is None:
            first = min(group, key=lambda row: row.commune_code)
            unit = self.units.of_commune(first.commune_code, commune or "", postcode or "")
            self.units.count(commune_key(first.commune_code, commune or ""), len(group))
        self.first(Residence, code)
        if unit:
            self.first(Unit, unit.code)
            if residence is None:
                self.units.hold(commune or "", postcode or "", unit)
        values: dict[str, object] = {"commune": commune, "postcode": postcode}
        if self.districts:
            values["priority_district"] = any(r.priority_district for r in group)
        # A file without the column says nothing: what a person typed stays.
        if any(row.district for row in group):
            values["district"] = _usual((row.district for row in group if row.district), None)
        if residence is None:
            residence = Residence(code=code, name=name[:160], unit=unit)
            self.residences[code] = self.plan.add(residence)
        self.plan.update(residence, unit=unit, **values)

    def building(self, key: tuple[str, str], group: list[StockRow]) -> None:
        if (building := self.buildings.get(key)) is None:
            # Shown as written, with its zeros; compared without them.
            shown = _usual(" ".join(row.building.split()) or "1" for row in group) or "1"
            building = Building(residence=self.residences[key[0]], code=fit(shown, 40))
            self.buildings[key] = self.plan.add(building)
        built = _usual((row.built for row in group if row.built), building.built)
        if built:
            self.plan.update(building, built=built)
        places = [(r.latitude, r.longitude) for r in group if r.latitude is not None]
        if building.latitude is None and (place := _usual(places)) and place[1] is not None:
            # Those of the address base, or of somebody who corrected them, are left alone.
            self.plan.update(building, latitude=place[0], longitude=place[1])
        self.first(Building, *key)

    def staircase(self, key: tuple[str, str, str], group: list[StockRow]) -> None:
        staircase = self.staircases.get(key)
        street = (
            _usual(
                (street_line(row)[:200] for row in group), staircase.street if staircase else None
            )
            or ""
        )
        if staircase is None:
            building = self.buildings[key[:2]]
            staircase = self.plan.add(Staircase(building=building, code=key[2], street=street))
            self.staircases[key] = staircase
        else:
            self.plan.update(staircase, street=street)
        self.first(Staircase, *key)

    def dwelling(self, found: Found) -> None:
        row: StockRow = found.line.ref  # type: ignore[assignment]
        values: dict[str, Any] = {
            "staircase": self.staircases[found.place],
            "door": row.door[:20] or None,
            "floor": row.floor,
            "rooms": row.rooms,
            "area": found.line.area,
            "energy": row.energy or None,
            "number": found.number,
        }
        self.plan.seen[Dwelling] += 1
        if found.known is None:
            self.plan.to_identify += bool(found.number)
            values = {name: value for name, value in values.items() if value is not None}
            self.plan.add(Dwelling(natural_key=found.key, **values))
            return
        dwelling: Dwelling = found.known.ref  # type: ignore[assignment]
        if dwelling.identified_at:
            # Somebody stood before that door.
            del values["door"], values["floor"]
            values["number"] = 0
        elif dwelling.number and found.number:
            values["number"] = dwelling.number
        elif dwelling.door and not row.door:
            values["number"] = dwelling.number  # an earlier file told its door
        if found.line.named:
            values["natural_key"] = found.line.keys[0]
        self.plan.to_identify += bool(values["number"])
        if not self.plan.update(dwelling, **values):
            self.plan.unchanged += 1


def _votes(group: list[StockRow]) -> Counter[tuple[str, str]]:
    named = ((row.agency_code, row.agency_name) for row in group)
    return Counter(segment for segment in named if any(segment))
