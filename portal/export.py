"""Tables exported for a spreadsheet: no cell may act as a formula (docs/principles.md, T12)."""

import csv
import unicodedata
from collections.abc import Iterable
from typing import Protocol

from django.http import HttpResponse

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # their wide forms act alike in some Excels


class TextSink(Protocol):
    """A file or an answer: an object that accepts text."""

    def write(self, text: str, /) -> object: ...


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    Drop control characters and leading blanks, and put a quote before a sign that starts a formula.
    Numbers stay numbers; None is an empty cell.
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)
    text = "".join(c for c in str(cell) if c == "\n" or unicodedata.category(c) != "Cc").lstrip()
    return "'" + text if text.startswith(STARTS) else text


def write_csv(stream: TextSink, rows: Iterable[Iterable[object]]) -> None:
    """Write ``rows`` as Excel opens them here: byte-order mark, semicolons, safe cells."""
    stream.write("\ufeff")
    writer = csv.writer(stream, delimiter=";")
    writer.writerows([safe(cell) for cell in row] for row in rows)


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return the answer that a browser saves as ``<name>.csv``."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    write_csv(response, rows)
    return response
