import pytest

from agencies.imports.ban import read_ban
from agencies.imports.generic import read_stock
from agencies.imports.tables import Reject, WrongFile, open_table


def test_ban():
    header = b"id;numero;rep;nom_voie;code_postal;nom_commune;lon;lat\n"
    lines = b"01999_1_2;2;bis;Rue du Lac;1990;Evreuil;5.2;46.1\n01999_1_3;3;;Rue;1990;E;;\n"
    good, bad = read_ban(open_table(header + lines))
    assert (good.ban_id, good.rep, good.postcode, good.lat) == ("01999_1_2", "bis", "01990", 46.1)
    assert isinstance(bad, Reject)
    assert bad.line == 3
    with pytest.raises(WrongFile, match="Missing columns"):
        read_ban(open_table(b"a;b\nx;y\n"))


@pytest.mark.parametrize(
    "header",
    [
        "Logement;Résidence;Code commune;Voie;Étage;Agence",
        "dwelling,residence,commune_code,street,floor,agency",
    ],
)
def test_our_own_layout_in_both_languages(header):
    mark = ";" if ";" in header else ","
    data = "\n".join([header, mark.join(["L1", "Les Pins", "01999", "Rue du Lac", "2", "Nord"])])
    (row,) = read_stock(open_table(data.encode()))
    assert (row.external_id, row.residence_name, row.floor) == ("L1", "Les Pins", 2)
    assert (row.agency_code, row.agency_name) == ("Nord", "Nord")
