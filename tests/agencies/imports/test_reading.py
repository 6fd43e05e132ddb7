import gzip
import io
import zipfile

import openpyxl
import pytest

from agencies.imports.tables import WrongFile, open_table


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "a;b\n1;2\n")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"%PDF-1.4\n\x01\x02", "not a table"),
        (bytes(range(256)) * 9, "not a table"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "old Excel"),
        (b"PK\x03\x04 broken", "not a readable Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(200)) * 5, "not a table"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(200)) * 5, "not a table"),
        (b"\x1f\x8b\x08\0 broken", "damaged"),
        (gzip.compress(b"a;b\n1;2\n" * 9, mtime=0)[:-9], "damaged"),
        (zipped("rpls.csv"), "ZIP archive"),
        (b"1;2;3\n4;5;6\n", "values, not column names"),
        (b"Bonjour\nTout le monde\n", "Only one column"),
    ],
)
def test_wrong_files_are_refused_in_words(data, words):
    with pytest.raises(WrongFile, match=words):
        open_table(data)


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(WrongFile, match="cannot be read"):
        open_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"),
     ("iso-8859-1", "iso-8859-1")],
)  # fmt: skip
def test_encodings(encoding, found):
    table = open_table("nom;ville\nÉmilie;Évreuil\n".encode(encoding))
    assert (table.encoding, list(table)) == (found, [(2, {"nom": "Émilie", "ville": "Évreuil"})])


def test_windows_1252():
    table = open_table("nom;prix\nŒuvre;3 €\n".encode("cp1252"))
    assert (table.encoding, next(iter(table))[1]["prix"]) == ("windows-1252", "3 €")


def test_lines_are_those_of_the_file_and_nul_is_dropped():
    table = open_table(b'sep=,\r\na,b\r\n"x\r\ny",1\r\n\r\nz\0z,2\r\n')
    assert [(line, row["a"]) for line, row in table] == [(3, "x\r\ny"), (6, "zz")]
    assert list(table) == list(table)


def test_a_quote_never_closed_is_dropped_or_refused():
    rows = list(open_table(b'a;b\n"x;1\n' + b"y;2\n" * 60_000))
    assert len(rows) == 60_001
    assert rows[0] == (2, {"a": "x", "b": "1"})
    with pytest.raises(WrongFile, match="double quote"):
        list(open_table(b'a;b\n"x;1' + b";y" * 100_000 + b"\n"))


def test_a_value_of_several_lines_stays_one():
    (row,) = list(open_table(b'a;b\n"one\ntwo;three";1\n'))
    assert row == (2, {"a": "one\ntwo;three", "b": "1"})


def test_workbook():
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet().append(["nom", "étage"])
    book.worksheets[1].append(["Zoé", 3.0])
    book.save(stream)
    table = open_table(stream.getvalue())
    assert (table.encoding, list(table)) == ("xlsx", [(2, {"nom": "Zoé", "étage": "3"})])


def test_compressed_tables_and_lines_above_the_names():
    rows = b"Export du 3 mars, tout le parc\n\nLogement;Residence;Voie;Code commune\nL1;A;B;1\n"
    for data in (rows, gzip.compress(rows), rows.replace(b";", b",")):
        table = open_table(data)
        assert list(table) == [
            (4, {"Logement": "L1", "Residence": "A", "Voie": "B", "Code commune": "1"})
        ]
