"""What a line of the stock, and a dwelling in the database, are recognised by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from agencies.models import Dwelling, Staircase

from .addresses import bare, spelled_out
from .identify import PARTS, Facts, base_of
from .keys import fit
from .rpls import UNKNOWN, StockRow
from .tables import canonical

CENT = Decimal("0.01")


def facts_of(
    dwelling: Dwelling, where: tuple[str, str], place: tuple[str, str, str], entry: str
) -> Facts:
    """Return what a dwelling of the database says, for comparing; the rest says its staircase."""
    return Facts(
        keys=(dwelling.natural_key,),
        where=where,
        residence=place[0],
        building=place[1],
        entry=entry,
        place=place,
        floor=dwelling.floor,
        door=canonical(bare(dwelling.door)),
        rooms=dwelling.rooms,
        area=dwelling.area,
        energy=dwelling.energy,
        ref=dwelling,
        named=base_of(dwelling.natural_key).count("|") < PARTS - 1,
    )


def facts(row: StockRow) -> Facts:
    """Return what a line says, for comparing."""
    area = row.area.quantize(CENT, ROUND_HALF_UP) if row.area is not None else None
    address = fit(row.address_key, 290)
    return Facts(
        keys=(fit(row.external_id, 290), address) if row.external_id else (address,),
        where=(
            canonical((row.commune or row.commune_code)[:80]),
            spelled_out(street_line(row)[:200]),
        ),
        residence=residence_code(row),
        building=building_code(row),
        entry=doors(row),
        place=stairs_key(row),
        told=row.residence_name not in ("", row.street)
        and not row.residence_code.endswith(f"-{UNKNOWN}"),
        floor=row.floor,
        door=canonical(bare(row.door[:20])),
        rooms=row.rooms,
        area=area,
        energy=row.energy,
        ref=row,
    )


def with_insee_codes(rows: list[StockRow]) -> list[StockRow]:
    """Give lines without INSEE code the one that other lines give to the same commune."""
    if all(row.insee for row in rows):
        return rows
    codes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.insee:
            for name in _names(row):
                codes[name].add(row.commune_code)
    return [row if row.insee else _with_code(row, codes) for row in rows]


def _names(row: StockRow) -> list[str]:
    name = canonical(row.commune)
    return [f"{row.postcode} {name}", name, row.postcode]


def _with_code(row: StockRow, codes: dict[str, set[str]]) -> StockRow:
    found = (codes[name] for name in _names(row) if name and len(codes.get(name, ())) == 1)
    code = next(found, None)
    if code is None:
        return row
    (insee,) = code
    before = len(row.commune_code)
    return replace(
        row,
        commune_code=insee,
        residence_code=f"{insee}{row.residence_code[before:]}",
        address_key=f"{insee}{row.address_key[before:]}",
    )


def residence_code(row: StockRow) -> str:
    """Return the key of the residence of a line."""
    return fit(row.residence_code, 120)


def building_code(row: StockRow) -> str:
    """Return the code of its building, without zeros: 1 when the line names none."""
    return fit(bare(row.building) or "1", 40)


def street_line(row: StockRow) -> str:
    """Return number and street, or the place where there is no street."""
    number = " ".join(filter(None, (bare(row.street_number), row.street_index)))
    return f"{number} {row.street or row.residence_name}".strip()


def doors(row: StockRow) -> str:
    """Return entrance and staircase: ``"1/2"``."""
    return "/".join(filter(None, (bare(row.entrance), bare(row.staircase))))


def stairs_key(row: StockRow) -> tuple[str, str, str]:
    """Return the key of its staircase."""
    code = f"{doors(row)} {canonical(street_line(row)).replace('_', ' ')}".strip()
    return residence_code(row), building_code(row), fit(code, 80)


def entry(stair: Staircase) -> str:
    """Return the entrance and staircase that a code of :func:`_stairs_key` begins with."""
    street = canonical(stair.street).replace("_", " ")
    return stair.code.removesuffix(street).strip() if stair.code.endswith(street) else ""
