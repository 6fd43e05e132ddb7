from decimal import Decimal
from pathlib import Path

import pytest

from agencies.imports.coordinates import utm
from agencies.imports.identify import identify
from agencies.imports.line_keys import facts
from agencies.imports.rpls import StockRow, parse_floor, read_rpls, street_name
from agencies.imports.tables import Reject, WrongFile, open_table

from .rpls_files import COLUMNS_2018, COLUMNS_2023, LAYOUTS, dwelling, rpls_bytes

NANTES = Path(__file__).resolve().parents[4] / "shared/data/rpls_nantes_2018.csv"


def read(data):
    return list(read_rpls(open_table(data)))


def test_the_generated_layouts_have_the_announced_width():
    assert (len(COLUMNS_2018), len(COLUMNS_2023)) == (47, 73)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_dwelling(layout, delimiter, encoding):
    rows = read(rpls_bytes([dwelling(n) for n in range(1, 9)], layout, delimiter, encoding))
    assert len(rows) == 8
    assert all(isinstance(row, StockRow) for row in rows)
    assert len({row.address_key for row in rows}) == (3 if layout == "2023" else 8)
    row = rows[0]
    assert (row.line, row.commune_code, row.commune) == (2, "01999", "Évreuil-l'Étang")
    assert (row.street, row.residence_name) == ("RUE DES ÉGLANTINES", "LES ÉGLANTINES")
    assert (row.floor, row.rooms, row.area) == (0, 3, Decimal("66.5"))
    assert (row.dwelling_kind, row.priority_district, row.energy) == ("collective", True, "D")
    if layout in {"2023", "geolocated"}:
        assert (row.latitude, row.longitude) == pytest.approx((48.8566, 2.3522), abs=1e-4)
    if layout == "landlord":
        assert row.external_id == "LGT00001"


def test_the_key_outlives_a_new_residence_name_and_agency():
    renamed = dwelling(1, LIEUDIT="LE PARC", CODSEGPATRIM="02")
    (before,), (after,) = read(rpls_bytes([dwelling(1)])), read(rpls_bytes([renamed]))
    assert before.address_key == after.address_key
    assert before.address_key.startswith("01999|")


def test_odd_values_warn_and_essential_ones_reject():
    rows = [
        # A billion digits, if somebody wrote them out.
        dwelling(1, ETAGE="NN", NBPIECE="trois", SURFHAB="Infinity", CONSTRUCT="7E999999999"),
        dwelling(2, DEPCOM="Nantes"),
        dict.fromkeys(dwelling(3), "") | {"LIBCOM": "Nantes", "EPSG": "2154"},
        dwelling(4, DEPCOM="1999", CODEPOSTAL="1990"),
    ]
    odd, named, lost, short = read(rpls_bytes(rows))
    assert (odd.floor, odd.rooms, odd.area, odd.built, len(odd.warnings)) == (None,) * 4 + (4,)
    assert (named.commune_code, named.insee) == ("01990", False)
    assert "Nantes" in named.warnings[0]
    assert isinstance(lost, Reject)
    assert "names no dwelling" in lost.reason
    assert (short.commune_code, short.postcode) == ("01999", "01990")


def test_a_separator_inside_a_value_is_put_right():
    header, line = rpls_bytes([dwelling(1)]).splitlines()
    cut = line.replace(b";LES ", b";LES; ", 1)
    (row,) = read(header + b"\n" + cut + b"\n")
    (whole,) = read(rpls_bytes([dwelling(1)]))
    assert row == whole


def test_a_line_that_cannot_be_put_right_is_rejected():
    header, line = rpls_bytes([dwelling(1)]).splitlines()
    (row,) = read(header + b"\n" + line.replace(b";01999;", b";;1;;01999;", 1) + b"\n")
    assert isinstance(row, Reject)
    assert "More cells" in row.reason


def test_what_is_too_much_at_the_end_moves_nothing():
    header, line = rpls_bytes([dwelling(1)]).splitlines()
    (row,) = read(header + b"\n" + line + b";x;;z;;\n")
    (whole,) = read(rpls_bytes([dwelling(1)]))
    assert row == whole


