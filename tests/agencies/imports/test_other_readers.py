import datetime

import pytest

from agencies.imports.ban import read_ban
from agencies.imports.generic import read_stock
from agencies.imports.persons import read_leases
from agencies.imports.reading import Reject, WrongFile, open_table

LEASES = "Bail;Logement;Locataire;Prénom;Nom;Courriel;Téléphone;Début;Fin;Qualité\n"


def leases(lines, header=LEASES):
    return list(read_leases(open_table((header + lines).encode())))


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
    assert (row.natural_key, row.residence_name, row.floor) == ("L1", "Les Pins", 2)
    assert (row.agency_code, row.agency_name) == ("Nord", "Nord")


def test_leases():
    first, second = leases(
        "B1;L1;T1;Zoé;Martin;zoe@example.org;612345678;01/02/2020;;\n"
        "B1;L1;T2;Ali;Martin;pas-un-courriel;;2020-02-01;2024-01-31;Cotitulaire\n"
    )
    assert (first.role, first.starts, first.ends) == ("holder", datetime.date(2020, 2, 1), None)
    assert first.phone == "0612345678"
    assert (second.role, second.email, len(second.warnings)) == ("joint_tenant", "", 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("B1;L1;T1;Zoé;;;;01/02/2020;;", "nom"),
        ("B1;L1;T1;Zoé;M;;;31/02/2020;;", "date"),
        ("B1;L1;T1;Zoé;M;;;01/02/2020;01/01/2019;", "ends before"),
        ("B1;L1;T1;Zoé;M;;;01/02/2020;;Roi", "none of"),
    ],
)
def test_bad_leases_are_rejected_with_their_reason(line, words):
    (row,) = leases(line)
    assert isinstance(row, Reject)
    assert row.line == 2
    assert words in row.reason


def test_the_same_person_twice_is_rejected():
    line = "B1;L1;T1;Zoé;M;;;01/02/2020;;\n"
    assert "line 2" in leases(line * 2)[1].reason


@pytest.mark.parametrize("column", ["Rôle", "is_staff", "Groupe", "Permissions", "user_role"])
def test_rights_are_never_imported(column):
    with pytest.raises(WrongFile, match="Rights are never imported"):
        leases("", LEASES.strip() + f";{column}\n")
