"""The reader of tenants and leases: what it takes, what it refuses and why."""

import datetime

import pytest

from agencies.imports.tables import Reject, WrongFile, open_table
from tenants.imports.persons import (
    COLUMNS,
    NEEDS,
    ignored_columns,
    parse_phone,
    read_leases,
    template,
)
from tenants.models import Need

LEASES = "Bail;Logement;Locataire;Prénom;Nom;Courriel;Téléphone;Début;Fin;Qualité\n"


def leases(lines, header=LEASES):
    return list(read_leases(open_table((header + lines).encode())))


def test_leases():
    first, second = leases(
        "B1;L1;T1;Zoé;Martin;Zoe@example.org;639980001;01/02/2020;;\n"
        "B1;L1;T2;Ali;Martin;pas-un-courriel;;2020-02-01;2024-01-31;Cotitulaire\n"
    )
    assert (first.role, first.starts, first.ends) == ("holder", datetime.date(2020, 2, 1), None)
    assert (first.phones, first.email) == (("+33639980001",), "zoe@example.org")
    assert (second.role, second.email, len(second.faults)) == ("joint_tenant", "", 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("B1;L1;T1;Zoé;;;;01/02/2020;;", "nom"),
        ("B1;;T1;Zoé;M;;;01/02/2020;;", "logement"),
        ("B1;L1;T1;Zoé;M;;;31/02/2020;;", "date"),
        ("B1;L1;T1;Zoé;M;;;01/02/2020;01/01/2019;", "ends before"),
        ("B1;L1;T1;Zoé;M;;;01/02/2020;;Roi", "none of"),
        (f"B1;L1;T1;Zoé;{'M' * 99};;;01/02/2020;;", "Too long: nom"),
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("06 39 98 00 01", "+33639980001"),
        ("0033 6.39.98.00.01", "+33639980001"),
        ("'+33 (0)6 39 98 00 01", "+33639980001"),
        ("0692 12 34 56", "+262692123456"),
        ("0590 81 12 34", "+590590811234"),
        ("+49 30 123456", "+4930123456"),
    ],
)
def test_phones(text, number):
    assert parse_phone(text) == number


@pytest.mark.parametrize("text", ["12", "abc", "06 39 98", "00000000000000000"])
def test_what_is_no_phone(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the message
        parse_phone(text)


def test_unknown_needs_are_not_repeated_in_the_report():
    header = "Bail;Logement;Locataire;Nom;Début;Besoins\n"
    (row,) = leases("B1;L1;T1;M;01/02/2020;escaliers, maladie grave\n", header)
    assert row.needs == ("stairs",)
    assert "maladie" not in "".join(row.faults)
    assert set(NEEDS.values()) == set(Need.Code.values)


def test_the_template_is_read_and_tells_of_every_column():
    text = "\n".join(";".join(row) for row in template())
    table = open_table(text.encode())
    assert ignored_columns(table) == []
    assert len(table.headers) == len(COLUMNS)
    assert [row.faults for row in read_leases(table)] == [(), ()]


def test_columns_that_are_not_read_are_named():
    table = open_table(b"Bail;Logement;Locataire;Nom;NIR;Nationalite;Debut\n")
    assert ignored_columns(table) == ["NIR", "Nationalite"]