@pytest.mark.parametrize("homes", [30, 3000])
def test_a_quote_that_is_never_closed_swallows_no_line(homes):
    rows = [dwelling(n, IDENT_INT="") for n in range(1, homes + 1)]
    rows[4]["LIEUDIT"] = "@@LE CLOS"
    data = rpls_bytes(rows).replace(b"@@", b'"')
    found = read(data)
    assert [row.line for row in found] == list(range(2, homes + 2))
    assert found[4].residence_name == "LE CLOS"


def test_another_format_is_refused_by_name():
    with pytest.raises(WrongFile, match="looks like a BAN address file"):
        read(b"id;numero;nom_voie;code_postal;lon;lat\n1;2;Rue;01990;2;48\n")
    with pytest.raises(WrongFile, match="Missing columns: DEPCOM / LIBCOM"):
        read(b"couleur;taille\nbleu;3\n")


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("00", 0),
        ("0", 0),
        ("RDC", 0),
        ("-1", -1),
        ("R+3", 3),
        ("3e", 3),
        ("NN", None),
        ("", None),
        ("3ème étage", 3),
        ("RC", 0),
        ("Étage 2", 2),
        ("sous-sol", -1),
        ("1er", 1),
    ],
)
def test_floors(text, floor):
    assert parse_floor(text) == floor


def test_street_kind_is_not_said_twice():
    assert street_name("RUE", "RUE DU LAC") == street_name("RUE", "DU LAC") == "RUE DU LAC"


def test_names_in_any_case_and_order_with_blank_columns_at_the_end():
    text = rpls_bytes([dwelling(1)]).decode("iso-8859-1").splitlines()
    rows = [list(reversed(line.split(";"))) for line in text]
    rows[0] = [name.lower() for name in rows[0]]
    data = "\r\n".join(";".join(f'"{c}"' for c in row) + ";;;" for row in rows).encode()
    (row,) = read(data)
    assert (row.street, row.area, row.building) == ("RUE DES ÉGLANTINES", Decimal("66.5"), "A")


def test_only_what_places_a_dwelling_is_needed():
    (row,) = read(b"Depcom;NomVoie;nbpiece;SURFHAB;Numvoie\n2A004;COURS GRANDVAL;T3;52,40;7\n")
    assert (row.commune_code, row.rooms, row.area) == ("2A004", 3, Decimal("52.40"))
    assert (row.residence_name, row.street_number) == ("COURS GRANDVAL", "7")


@pytest.mark.parametrize("commune", ["2A004", "2B033", "97411", "97608", "01004"])
def test_corsica_and_overseas(commune):
    (row,) = read(rpls_bytes([dwelling(1, DEPCOM=commune)]))
    assert row.commune_code == commune


def test_what_other_tools_write_for_nothing_or_for_numbers():
    values = {"LIEUDIT": "NA", "COMPLGEO": "NULL", "DEPCOM": "1999.0", "CODEPOSTAL": "1990.0"}
    (row,) = read(rpls_bytes([dwelling(1, **values, NUMVOIE="12.0", ETAGE="3.0", CONSTRUCT="NA")]))
    assert row.residence_name == "RUE DES ÉGLANTINES"
    assert (row.commune_code, row.postcode) == ("01999", "01990")
    assert (row.street_number, row.floor, row.built, row.warnings) == ("12", 3, None, ())


def test_a_line_of_descriptions_is_not_a_dwelling():
    names, *rows = rpls_bytes([dwelling(1), dwelling(2)], "2023").splitlines()
    words = b";".join(b"Libelle de " + name for name in names.split(b";"))
    for lines in ([names, words, *rows], [words, names, *rows]):
        assert [type(r) for r in read(b"\n".join(lines))] == [StockRow, StockRow]


def test_overseas_coordinates():
    # Saint-Denis de La Réunion in UTM 40 south.
    assert utm(338_600, 7_690_000, 57, south=True) == pytest.approx((-20.88, 55.45), abs=0.02)


@pytest.mark.skipif(not NANTES.exists(), reason="the public extract is not here")
def test_the_public_extract():
    rows = read(NANTES)
    assert len(rows) == 22_235
    assert all(isinstance(row, StockRow) for row in rows)
    assert len({row.residence_code for row in rows}) == 384
    assert len({row.agency_code for row in rows}) == 7
    found = identify([facts(row) for row in rows], []).found
    assert len({one.key for one in found}) == 22_235
    assert sum(one.number > 0 for one in found) == 4
