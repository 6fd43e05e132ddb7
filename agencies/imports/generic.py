"""Read our own simple stock layout, for landlords without an RPLS file.

Columns (French, then English): ``residence``, ``commune_code``/``code_commune``, ``voie``/
``street`` and ``logement``/``dwelling`` (the landlord's identifier) are required; the other
names are in :data:`COLUMNS`. CSV or XLSX, in any order; accents and capitals are free.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from .rpls import NAMES, StockRow, stock_rows
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
    "DPEENERGIE": ["energie", "dpe", "energy"],
    "DPESERRE": ["ges", "ghg"],
    "CODSEGPATRIM": ["code_agence", "agency_code"],
    "LIBSEGPATRIM": ["agence", "agency", "agency_name"],
    "LATITUDE": ["latitude", "lat"],
    "LONGITUDE": ["longitude", "lon"],
}
REQUIRED = ("IDENT_INT", "LIEUDIT", "DEPCOM", "NOMVOIE")


def read_stock(table: Table) -> Iterator[StockRow | Reject]:
    """Read ``table`` like :func:`~agencies.imports.rpls.read_rpls` does.
    Raises :class:`WrongFile` at once when required columns are missing."""
    found = find_columns(table.headers, COLUMNS)
    missing = [" / ".join(COLUMNS[name][:2]) for name in REQUIRED if name not in found]
    if missing:
        raise wrong_format(table.headers, _("a Palier stock file"), missing)
    return stock_rows(_read_values(table, found), found)


def _read_values(table: Table, found: dict[str, str]) -> Iterator[tuple[int, Row, dict[str, str]]]:
    for line, row in table:
        values = {name: row.get(found.get(name, ""), "") for name in NAMES}
        values["CODSEGPATRIM"] = values["CODSEGPATRIM"] or values["LIBSEGPATRIM"]
        yield line, row, values
