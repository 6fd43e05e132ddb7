"""Tables exported for a spreadsheet: no cell may act as a formula (docs/principles.md, T12)."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol

from django.http import HttpResponse

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # their wide forms act alike in some Excels
# Where Excel's list separator is a comma, it begins a cell after one, in spite of our quotes.
INNER = re.compile(r"([,;\n|][\s\"']*)([=+\-@＝＋－＠])")


class TextSink(Protocol):
    """A file or an answer: an object that accepts text."""

    def write(self, text: str, /) -> object: ...


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    Drop control characters, and blanks or invisible ones at the start, and put a quote before a
    sign that starts a formula there or after a separator. Numbers stay numbers; None is an empty
    cell.
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)
    text = "".join(c for c in str(cell) if c == "\n" or unicodedata.category(c) != "Cc")
    first = next((n for n, c in enumerate(text) if unicodedata.category(c)[0] not in "CZ"), 0)
    text = INNER.sub(r"\1'\2", text[first:].lstrip())
    return "'" + text if text.startswith(STARTS) else text


def write_csv(stream: TextSink, rows: Iterable[Iterable[object]]) -> None:
    """Write ``rows`` as Excel opens them here: byte-order mark, semicolons, safe cells."""
    stream.write("\ufeff")
    writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([safe(cell) for cell in row] for row in rows)


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return the answer that a browser saves as ``<name>.csv``."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    write_csv(response, rows)
    return response
