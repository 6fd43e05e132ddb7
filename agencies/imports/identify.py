"""Find the dwelling that each line of the register means, whatever the order, the year, the layout.

Pure. A line that names an identifier or a door means one dwelling. Lines that the file does not
tell apart are as many dwellings, numbered: which line is which is found by what else they say, so
that the same file in another order changes nothing, and next year's only what did change.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

PARTS = 12  # of the key that an address makes; an identifier has fewer
TRUSTED = 0.98  # share of different identifiers from which a repeated one is the same dwelling


@dataclass(slots=True)
class Facts:
    """What a line, or a dwelling in the database, says of itself. Blank or None is not said.

    ``keys``: an identifier first, where there is one, then the address of the door. ``where``:
    commune and street. ``ref`` is the caller's own.
    """

    keys: tuple[str, ...]
    where: tuple[str, str]
    residence: str
    building: str
    entry: str
    floor: int | None
    door: str
    rooms: int | None
    area: Decimal | None
    energy: str
    place: tuple[str, str, str]  # keys of residence, building and staircase
    told: bool = True  # whether the residence is named, and not taken from the street
    ref: object = None
    named: bool = False  # by an identifier that is its own


@dataclass(slots=True)
class Found:
    """One dwelling of the file: its line, the known dwelling or the key of a new one.

    ``number`` is above zero when the file does not tell it apart from its neighbours.
    """

    line: Facts
    known: Facts | None
    key: str
    number: int

    @property
    def place(self) -> tuple[str, str, str]:
        """Return where it is: what is known already, when the line says the same or less."""
        line, known = self.line, self.known
        if known is None or line.where != known.where:
            return line.place
        same = (
            (not line.told or line.residence == known.residence)
            and line.building in ("1", known.building)  # 1 is what none becomes
            and line.entry in ("", known.entry)
        )
        return known.place if same else line.place


@dataclass
class Result:
    """Every dwelling of the file once, and the lines that repeat one of them."""

    found: list[Found]
    repeated: list[tuple[Facts, Facts]]


SAME = (  # passes among the dwellings of one address, from what says most to what says least
    ("residence", "building", "entry", "floor", "door", "rooms", "area", "energy"),
    ("residence", "floor", "door", "rooms", "area"),
    ("floor", "rooms", "area"),
    ("rooms", "area"),
    ("area",),
    ("rooms",),
)
PLACE = (  # among those of one street number that are left: the layout changed, or a floor did
    ("building", "entry", "floor", "door", "rooms", "area"),
    ("entry", "floor", "door", "rooms", "area"),
    ("floor", "door", "rooms", "area"),
    ("door", "floor"),
    ("door", "rooms", "area"),
    ("floor", "rooms", "area"),
    ("rooms", "area"),
)
ALL = SAME[0]


def identify(lines: Sequence[Facts], known: Iterable[Facts]) -> Result:
    """Pair the lines of a file with the known dwellings; what is left of the lines is new."""
    known = list(known)
    lines, repeated = _without_repeats(lines)
    groups: dict[str, list[Facts]] = defaultdict(list)
    for line in lines:
        groups[line.keys[0]].append(line)
    pairs: dict[int, Facts] = {}
    left = _pair_by_key(groups, known, pairs)
    _pair_by_place([line for line in lines if id(line) not in pairs], left, pairs)
    return Result(_number(groups, known, pairs), repeated)


def base_of(key: str) -> str:
    """Return the key without number: dwellings of one base are those that no file told apart."""
    base = re.sub(r"#\d+$", "", key)
    parts = base.split("|")
    # Keys once ended with rooms, area and year.
    return "|".join(parts[:PARTS]) if len(parts) == PARTS + 1 else base


def _without_repeats(lines: Sequence[Facts]) -> tuple[list[Facts], list[tuple[Facts, Facts]]]:
    """Keep each dwelling once, and identifiers only where they name a single one.

    An identifier told twice at one door is one dwelling told twice; at several addresses, or on
    many lines, it is a programme's or a blank's.
    """
    by_name: dict[str, list[Facts]] = defaultdict(list)
    for line in lines:
        if len(line.keys) > 1:
            by_name[line.keys[0]].append(line)
    count = sum(map(len, by_name.values()))
    trusted = count > 0 and len(by_name) >= TRUSTED * count
    kept, repeated, dropped = [], [], set()
    for same in by_name.values():
        if len(same) == 1:
            same[0].named = True
            continue
        addresses = {line.keys[1] for line in same}
        if len(addresses) == 1 and (same[0].door or trusted):
            first, *others = sorted(same, key=_order)
            first.named = True
            repeated += [(other, first) for other in others]
            dropped |= {id(other) for other in others}
        else:
            for line in same:
                line.keys = line.keys[1:]
    kept = [line for line in lines if id(line) not in dropped]
    return kept, repeated


def _pair_by_key(
    groups: dict[str, list[Facts]], known: list[Facts], pairs: dict[int, Facts]
) -> list[Facts]:
    """Pair what has the same identifier or address; return the known dwellings that are left."""
    by_key = {dwelling.keys[0]: dwelling for dwelling in known}
    families: dict[str, list[Facts]] = defaultdict(list)
    for dwelling in known:
        families[base_of(dwelling.keys[0])].append(dwelling)
    for key, group in groups.items():
        exact = by_key.get(key)
        if len(group) == 1 and exact and (len(families[key]) == 1 or group[0].named):
            pairs[id(group[0])] = exact
        elif not group[0].named:
            _pair(group, families.get(key, []), SAME, pairs, strict=False)
            _pair_blank(group, families.get(key, []), pairs)
    taken = {id(dwelling) for dwelling in pairs.values()}
    return [dwelling for dwelling in known if id(dwelling) not in taken]


def _pair_by_place(lines: list[Facts], known: list[Facts], pairs: dict[int, Facts]) -> None:
    here: dict[tuple, list[Facts]] = defaultdict(list)
    for dwelling in known:
        here[dwelling.where].append(dwelling)
    groups: dict[tuple, list[Facts]] = defaultdict(list)
    for line in lines:
        if line.where in here:
            groups[line.where].append(line)
    for where, group in groups.items():
        _pair(group, here[where], PLACE, pairs, strict=True)


def _pair(
    lines: list[Facts],
    known: list[Facts],
    passes: tuple[tuple[str, ...], ...],
    pairs: dict[int, Facts],
    *,
    strict: bool,
) -> None:
    """Pair lines and dwellings that say the same of all fields of a pass, in a fixed order.

    ``strict``: what a pass does not compare must not contradict either.
    """
    lines = sorted((line for line in lines if id(line) not in pairs), key=_order)
    known = sorted(known, key=lambda dwelling: (_order(dwelling), dwelling.keys))
    for fields in passes:
        if not lines or not known:
            return
        values = attrgetter(*fields, "where")
        buckets: dict[tuple, list[Facts]] = defaultdict(list)
        for dwelling in known:
            buckets[values(dwelling)].append(dwelling)
        for line in lines:
            bucket = buckets.get(values(line))
            if not bucket or (strict and not _says(line, fields)):
                continue
            fits = (d for d in bucket if not strict or _agree(line, d, fields))
            if (found := next(fits, None)) is not None:
                bucket.remove(found)
                pairs[id(line)] = found
        taken = {id(pairs[id(line)]) for line in lines if id(line) in pairs}
        lines = [line for line in lines if id(line) not in pairs]
        known = [dwelling for dwelling in known if id(dwelling) not in taken]


def _pair_blank(lines: list[Facts], known: list[Facts], pairs: dict[int, Facts]) -> None:
    """Pair within one address where one side says neither rooms nor area."""
    taken = {id(pairs[id(line)]) for line in lines if id(line) in pairs}
    left = sorted((d for d in known if id(d) not in taken), key=_order)
    for line in sorted((line for line in lines if id(line) not in pairs), key=_order):
        bare = line.rooms is None and line.area is None
        for dwelling in left:
            if bare or (dwelling.rooms is None and dwelling.area is None):
                left.remove(dwelling)
                pairs[id(line)] = dwelling
                break


def _says(line: Facts, fields: tuple[str, ...]) -> bool:
    """Return whether the line says enough for this pass to mean something."""
    if "door" in fields and fields[0] == "door":
        return bool(line.door)
    return bool(line.door) or line.rooms is not None or line.area is not None


def _agree(line: Facts, dwelling: Facts, fields: tuple[str, ...]) -> bool:
    """Return whether nothing that the pass leaves aside contradicts."""
    if line.named and dwelling.named:
        return False  # two identifiers are two dwellings
    same_door = "door" in fields
    if not same_door and line.door and dwelling.door:
        return False
    apart = "building" not in fields and line.building != dwelling.building
    if apart and "1" not in (line.building, dwelling.building):
        return False
    return "entry" in fields or not (line.entry and dwelling.entry) or line.entry == dwelling.entry


def _number(
    groups: dict[str, list[Facts]], known: list[Facts], pairs: dict[int, Facts]
) -> list[Found]:
    """Give new dwellings their key, and those that the file does not tell apart their number."""
    taken = {dwelling.keys[0] for dwelling in known}
    shared = Counter(line.keys[-1] for group in groups.values() for line in group)
    found = []
    for key, group in groups.items():
        suffix = 1
        for line in sorted(group, key=_order):
            dwelling: Facts | None = pairs.get(id(line))
            new = key
            if dwelling is None:
                while new in taken:
                    suffix += 1
                    new = f"{key}#{suffix}"
                taken.add(new)
            own = line.named or shared[line.keys[-1]] == 1
            number = 0 if own else _suffix(dwelling.keys[0] if dwelling else new)
            found.append(Found(line, dwelling, new, number))
    _tell_apart(found)
    return found


def _suffix(key: str) -> int:
    match = re.search(r"#(\d+)$", key)
    return int(match.group(1)) if match else 1


def _tell_apart(found: list[Found]) -> None:
    """Give the second of two equal numbers of one address the next free one."""
    groups: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        if one.number:
            groups[one.line.keys[-1]].append(one)
    for group in groups.values():
        used: set[int] = set()
        again = []
        for one in sorted(group, key=lambda f: (f.known is None, f.number, _order(f.line))):
            if one.number in used:
                again.append(one)
            used.add(one.number)
        free = 1
        for one in again:
            while free in used:
                free += 1
            one.number = free
            used.add(free)


def _order(facts: Facts) -> tuple:
    """Return a key that sorts by what is said, never by the order of the file."""
    return tuple(
        (value is not None, value if value is not None else 0) for value in attrgetter(*ALL)(facts)
    )
