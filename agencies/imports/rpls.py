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

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from .tables import Reject, Row, Table, canonical, find_columns, wrong_format

LABEL = _("an RPLS file")
NOT_GIVEN = frozenset({"", "NA", "N/A", "NR", "ND", "NC", "NULL", "NAN", "."})
NOTHING = frozenset({"NA", "N/A", "#N/A", "NULL", "NAN", "NONE", "."})  # as R, Excel, SQL write it
KINDS = {"C": "collective", "I": "individual", "E": "student"}

NAMES = (  # noqa: SIM905 - readable as the header it is
    "DEPCOM LIBCOM CODEPOSTAL NUMVOIE INDREP TYPVOIE NOMVOIE NUMAPPT NUMBOITE ESC COULOIR ETAGE "
    "COMPLIDENT ENTREE BAT IMMEU COMPLGEO LIEUDIT QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT "
    "DPEENERGIE DPESERRE CODSEGPATRIM LIBSEGPATRIM X Y EPSG LATITUDE LONGITUDE IDENT_INT "
    "IDENT_REP"
).split()
COLUMNS = {name: [name, f"{name}_CODE", f"{name}_RED"] for name in NAMES}
ALIASES = {  # seen in landlords' own exports and in reworked public files
    "DEPCOM": ["DEPCOM_ARM", "CODE_INSEE", "INSEE", "CODE_COMMUNE", "COM"],
    "LIBCOM": ["DEPCOM_LIBELLE", "NOM_COMMUNE", "COMMUNE", "LIBELLE_COMMUNE"],
    "CODEPOSTAL": ["CODE_POSTAL", "CP"],
    "NUMVOIE": ["NUM_VOIE", "NUMERO_VOIE"],
    "TYPVOIE": ["TYPE_VOIE", "TYPEVOIE"],
    "NOMVOIE": ["NOM_VOIE", "LIBVOIE"],
    "NUMAPPT": ["NUM_APPT", "NUMERO_APPARTEMENT"],
    "NBPIECE": ["NB_PIECES", "NBPIECES", "NB_PIECE"],
    "SURFHAB": ["SURFACE_HABITABLE", "SURF_HAB"],
    "DPEENERGIE": ["DPE_ENERGIE", "DPE_ENER"],
    "DPESERRE": ["DPE_SERRE", "DPE_GES"],
    "LATITUDE": ["LAT"],
    "LONGITUDE": ["LON", "LNG"],
}
for _name, _others in ALIASES.items():
    COLUMNS[_name] += _others
REQUIRED = ("DEPCOM", "NOMVOIE", "NBPIECE", "SURFHAB")
FLOORS = dict.fromkeys(("RC", "RDC", "REZ_DE_CHAUSSEE", "R", "RDJ", "REZ_DE_JARDIN"), 0)
FLOORS |= dict.fromkeys(("SS", "SOUS_SOL", "S_SOL"), -1)
DOORS = ("NUMAPPT", "NUMBOITE", "COMPLIDENT", "IDENT_INT", "IDENT_REP")


