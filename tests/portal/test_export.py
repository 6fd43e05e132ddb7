"""No exported cell acts as a formula."""

import io

import pytest

from portal.export import safe, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " \r\n@", "\0+", "＝"])
def test_no_cell_is_a_formula(start):
    cell = safe(start + "1")
    assert cell.startswith("'")
    assert not set(cell) & set("\t\r\n\0")


def test_numbers_blanks_and_inner_signs_stay():
    assert [safe(cell) for cell in (-3, 2.5, None, "a=b", "12 bis")] == [
        "-3",
        "2.5",
        "",
        "a=b",
        "12 bis",
    ]


def test_excel_opens_the_table():
    stream = io.StringIO()
    write_csv(stream, [["é", "=1"], [1, "x;y"]])
    assert stream.getvalue() == '\ufeffé;\'=1\r\n1;"x;y"\r\n'
