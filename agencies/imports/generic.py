"""Read our own simple stock layout, for landlords without an RPLS file.

Columns (French, then English): ``residence``, ``commune_code``/``code_commune``, ``voie``/
``street`` and ``logement``/``dwelling`` (the landlord's identifier) are required; the other
names are in :data:`COLUMNS`. CSV or XLSX, in any order; accents and capitals are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rpls import KINDS, NAMES, NOT_GIVEN, StockRow, grade, stock_rows
from .tables import Reject, Row, Table, find_columns, wrong_format

# RPLS name of the value -> accepted headers.
COLUMNS = {
    "IDENT_INT": ["logement", "dwelling", "reference_logement", "dwelling_reference"],
    "LIEUDIT": ["residence", "nom_residence", "residence_name"],
    "DEPCOM": ["code_commune", "commune_code", "code_insee", "insee"],
    "LIBCOM": ["commune", "ville", "city", "town"],
    "CODEPOSTAL": ["code_postal", "postcode"],
    "NOMVOIE": ["voie", "rue", "street"],
    "NUMVOIE": ["numero", "numero_voie", "number", "street_number"],
    "INDREP": ["repetition", "indice", "index", "street_index"],
    "BAT": ["batiment", "building"],
    "ESC": ["escalier", "cage", "staircase"],
    "ENTREE": ["entree", "entrance"],
    "ETAGE": ["etage", "floor"],
    "NUMAPPT": ["porte", "appartement", "door", "flat"],
    "NUMBOITE": ["boite", "boite_aux_lettres", "letterbox"],
    "NBPIECE": ["pieces", "nombre_pieces", "rooms"],
    "SURFHAB": ["surface", "area"],
    "CONSTRUCT": ["construction", "annee_construction", "built"],
    "LOCAT": ["mise_en_location", "let_since"],
    "TYPECONST": ["type", "kind", "dwelling_kind"],
    "QPV": ["qpv", "priority_district"],
    "QUARTIER": ["quartier", "neighbourhood", "district"],
    "DPEENERGIE": ["energie", "dpe", "energy"],
    "DPESERRE": ["ges", "ghg"],
    "CODSEGPATRIM": ["code_agence", "agency_code"],
    "LIBSEGPATRIM": ["agence", "agency", "agency_name"],
    "LATITUDE": ["latitude", "lat"],
    "LONGITUDE": ["longitude", "lon"],
}
# Columns that hold a code: what it must be, and how that is said.
CODES: Mapping[str, Callable[[str], object]] = {
    "DPEENERGIE": grade,
    "DPESERRE": grade,
    "TYPECONST": lambda value: value[:1].upper() in KINDS,
}
WORDS = {"DPEENERGIE": "A–G", "DPESERRE": "A–G", "TYPECONST": "C, I, E"}
REQUIRED = ("IDENT_INT", "LIEUDIT", "DEPCOM", "NOMVOIE")


def read_stock(table: Table) -> Iterator[StockRow | Reject]:
    """Read ``table`` like :func:`~agencies.imports.rpls.read_rpls` does.
    Raises :class:`WrongFile` at once when required columns are missing."""
    found = find_columns(table.headers, COLUMNS)
    missing = [" / ".join(COLUMNS[name][:2]) for name in REQUIRED if name not in found]
    if missing:
        raise wrong_format(table.headers, gettext_lazy("a Palier stock file"), missing)
    return stock_rows(_read_values(table, found), found, lambda values: _refused(values, found))


def _refused(values: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Return why a line of our own layout is refused, by the names of the file's columns.

    The register of the State is what it is: its odd values are left out. This file is written for
    us, so that an odd value in it is a mistake that somebody can mend.
    """
    if not values["IDENT_INT"]:
        return _("%(name)s is empty: it names the dwelling.") % {"name": found["IDENT_INT"]}
    for name, known in CODES.items():
        value = values[name]
        if value.upper() not in NOT_GIVEN and not known(value):
            words = {"name": found.get(name, name), "value": value[:40], "codes": WORDS[name]}
            return _("%(name)s: “%(value)s” is impossible. It is one of %(codes)s.") % words
    return ""


def _read_values(table: Table, found: dict[str, str]) -> Iterator[tuple[int, Row, dict[str, str]]]:
    for line, row in table:
        values = {name: row.get(found.get(name, ""), "") for name in (*NAMES, "QUARTIER")}
        values["CODSEGPATRIM"] = values["CODSEGPATRIM"] or values["LIBSEGPATRIM"]
        yield line, row, values
