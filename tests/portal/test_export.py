"""No exported cell acts as a formula."""

import csv
import io

import pytest

from portal.export import STARTS, safe, write_csv


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
    assert stream.getvalue() == '\ufeff"é";"\'=1"\r\n"1";"x;y"\r\n'


@pytest.mark.parametrize("invisible", ["\u200b", "\ufeff", "\u202e", "\u00ad \u2060", "\u3000"])
def test_no_invisible_character_hides_a_formula(invisible):
    assert safe(invisible + "=1+1") == "'=1+1"


def test_no_cell_begins_inside_another_where_the_separator_is_a_comma():
    stream = io.StringIO()
    write_csv(stream, [["a", "x,=cmd|' /C calc'!A0", "y\n@SUM(1)", "Fuite, - 2 fois"]])
    lines = stream.getvalue().splitlines()
    cells = [cell for line in lines for cell in next(csv.reader([line]), [])]
    assert [cell for cell in cells if cell.lstrip('" ;').startswith(STARTS)] == []
    assert "Fuite, '- 2 fois" in stream.getvalue()
