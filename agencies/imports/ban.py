"""Read addresses of the Base Adresse Nationale (BAN), to give coordinates to buildings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .tables import Reject, Table, find_columns, wrong_format

COLUMNS = {
    "id": ["id", "cle_interop"],
    "number": ["numero"],
    "rep": ["rep", "suffixe"],
    "street": ["nom_voie", "voie_nom"],
    "postcode": ["code_postal"],
    "commune": ["nom_commune", "commune_nom"],
    "lat": ["lat", "latitude"],
    "lon": ["lon", "long", "longitude"],
}
OPTIONAL = {"rep", "postcode"}


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address of the BAN and its coordinates (WGS 84 degrees)."""

    ban_id: str
    number: str
    rep: str
    street: str
    postcode: str
    commune: str
    lat: float
    lon: float


def read_ban(table: Table) -> Iterator[AddressRow | Reject]:
    """Read ``table`` line by line; a line without usable coordinates is a :class:`Reject`.
    Raises :class:`WrongFile` at once when the columns are not those of the BAN."""
    found = find_columns(table.headers, COLUMNS)
    missing = [
        names[0] for key, names in COLUMNS.items() if key not in found and key not in OPTIONAL
    ]
    if missing:
        raise wrong_format(table.headers, _("a BAN address file"), missing)
    return _rows(table, found)


def _rows(table: Table, found: dict[str, str]) -> Iterator[AddressRow | Reject]:
    for line, row in table:
        v = {key: row.get(found.get(key, ""), "") for key in COLUMNS}
        try:
            lat, lon = (float(v[axis].replace(",", ".")) for axis in ("lat", "lon"))
        except ValueError:
            lat = lon = float("nan")
        if row.surplus or not v["id"] or not (abs(lat) <= 90 and abs(lon) <= 180):
            yield Reject(line, str(_("No identifier or no usable coordinates.")), row)
            continue
        postcode = v["postcode"].zfill(5) if v["postcode"].isdigit() else v["postcode"]
        address = (v["id"], v["number"], v["rep"], v["street"], postcode, v["commune"])
        yield AddressRow(*address, lat=lat, lon=lon)
