"""Read the register of social dwellings (RPLS) in every layout that has been published.

One dwelling a line. Columns are found by name, so the 47 columns of 2018, the 73 with
``_CODE``/``_LIBELLE`` pairs since 2023, the ``_red`` ones of 2017, the geolocated ones
(X, Y, EPSG) and a landlord's own file (IDENT_INT, IDENT_REP) are one and the same reader.

Where the layouts come from, as read in public sources:

- the values and their formats: annex of the order (arrêté) of 5 January 2010, DEVU0929020A;
- 2013 to 2018, ``;`` and ISO-8859-1, DROIT to LIBSEGPATRIM in this order: the SQL tables that
  geocoders of the open file publish; the region and département columns come in front;
- ``depcom_red`` …: the regional offices' R reader of the restricted 2018 file, which writes
  ``NA`` for "not given", as R does;
- since 2023, ``_CODE``/``_LIBELLE`` pairs, PMR, PLG_*, QUALITE_*, COMAQP: the data model shown
  by regional portals; DEPCOM and LIBCOM are plain again in 2025; neither door, staircase nor
  building is published any more. The statistical service's portal (DiDo) may write a line of
  descriptions beside the line of names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from .coordinates import decimal, position
from .realign import realigned
from .tables import (
    Reject,
    Row,
    Table,
    canonical,
    find_columns,
    looks_like_another,
    wrong_format,
)

LABEL = _("an RPLS file")
NOT_GIVEN = frozenset({"", "NA", "N/A", "NR", "ND", "NC", "NULL", "NAN", "."})
NOTHING = frozenset({"NA", "N/A", "#N/A", "NULL", "NAN", "NONE", "."})  # as R, Excel, SQL write it
KINDS = {"C": "collective", "I": "individual", "E": "student"}

NAMES = (  # noqa: SIM905 - readable as the header it is
    "DEPCOM LIBCOM CODEPOSTAL NUMVOIE INDREP TYPVOIE NOMVOIE NUMAPPT NUMBOITE ESC COULOIR ETAGE "
    "COMPLIDENT ENTREE BAT IMMEU COMPLGEO LIEUDIT QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT "
    "DPEENERGIE DPESERRE CODSEGPATRIM LIBSEGPATRIM X Y EPSG LATITUDE LONGITUDE IDENT_INT "
    "IDENT_REP NUMCONV ADRESSE"
).split()
COLUMNS = {name: [name, f"{name}_CODE", f"{name}_RED"] for name in NAMES}
ALIASES = {  # seen in landlords' own exports and in reworked public files
    "DEPCOM": ["DEPCOM_ARM", "CODE_INSEE", "INSEE", "CODE_COMMUNE", "COM"],
    "LIBCOM": ["DEPCOM_LIBELLE", "NOM_COMMUNE", "COMMUNE", "LIBELLE_COMMUNE", "VILLE"],
    "CODEPOSTAL": ["CODE_POSTAL", "CP", "CODPOST"],
    "NUMVOIE": ["NUM_VOIE", "NUMERO_VOIE", "NUMERO_DE_VOIE", "NUMERO"],
    "INDREP": ["INDICE_REPETITION", "REPETITION", "REP"],
    "TYPVOIE": ["TYPE_VOIE", "TYPEVOIE", "TYPE_DE_VOIE"],
    "NOMVOIE": ["NOM_VOIE", "LIBVOIE", "LIBELLE_VOIE", "NOM_DE_LA_VOIE", "VOIE"],
    "ADRESSE": ["ADRESSE_COMPLETE", "LIBELLE_ADRESSE", "ADRESSE_LOGEMENT", "ADRESSE1", "BAN_LABEL"],
    "NUMAPPT": ["NUM_APPT", "NUMERO_APPARTEMENT", "APPARTEMENT"],
    "NUMBOITE": ["NUM_BOITE", "BOITE"],
    "ESC": ["ESCALIER"],
    "ETAGE": ["NIVEAU"],
    "BAT": ["BATIMENT"],
    "LIEUDIT": ["LIEU_DIT", "RESIDENCE", "NOM_RESIDENCE", "PROGRAMME"],
    "COMPLGEO": ["COMPL_GEO", "COMPLEMENT_GEO", "COMPLEMENT"],
    "NBPIECE": ["NB_PIECES", "NBPIECES", "NB_PIECE", "NOMBRE_PIECES", "TYPOLOGIE"],
    "SURFHAB": ["SURFACE_HABITABLE", "SURF_HAB", "SURFACE"],
    "CONSTRUCT": ["ANNEE_CONSTRUCTION"],
    "IDENT_INT": ["IDENTINT", "ID_INTERNE", "IDENTIFIANT_INTERNE"],
    "IDENT_REP": ["IDENTREP", "ID_RPLS", "IDENTIFIANT_RPLS"],
    "DPEENERGIE": ["DPE_ENERGIE", "DPE_ENER"],
    "DPESERRE": ["DPE_SERRE", "DPE_GES"],
    "LATITUDE": ["LAT"],
    "LONGITUDE": ["LON", "LNG"],
}
for _name, _others in ALIASES.items():
    COLUMNS[_name] += _others
# One column of each group is enough: which commune, which place, and that it is of dwellings.
REQUIRED = (
    ("DEPCOM", "LIBCOM", "CODEPOSTAL"),
    ("NOMVOIE", "ADRESSE", "LIEUDIT", "COMPLGEO", "IDENT_INT", "IDENT_REP"),
    ("NBPIECE", "SURFHAB", "TYPECONST", "CONSTRUCT", "LOCAT", "NUMAPPT", "ETAGE", "IDENT_REP"),
)
FLOORS = dict.fromkeys(("RC", "RDC", "REZ_DE_CHAUSSEE", "R", "RDJ", "REZ_DE_JARDIN"), 0)
FLOORS |= dict.fromkeys(("SS", "SOUS_SOL", "S_SOL"), -1)
TOLD: tuple[str, ...] = (
    "NBPIECE",
    "SURFHAB",
    "CONSTRUCT",
    "LOCAT",
    "ETAGE",
    "NUMAPPT",
    "X",
    "LATITUDE",
)
TOLD += ("IDENT_INT", "IDENT_REP", "NUMCONV", "TYPECONST")
UNKNOWN = "?"  # the residence of the dwellings of a commune for which nothing names a place


@dataclass(frozen=True, slots=True)
class StockRow:
    """One dwelling and where it stands. Text is ``""`` when unknown, the rest ``None``.

    ``address_key`` is the readable address of the door; it does not change when a residence is
    renamed or moves to another agency, and several dwellings have the same when the file does not
    tell them apart (agencies/imports/identify.py). ``residence_code`` is
    the commune and the name of the residence exactly as written. ``warnings`` are values left out.
    """

    line: int
    agency_code: str
    agency_name: str
    residence_code: str
    residence_name: str
    commune_code: str
    commune: str
    postcode: str
    building: str
    staircase: str
    entrance: str
    street_number: str
    street_index: str
    street: str
    door: str
    letterbox: str
    floor: int | None
    rooms: int | None
    area: Decimal | None
    built: int | None
    let_since: int | None
    dwelling_kind: str
    priority_district: bool
    energy: str
    ghg: str
    latitude: float | None
    longitude: float | None
    external_id: str
    address_key: str
    warnings: tuple[str, ...] = ()
    district: str = ""  # the neighbourhood, in the landlord's own words; not a column of RPLS
    insee: bool = True  # whether ``commune_code`` is one, and not a postcode or a name


def read_rpls(table: Table) -> Iterator[StockRow | Reject]:
    """Read ``table`` line by line; only a line that names no dwelling is a :class:`Reject`.

    Raises :class:`WrongFile` at once, before the first line, when it is not an RPLS file.
    """
    found = find_columns(table.headers, COLUMNS)
    missing = [group for group in REQUIRED if not any(name in found for name in group)]
    if missing or looks_like_another(table.headers, LABEL):
        lacking = missing or REQUIRED[:1]
        told = [" / ".join(group[:3]) for group in lacking]
        raise wrong_format(table.headers, LABEL, told)
    return _rows(table, found)


def _rows(table: Table, found: Mapping[str, str]) -> Iterator[StockRow | Reject]:
    def read_values() -> Iterator[tuple[int, Row, dict[str, str]]]:
        for line, row in table:
            row = realigned(row, table.headers, found)
            yield line, row, {name: row.get(found.get(name, ""), "") for name in NAMES}

    yield from stock_rows(read_values(), found)


def stock_rows(
    values_by_line: Iterator[tuple[int, Row, dict[str, str]]],
    headers: Mapping[str, str],
    refuse: Callable[[Mapping[str, str]], str] = lambda values: "",
) -> Iterator[StockRow | Reject]:
    """Turn ``(line, row as read, values by RPLS name)`` into stock rows, refusing shifted
    lines and lines that name no dwelling. Shared with the generic layout. ``headers``: what the
    file calls each value, for the warnings. ``refuse`` returns why a format of its own refuses a
    line, "" when it does not."""
    first = True
    for line, raw, values in values_by_line:
        values = {name: _clean(name, value) for name, value in values.items()}
        if first and _describes(values):
            continue
        if raw.surplus:
            yield Reject(line, str(_("More cells than columns: a separator inside a value?")), raw)
            continue
        result = refuse(values) or _stock_row(line, values, headers)
        if isinstance(result, str):
            yield Reject(line, result, raw)
            continue
        first = False
        yield result


def _clean(name: str, value: str) -> str:
    """Return a cell without the marks that other tools write for nothing or for a whole number."""
    if len(value) < 5 and value.upper() in NOTHING:
        return ""
    if value.endswith(".0") and name not in {"X", "Y", "SURFHAB", "LATITUDE", "LONGITUDE"}:
        return re.sub(r"^(\d+)\.0+$", r"\1", value)
    return value


def _describes(v: dict[str, str]) -> bool:
    """Return whether a line describes the columns or their units: words where numbers belong."""
    told = [v[name] for name in ("DEPCOM", "CODEPOSTAL", "NBPIECE", "SURFHAB", "CONSTRUCT")]
    told = [text for text in told if text]
    return len(told) >= 2 and not any(re.search(r"\d", text) for text in told)


def _stock_row(line: int, v: dict[str, str], headers: Mapping[str, str]) -> StockRow | str:
    """Return the row, or the reason for which the line cannot be imported."""
    commune_code = _commune(v)
    if not v["NOMVOIE"] and v["ADRESSE"]:
        split_address(v)
    street = street_name(v["TYPVOIE"], v["NOMVOIE"])
    place = _place(v)
    if not commune_code and not street and not place:
        return str(_("Neither commune, street nor place: the line names no dwelling."))
    if not street and not place and not any(v[name] for name in TOLD):
        return str(_("Nothing but a commune: the line names no dwelling."))
    residence = place or street or UNKNOWN
    warnings: list[str] = []

    def number(name: str, low: int, high: int) -> int | None:
        text = v[name].strip().upper()
        if text in NOT_GIVEN:
            return None
        value = decimal(re.sub(r"^[TF](?=\d)| ET PLUS$|\+$", "", text))
        if value is not None and low <= value <= high and value == int(value):
            return int(value)
        refuse(name)
        return None

    def refuse(name: str) -> None:
        words = {"name": headers.get(name, name), "value": v[name][:40]}
        warnings.append(str(_("%(name)s: “%(value)s” is left out.") % words))

    if v["DEPCOM"] and not _insee(v["DEPCOM"]):
        refuse("DEPCOM")
    floor = parse_floor(v["ETAGE"])
    if floor is None and v["ETAGE"].upper() not in NOT_GIVEN:
        refuse("ETAGE")
    area = decimal(v["SURFHAB"])
    if v["SURFHAB"].upper() not in NOT_GIVEN and (area is None or not 0 <= area < 10_000):
        refuse("SURFHAB")
        area = None
    latitude, longitude = position(v)
    for name in ("DPEENERGIE", "DPESERRE"):
        if v[name].upper() not in NOT_GIVEN and not grade(v[name]):
            refuse(name)
    door = v["NUMAPPT"] or v["COMPLIDENT"]
    # The residence is left out on purpose: it is a name, which may change, not an address.
    address = [
        canonical(street or residence) or residence,
        v["NUMVOIE"],
        v["INDREP"],
        v["IMMEU"],
        v["BAT"],
        v["ENTREE"],
    ]
    address += [v["ESC"], v["COULOIR"], v["ETAGE"] if floor is None else str(floor)]
    address += [door, v["NUMBOITE"]]
    return StockRow(
        line=line,
        agency_code=v["CODSEGPATRIM"],
        agency_name=v["LIBSEGPATRIM"] or v["CODSEGPATRIM"],
        residence_code=f"{commune_code}-{residence}",
        residence_name=str(_("Address to be completed")) if residence == UNKNOWN else residence,
        commune_code=commune_code,
        commune=v["LIBCOM"],
        postcode=_zeros(v["CODEPOSTAL"]),
        building=v["BAT"] or v["IMMEU"],
        staircase=v["ESC"],
        entrance=v["ENTREE"],
        street_number=v["NUMVOIE"],
        street_index=v["INDREP"],
        street=street,
        door=v["NUMAPPT"] or (v["COMPLIDENT"] if v["COMPLIDENT"] != residence else ""),
        letterbox=v["NUMBOITE"],
        floor=floor,
        rooms=number("NBPIECE", 0, 30),
        area=area,
        built=number("CONSTRUCT", 1000, 2200),
        let_since=number("LOCAT", 1000, 2200),
        dwelling_kind=KINDS.get(v["TYPECONST"][:1].upper(), ""),
        priority_district=v["QPV"].strip().upper() in {"1", "O", "OUI", "YES", "TRUE", "VRAI"},
        energy=grade(v["DPEENERGIE"]),
        ghg=grade(v["DPESERRE"]),
        latitude=latitude,
        longitude=longitude,
        external_id=v["IDENT_INT"] or v["IDENT_REP"],
        address_key="|".join([commune_code, *map(_plain, address)]),
        warnings=tuple(warnings),
        district=v.get("QUARTIER", "").strip()[:80],
        insee=bool(_insee(v["DEPCOM"])),
    )


def _insee(code: str) -> str:
    code = _zeros(code).upper()
    return code if re.fullmatch(r"\d[\dAB]\d{3}", code) else ""


def _commune(v: dict[str, str]) -> str:
    """Return what tells the commune from others: its INSEE code, else its postcode or its name."""
    return _insee(v["DEPCOM"]) or _zeros(v["CODEPOSTAL"]) or canonical(v["LIBCOM"] or v["DEPCOM"])


def _place(v: dict[str, str]) -> str:
    """Return what the line has for a residence, other than its street."""
    place = _squeeze(v["LIEUDIT"]) or _squeeze(v["COMPLGEO"])
    if place or v["NOMVOIE"]:
        return place
    words = _squeeze(v["COMPLIDENT"])
    if re.search(r"[^\W\d_]{4}", words) and not re.match(r"(?i)(appt?|porte|log|etage)\b", words):
        return words
    if v["NUMCONV"]:
        return f"Convention {_squeeze(v['NUMCONV'])}"  # a key: the same in every language
    return ""


def split_address(v: dict[str, str]) -> None:
    """Fill number and street from one cell: ``"12 bis rue du Lac 44000 Nantes"``."""
    text = re.sub(r"\s+\d{5}(\s.*)?$", "", _squeeze(v["ADRESSE"]).replace(",", " "))
    index = r"bis|ter|quater|[a-d](?=\s)"
    match = re.match(rf"(?i)(\d+(?:[-/]\d+)?)\s*({index})?\s+(.+)$", text)
    if match:
        v["NUMVOIE"] = v["NUMVOIE"] or match.group(1)
        v["INDREP"] = v["INDREP"] or (match.group(2) or "").upper()
    v["NOMVOIE"], v["TYPVOIE"] = (match.group(3) if match else text), ""


def street_name(kind: str, name: str) -> str:
    """Join type and name of a street.

    ``("RUE", "RUE DU JAMET")`` and ``("RUE", "DU JAMET")`` → ``"RUE DU JAMET"``.
    """
    kind, name = _squeeze(kind), _squeeze(name)
    if not kind or not name or f"{canonical(name)}_".startswith(f"{canonical(kind)}_"):
        return name
    return f"{kind} {name}"


def parse_floor(text: str) -> int | None:
    """Return the floor as a number, or None.

    ``"00"``, ``"RDC"`` → 0; ``"-1"``, ``"SS"`` → -1; ``"3ème étage"``, ``"R+3"`` → 3.
    """
    plain = canonical(text)
    if plain in FLOORS:
        return FLOORS[plain]
    letters = unicodedata.normalize("NFKD", text.strip().upper())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    match = re.fullmatch(
        r"(?:(?:R\s*\+|ETAGE|ETG|NIVEAU|NIV)\s*)?([-−]?\d{1,3})(?:\.0+|\s*[A-Z][A-Z ]*)?", letters
    )
    floor = int(match.group(1).replace("−", "-")) if match else None
    return floor if floor is not None and -20 <= floor <= 120 else None


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _plain(part: str) -> str:
    """Return a part of a key without leading zeros: ``"01"`` and ``"1"`` are the same staircase.

    ``|`` separates the parts of a key.
    """
    part = _squeeze(part).upper().replace("|", "/")
    return part.lstrip("0") or "0" if part.isdigit() else part


def _zeros(code: str) -> str:
    """Put back the leading zeros that spreadsheets drop, as in 01000."""
    code = code.replace(" ", "")
    return code.zfill(5) if code.isdigit() else code


def grade(text: str) -> str:
    grade = text.strip().upper()
    return grade if re.fullmatch("[A-G]", grade) else ""
