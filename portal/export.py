"""Tables exported for a spreadsheet: no cell may act as a formula (docs/principles.md, T12)."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol

from django.http import HttpResponse, StreamingHttpResponse

from portal.database.streams import Stream

PART = 16_000  # characters that are sent at once
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
    text = str(cell)
    if not text.isprintable():  # of categories C and Z, what is printable has spaces alone
        text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
        first = next((n for n, c in enumerate(text) if unicodedata.category(c)[0] not in "CZ"), 0)
        text = text[first:]
    text = INNER.sub(r"\1'\2", text.lstrip())
    return "'" + text if text.startswith(STARTS) else text


def write_csv(stream: TextSink, rows: Iterable[Iterable[object]]) -> None:
    """Write ``rows`` as Excel opens them here: byte-order mark, semicolons, safe cells."""
    stream.write("\ufeff")
    writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([safe(cell) for cell in row] for row in rows)


class _Line:
    """Keeps what was written, until it is taken."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str, /) -> None:
        self.text += text

    def take(self) -> str:
        text, self.text = self.text, ""
        return text


def _parts(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Give the text of ``write_csv`` in parts of about ``PART`` characters."""
    line = _Line()
    line.write("\ufeff")
    writer = csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        if len(line.text) >= PART:
            yield line.take()
    if line.text:
        yield line.take()


def csv_stream(
    name: str, heads: Iterable[object], rows: Callable[[], Iterable[Iterable[object]]], total: int
) -> StreamingHttpResponse:
    """Return the same as ``csv_file``, sent while ``rows`` are read: any number, little memory.

    ``rows`` is called when sending begins, and reads as whoever asks now (``portal.database``).
    There are ``total`` of them: ``static/js/download.js`` shows how far it is.
    """
    named = list(heads)
    parts = Stream(lambda: _parts(chain([named], rows())))
    response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Rows"] = str(total)
    return response


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return the answer that a browser saves as ``<name>.csv``."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    write_csv(response, rows)
    return response
