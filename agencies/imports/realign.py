"""Put back the cells of a line that a separator inside a value has moved."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .tables import Row

# What the cells of the register that are not free text must look like; blank is always right.
SHAPES = {
    "DEPCOM": r"\d[\dABab]?\d{2,3}",
    "CODEPOSTAL": r"\d{4,5}",
    "TYPECONST": r"[CIEcie]\w*",
    "QPV": r"[12]|[A-Za-z]+",
    "NBPIECE": r"[TF]?\d{1,2}",
    "SURFHAB": r"\d{1,4}([.,]\d+)?",
    "CONSTRUCT": r"\d{4}",
    "LOCAT": r"\d{4}",
    "DPEENERGIE": r"[A-G]|N\w*",
    "DPESERRE": r"[A-G]|N\w*",
    "LATITUDE": r"-?\d{1,2}\.\d+",
    "LONGITUDE": r"-?\d{1,3}\.\d+",
    "X": r"-?\d+([.,]\d+)?",
    "Y": r"-?\d+([.,]\d+)?",
}
# What other cells usually look like: the place that suits most of them is the right one.
USUAL = {
    "LIBCOM": r"\D+",
    "NUMVOIE": r"\d+\w?",
    "INDREP": r"[A-Za-z]{1,6}",
    "TYPVOIE": r"[A-Za-z ]{2,12}",
    "NOMVOIE": r".{6,}",
    "NUMAPPT": r"\w{1,6}",
    "NUMBOITE": r"\w{1,6}",
    "ESC": r"\w{1,3}",
    "ETAGE": r"-?\d{1,2}|R\w{1,2}",
    "ENTREE": r"\w{1,3}",
    "BAT": r"\w{1,3}",
    "IMMEU": r"\w{1,3}",
    "LIEUDIT": r".{4,}",
    "NUMCONV": r"\w{6,}",
}
WHOLE = ("CODSEGPATRIM", "LIBSEGPATRIM", "IDENT_INT", "IDENT_REP")  # never put together
LEAST = 4  # cells with a shape that must be filled and right before a repair is believed


def realigned(row: Row, headers: list[str], found: Mapping[str, str]) -> Row:
    """Return ``row`` with the pieces of a cut value joined, when one place alone makes sense.

    Otherwise the row as it came, whose ``surplus`` says that it is shifted.
    """
    if not row.surplus:
        return row
    told = list(row.cells)
    while not told[-1]:
        told.pop()
    extra = len(told) - len(headers)
    shapes = {
        headers.index(header): re.compile(SHAPES[name])
        for name, header in found.items()
        if name in SHAPES
    }
    whole = {headers.index(found[name]) for name in WHOLE if name in found}
    usual = {
        headers.index(found[name]): re.compile(shape)
        for name, shape in USUAL.items()
        if name in found
    }

    def right(cells: list[str]) -> bool:
        filled = [(cells[n], shape) for n, shape in shapes.items() if cells[n]]
        return len(filled) >= LEAST and all(shape.fullmatch(cell) for cell, shape in filled)

    if right(told):  # nothing moved: what is too much stands at the end
        return Row((h, c) for h, c in zip(headers, told, strict=False) if h)
    best, most = None, -1
    for at in range(len(headers)):
        pieces = told[at : at + extra + 1]
        if at in shapes or at in whole or not all(re.search(r"[^\W\d_]", p) for p in pieces):
            continue
        cells = [*told[:at], " ".join(pieces), *told[at + extra + 1 :]]
        if not right(cells):
            continue
        score = sum(bool(shape.fullmatch(cells[n])) for n, shape in usual.items())
        if score > most:
            best, most = cells, score
    return row if best is None else Row((h, c) for h, c in zip(headers, best, strict=True) if h)