@dataclass(frozen=True, slots=True)
class StockRow:
    """One dwelling and where it stands. Text is ``""`` when unknown, the rest ``None``.

    ``natural_key`` is the external id, else the readable address of the door; it does not
    change when a residence is renamed or moves to another agency. ``residence_code`` is
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
    natural_key: str
    warnings: tuple[str, ...] = ()


def read_rpls(table: Table) -> Iterator[StockRow | Reject]:
    """Read ``table`` line by line; the second line of a same dwelling is a :class:`Reject`.

    Raises :class:`WrongFile` at once, before the first line, when it is not an RPLS file.
    """
    found = find_columns(table.headers, COLUMNS)
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise wrong_format(table.headers, LABEL, missing)
    return _rows(table, found)


def _rows(table: Table, found: Mapping[str, str]) -> Iterator[StockRow | Reject]:
    def read_values() -> Iterator[tuple[int, Row, dict[str, str]]]:
        for line, row in table:
            yield line, row, {name: row.get(found.get(name, ""), "") for name in NAMES}

    yield from stock_rows(read_values())


def stock_rows(
    values_by_line: Iterator[tuple[int, Row, dict[str, str]]],
) -> Iterator[StockRow | Reject]:
    """Turn ``(line, row as read, values by RPLS name)`` into stock rows, refusing shifted
    lines, lines that place no dwelling, and duplicates. Shared with the generic layout.

    Many landlords leave the door blank, and no public file gives it since 2023: dwellings
    without door are told apart by rooms, area and year, then by their order in the file.
    """
    seen: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for line, raw, values in values_by_line:
        values = {name: _clean(name, value) for name, value in values.items()}
        if not seen and _describes(values):
            continue
        if raw.surplus:
            yield Reject(line, str(_("More cells than columns: a separator inside a value?")), raw)
            continue
        result = _stock_row(line, values)
        if isinstance(result, str):
            yield Reject(line, result, raw)
            continue
        key = result.natural_key
        if not any(values[name] for name in DOORS):
            key = f"{key}|{result.rooms or ''}/{result.area or ''}/{result.built or ''}"
            counts[key] += 1
            if counts[key] > 1:
                key = f"{key}#{counts[key]}"
            result = replace(result, natural_key=key)
        if key in seen:
            reason = _("Same dwelling as line %(line)s: %(key)s")
            yield Reject(line, str(reason % {"line": seen[key], "key": key}), raw, result)
            continue
        seen[key] = line
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


def _stock_row(line: int, v: dict[str, str]) -> StockRow | str:
    """Return the row, or the reason for which the line cannot be imported."""
    commune_code = _zeros(v["DEPCOM"]).upper()
    if not re.fullmatch(r"\d[\dAB]\d{3}", commune_code):
        return str(_("The commune code “%(code)s” is not an INSEE code.") % {"code": v["DEPCOM"]})
    street = street_name(v["TYPVOIE"], v["NOMVOIE"])
    residence = _squeeze(v["LIEUDIT"]) or _squeeze(v["COMPLGEO"]) or street
    if not residence:
        return str(_("Neither street nor place: the dwelling cannot be found."))
    warnings: list[str] = []

    def number(name: str, low: int, high: int) -> int | None:
        text = v[name].strip().upper()
        if text in NOT_GIVEN:
            return None
        value = _decimal(re.sub(r"^[TF](?=\d)| ET PLUS$|\+$", "", text))
        if value is not None and value == int(value) and low <= value <= high:
            return int(value)
        refuse(name)
        return None

    def refuse(name: str) -> None:
        warnings.append(
            str(_("%(name)s: “%(value)s” is left out.") % {"name": name, "value": v[name][:40]})
        )

    floor = parse_floor(v["ETAGE"])
    if floor is None and v["ETAGE"].upper() not in NOT_GIVEN:
        refuse("ETAGE")
    area = _decimal(v["SURFHAB"])
    if v["SURFHAB"].upper() not in NOT_GIVEN and (area is None or not 0 <= area < 10_000):
        refuse("SURFHAB")
        area = None
    latitude, longitude = _position(v)
    external_id = v["IDENT_INT"] or v["IDENT_REP"]
    building = v["BAT"] or v["IMMEU"]
    door = v["NUMAPPT"] or v["COMPLIDENT"]
    place = canonical(street) if street else canonical(residence)
    # The residence is left out on purpose: it is a name, which may change, not an address.
    address = [place, v["NUMVOIE"], v["INDREP"], v["IMMEU"], v["BAT"], v["ENTREE"]]
    address += [v["ESC"], v["COULOIR"], v["ETAGE"] if floor is None else str(floor)]
    address += [door, v["NUMBOITE"]]
    return StockRow(
        line=line,
        agency_code=v["CODSEGPATRIM"],
        agency_name=v["LIBSEGPATRIM"] or v["CODSEGPATRIM"],
        residence_code=f"{commune_code}-{residence}",
        residence_name=residence,
        commune_code=commune_code,
        commune=v["LIBCOM"],
        postcode=_zeros(v["CODEPOSTAL"]),
        building=building,
        staircase=v["ESC"],
        entrance=v["ENTREE"],
        street_number=v["NUMVOIE"],
        street_index=v["INDREP"],
        street=street,
        door=door,
        letterbox=v["NUMBOITE"],
        floor=floor,
        rooms=number("NBPIECE", 0, 30),
        area=area,
        built=number("CONSTRUCT", 1000, 2200),
        let_since=number("LOCAT", 1000, 2200),
        dwelling_kind=KINDS.get(v["TYPECONST"][:1].upper(), ""),
        priority_district=v["QPV"].strip().upper() in {"1", "O", "OUI", "YES", "TRUE", "VRAI"},
        energy=_grade(v["DPEENERGIE"]),
        ghg=_grade(v["DPESERRE"]),
        latitude=latitude,
        longitude=longitude,
        external_id=external_id,
        natural_key=external_id or "|".join([commune_code, *map(_plain, address)]),
        warnings=tuple(warnings),
    )


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


def _grade(text: str) -> str:
    grade = text.strip().upper()
    return grade if re.fullmatch("[A-G]", grade) else ""


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(re.sub(r"\s", "", text).replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


# Datum and projection of X/Y by EPSG code: central meridian of the overseas UTM zones.
UTM = {"5490": -63, "32620": -63, "2972": -51, "32622": -51, "2975": 57, "32740": 57}
UTM |= {"4471": 45, "32738": 45}
SOUTH = {"2975", "32740", "4471", "32738"}


def _position(v: dict[str, str]) -> tuple[float | None, float | None]:
    latitude, longitude = _decimal(v["LATITUDE"]), _decimal(v["LONGITUDE"])
    if latitude is None or longitude is None:
        x, y = _decimal(v["X"]), _decimal(v["Y"])
        if not x or not y:
            return None, None
        epsg = re.sub(r"\D|\.0$", "", v["EPSG"].upper().replace("EPSG", ""))
        if epsg == "4326":
            latitude, longitude = y, x
        elif epsg in {"", "2154"} and 0 < x < 1_300_000 and 6_000_000 < y < 7_200_000:
            return lambert93(float(x), float(y))
        elif epsg in UTM and 100_000 < x < 900_000 and 0 < y < 10_000_000:
            return utm(float(x), float(y), UTM[epsg], south=epsg in SOUTH)
        else:
            return None, None
    if (latitude, longitude) == (0, 0) or abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    return float(latitude), float(longitude)


AXIS, FLATTENING = 6378137.0, 1 / 298.257222101
E2 = FLATTENING * (2 - FLATTENING)


def lambert93(x: float, y: float) -> tuple[float, float]:
    """Convert EPSG:2154 metres to latitude and longitude in degrees, rounded to 1e-6."""
    e = math.sqrt(E2)
    n, c, xs, ys = 0.7256077650532670, 11754255.4261, 700000.0, 12655612.0499
    radius = math.hypot(x - xs, y - ys)
    longitude = 3 + math.degrees(math.atan2(x - xs, ys - y) / n)
    isometric = -math.log(radius / c) / n
    phi = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _step in range(8):
        wave = ((1 + e * math.sin(phi)) / (1 - e * math.sin(phi))) ** (e / 2)
        phi = 2 * math.atan(wave * math.exp(isometric)) - math.pi / 2
    return round(math.degrees(phi), 6), round(longitude, 6)


def utm(x: float, y: float, meridian: int, *, south: bool) -> tuple[float, float]:
    """Convert UTM metres to latitude and longitude in degrees (series exact to a decimetre)."""
    k0, ep2 = 0.9996, E2 / (1 - E2)
    mu = (y - (10_000_000 if south else 0)) / k0
    mu /= AXIS * (1 - E2 / 4 - 3 * E2**2 / 64 - 5 * E2**3 / 256)
    e1 = (1 - math.sqrt(1 - E2)) / (1 + math.sqrt(1 - E2))
    phi = mu + (3 * e1 / 2 - 27 * e1**3 / 32) * math.sin(2 * mu)
    phi += (21 * e1**2 / 16) * math.sin(4 * mu) + (151 * e1**3 / 96) * math.sin(6 * mu)
    sin, cos, t = math.sin(phi), math.cos(phi), math.tan(phi) ** 2
    c, nu = ep2 * cos**2, AXIS / math.sqrt(1 - E2 * sin**2)
    rho, d = AXIS * (1 - E2) / (1 - E2 * sin**2) ** 1.5, (x - 500_000) / (nu * k0)
    latitude = phi - (nu * math.tan(phi) / rho) * (
        d**2 / 2 - (5 + 3 * t + 10 * c - 4 * c**2 - 9 * ep2) * d**4 / 24
    )
    longitude = (d - (1 + 2 * t + c) * d**3 / 6) / cos
    return round(math.degrees(latitude), 6), round(meridian + math.degrees(longitude), 6)
