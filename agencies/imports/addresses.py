"""Compare addresses however they are written, and give buildings their coordinates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from agencies.models import Building, Staircase

from .ban import AddressRow
from .plan import BATCH, Plan, Progress
from .tables import Reject, canonical

ABBREVIATIONS = {
    "ST": "SAINT", "STE": "SAINTE", "AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD",
    "BLD": "BOULEVARD", "PL": "PLACE", "ALL": "ALLEE", "CHE": "CHEMIN", "CHEM": "CHEMIN",
    "RTE": "ROUTE", "IMP": "IMPASSE", "SQ": "SQUARE",
}  # fmt: skip
INDEXES = {"B": "BIS", "BI": "BIS", "T": "TER", "TE": "TER", "Q": "QUATER"}


def plan_addresses(
    results: Iterable[AddressRow | Reject], *, progress: Progress | None = None
) -> Plan:
    """Compare the addresses of the doors with the address base: each building goes to the
    middle of its doors that were found. Reads only, and holds only the addresses wanted."""
    plan = Plan((Building,), (Building,), absent="not_found")
    doors: dict[int, list[list[tuple[str, str]]]] = defaultdict(list)
    buildings: dict[int, Building] = {}
    query = Staircase.objects.select_related("building__residence").order_by("pk")
    for staircase in query.iterator(chunk_size=BATCH):
        building = buildings.setdefault(staircase.building_id, staircase.building)
        addresses = _spellings(staircase.street)
        where = _places(building.residence.postcode, building.residence.commune)
        wanted = [(place, address) for address in addresses for place in where]
        if wanted not in doors[building.pk]:
            doors[building.pk].append(wanted)
    found = dict.fromkeys(k for keys in doors.values() for wanted in keys for k in wanted)
    for result in plan.rows(results, progress):
        address = address_of(f"{bare(result.number)} {result.rep} {result.street}")
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


def address_of(text: str) -> str:
    """Return the form in which addresses are compared.

    ``"12 av. du Lac"`` → ``"12 AVENUE DU LAC"``.
    """
    return " ".join(ABBREVIATIONS.get(word, word) for word in canonical(text).split("_"))


@lru_cache(maxsize=1 << 15)
def spelled_out(street: str) -> str:
    """Return ``"12 B r. du Lac"`` as ``"12 BIS R DU LAC"``: the form that two files share."""
    return _spellings(street)[-1]


def _spellings(street: str) -> list[str]:
    """Return ``"12 B RUE X"`` as written first, then with the index in full: ``"12 BIS RUE X"``."""
    address = address_of(street)
    words = address.split(" ", 2)
    if len(words) == 3 and words[1] in INDEXES:
        return [address, f"{words[0]} {INDEXES[words[1]]} {words[2]}"]
    return [address]


def _places(postcode: str, commune: str) -> list[str]:
    """Return the postcode, then the commune within its département.

    Two postcodes may share a street.
    """
    return [postcode, f"{postcode[:2]} {canonical(commune)}"]


def bare(code: str) -> str:
    """Return a number without leading zeros, which spreadsheets drop: ``"01"`` → ``"1"``."""
    code = " ".join(code.split())
    return code.lstrip("0") or "0" if code.isdigit() else code
