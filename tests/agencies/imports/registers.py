"""Make registers as landlords have them: mixed, numberless, streetless, shuffled, next year's.

Invented, from a seed; every line is a dwelling.
"""

import random

from .rpls_files import COLUMNS_2018, dwelling

STREETS = ("RUE DU LIN", "AVENUE DES ORMES", "ALLÉE DU 8 MAI 1945", "PLACE SAINTE-ANNE")
DOORS = ("NUMAPPT", "NUMBOITE", "COMPLIDENT")
PLACES = ("NUMVOIE", "INDREP", "TYPVOIE", "NOMVOIE")
SHARED = ("ESC", "ENTREE", "BAT", "IMMEU", "ETAGE")


def whole(homes: int = 240, *, seed: int = 1, communes: int = 2) -> list[dict[str, str]]:
    """A register that says everything: doors, floors, staircases."""
    chance = random.Random(seed)  # noqa: S311 - invented places
    rows = []
    while len(rows) < homes:
        block = len(rows) // 12
        street = STREETS[block % len(STREETS)]
        rows += [
            dwelling(
                door + 1,
                DEPCOM=f"0199{block % communes}",
                LIBCOM=f"VALMER {block % communes}",
                NUMVOIE=str(2 * block + 1),
                INDREP="",
                TYPVOIE=street.split()[0],
                NOMVOIE=street,
                LIEUDIT=f"RESIDENCE {block // 3}",
                ETAGE=f"{door // 4:02d}",
                NBPIECE=str(size := chance.choice((2, 3, 3, 4))),
                SURFHAB=str(20 * size + chance.randrange(6)),
                CONSTRUCT=str(1960 + block),
                NUMCONV=f"01{block:05}A",
                IDENT_INT="",
            )
            for door in range(12)
        ]
    return rows[:homes]


def without(rows, *names: str) -> list[dict[str, str]]:
    return [row | dict.fromkeys(names, "") for row in rows]


def numberless(rows) -> list[dict[str, str]]:
    """No door, no floor: all that stand in one street door are told by size alone."""
    return without(rows, *DOORS, *SHARED)


def streetless(rows) -> list[dict[str, str]]:
    """No street at all: a third has the place, a third a complement, a third an agreement."""
    bare = without(rows, *PLACES, *DOORS, "LIEUDIT", "COMPLGEO")
    for n, row in enumerate(bare):
        if n % 3 == 0:
            row["LIEUDIT"] = rows[n]["LIEUDIT"]
        elif n % 3 == 1:
            row["COMPLGEO"] = f"LOT {rows[n]['LIEUDIT']}"
    return bare


def mixed(rows, seed: int = 2) -> list[dict[str, str]]:
    """Every cell may be blank, odd, or written as another tool writes it."""
    chance = random.Random(seed)  # noqa: S311
    blank = [n for n in COLUMNS_2018 if n not in {"DEPCOM", "LIBCOM", "CODEPOSTAL"}]
    out = []
    for n, row in enumerate(rows):
        dirty = row | dict.fromkeys(chance.sample(blank, 12), "")
        dirty[chance.choice(blank)] = chance.choice(("NA", "NULL", ".", " ", "  \xa0 ", "NC"))
        dirty[chance.choice(("ETAGE", "NBPIECE", "SURFHAB"))] = chance.choice(("?", "XX", "12 bis"))
        if n % 20 == 0:
            dirty["DEPCOM"] = ""
        if n % 7 == 0:
            dirty["IDENT_INT"] = "0"  # what some tools write for no identifier
        out.append(dirty)
    return out


def shuffled(rows, seed: int = 3) -> list[dict[str, str]]:
    rows = list(rows)
    random.Random(seed).shuffle(rows)  # noqa: S311
    return rows


def next_year(rows, seed: int = 4) -> list[dict[str, str]]:
    """Energy and areas measured again, floors written otherwise, three more homes, two sold."""
    chance = random.Random(seed)  # noqa: S311
    later = [dict(row) for row in rows]
    for row in chance.sample(later, len(later) // 20):
        row["DPEENERGIE"] = "C"
    for row in later:
        row["ETAGE"] = row["ETAGE"].lstrip("0") or ("0" if row["ETAGE"] else "")
    for row in chance.sample(later, len(later) // 50):
        row["SURFHAB"] = str(int(row["SURFHAB"] or 60) + 1)
    sold = {id(row) for row in chance.sample(later, 2)}
    new = [dict(row) | {"NUMVOIE": "901", "LIEUDIT": "RESIDENCE NEUVE"} for row in later[:3]]
    return shuffled([row for row in later if id(row) not in sold] + new, seed)
