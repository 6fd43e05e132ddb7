"""Open any CSV or XLSX as a table of text, or say in plain words why it cannot be opened."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from agencies.imports.packed_size import is_bomb
from agencies.imports.sources import ERRORS, WrongFile, open_bytes, refuse_binary, scan
from portal.file_types import FileType, recognise

ENCODINGS = ("utf-8-sig", "utf-8", "utf-16", "windows-1252", "iso-8859-1")
DELIMITERS = ";,\t|"
TOP = 10  # lines searched for the column names: exports put titles and descriptions above

# Columns that only one format has (canonical names).
FINGERPRINTS: tuple[tuple[object, frozenset[str]], ...] = (
    (_("an RPLS file"), frozenset({"DEPCOM", "NOMVOIE", "SURFHAB"})),
    (_("an RPLS file"), frozenset({"DEPCOM_CODE", "NOMVOIE", "SURFHAB"})),
    (_("an RPLS file"), frozenset({"DEPCOM_RED", "SURFHAB_RED"})),
    (_("an RPLS file"), frozenset({"IDENT_INT", "NOMVOIE", "NBPIECE"})),
    (_("a BAN address file"), frozenset({"NUMERO", "NOM_VOIE", "CODE_POSTAL", "LON", "LAT"})),
    (_("a tenants and leases file"), frozenset({"BAIL", "NOM"})),
    (_("a tenants and leases file"), frozenset({"LEASE", "LAST_NAME"})),
    (_("a Palier stock file"), frozenset({"RESIDENCE", "LOGEMENT"})),
    (_("a Palier stock file"), frozenset({"RESIDENCE", "DWELLING"})),
)


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that is not imported: its number in the file, the reason, and its cells as read.

    ``row`` is the row of a duplicate: no other line may name its residence.
    """

    line: int
    reason: str
    raw: Mapping[str, str] = field(default_factory=dict)
    row: object = None


class Row(dict[str, str]):
    """Cells of one line by header. ``surplus`` counts non-empty cells beyond the headers: above
    zero the cells have probably shifted (a separator inside a value), and all are in ``cells``."""

    surplus: int = 0
    cells: list[str] = []  # noqa: RUF012 - replaced, never changed


@lru_cache(maxsize=1 << 15)  # the same streets come again for every dwelling
def canonical(header: str) -> str:
    """Return how headers are compared: ``"N° d'étage "`` → ``"N_D_ETAGE"``."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", header) if not unicodedata.combining(c)
    )
    return re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")


def find_columns(headers: Iterable[str], aliases: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map each field of ``aliases`` to the header that carries it; absent ones are left out.
    Aliases are tried in their order, compared by :func:`canonical`."""
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(canonical(header), header)
    found = {}
    for name, names in aliases.items():
        for alias in names:
            if (carrier := by_name.get(canonical(alias))) is not None:
                found[name] = carrier
                break
    return found


def looks_like(headers: Iterable[str]) -> str:
    """Name the known format that ``headers`` belong to, or ``""``."""
    names = {canonical(h) for h in headers}
    return next((str(label) for label, columns in FINGERPRINTS if columns <= names), "")


def looks_like_another(headers: Iterable[str], expected: object) -> bool:
    """Return whether ``headers`` are those of another known format."""
    return looks_like(headers) not in ("", str(expected))


def wrong_format(headers: list[str], expected: object, missing: Iterable[str]) -> WrongFile:
    """Build the refusal of a readable file of another format, named where it is known."""
    lacking = ", ".join(missing)
    instead = looks_like(headers)
    if instead and instead != str(expected):
        return WrongFile(
            _(
                "This is not %(expected)s: it looks like %(instead)s. Choose that format, or "
                "another file. Missing columns: %(missing)s."
            )
            % {"expected": expected, "instead": instead, "missing": lacking}
        )
    return WrongFile(
        _("This is not %(expected)s. Missing columns: %(missing)s. Columns found: %(found)s.")
        % {"expected": expected, "missing": lacking, "found": ", ".join(headers[:12])}
    )


@dataclass(frozen=True)
class Table:
    """A file opened as text cells.

    Iterating yields ``(line_number, Row)`` and may be repeated; blank lines are skipped.
    ``line_number`` is the line in the file (the row in a sheet), the header being usually 1.
    ``line_count`` is an upper bound, for progress.

    Iterating raises :class:`WrongFile` on a CSV quote that is never closed.
    """

    headers: list[str]
    encoding: str
    delimiter: str
    line_count: int
    _records: object = field(repr=False)
    _header_line: int = 1

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        width = len(self.headers)
        for line, cells in self._records():  # type: ignore[operator]
            if line <= self._header_line or not any(cells):
                continue
            row = Row()
            for header, cell in zip(
                self.headers, cells + [""] * (width - len(cells)), strict=False
            ):
                if header and (header not in row):
                    row[header] = cell
            row.surplus = sum(1 for cell in cells[width:] if cell)
            if row.surplus:
                row.cells = cells
            yield line, row


def open_table(source: str | Path | bytes) -> Table:
    """Open a CSV (``;`` ``,`` tab ``|``; UTF-8 with or without BOM, UTF-16 with BOM,
    Windows-1252, ISO-8859-1), compressed by gzip or not, or an XLSX (first sheet that is not
    empty). Lines above known column names (a title, descriptions) are skipped.

    Input: a path, or the bytes of an upload. Output: a :class:`Table`.
    Raises :class:`WrongFile`: unreadable, empty, binary, no header line, a single column.
    """
    try:
        with open_bytes(source) as stream:
            head = stream.read(1 << 16)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise WrongFile(_("This compressed file is damaged. Download it again.")) from error
    except OSError as error:
        raise WrongFile(
            _("The file cannot be read (%(why)s). Check its name and its rights.")
            % {"why": error.strerror or error}
        ) from error
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise WrongFile(_("The file is empty. Export it again, then choose the new one."))
    if recognise(head) == FileType.ZIP:
        return _open_xlsx(source)
    refuse_binary(head)
    return _open_csv(source, head)


def _open_csv(source: str | Path | bytes, head: bytes) -> Table:
    encoding, line_count = scan(source, head)
    delimiter = ""

    def lines() -> Iterator[str]:
        with (
            open_bytes(source) as raw,
            io.TextIOWrapper(raw, encoding=encoding, errors=ERRORS, newline="") as text,
        ):
            for line in text:
                yield line.replace("\0", "")

    top = []
    for line in lines():
        if match := re.fullmatch(r"sep=(.)\s*", line, re.IGNORECASE):  # Excel's own first line
            delimiter = match.group(1)
        elif line.strip(" \t\r\n;,|\x1a"):
            top.append(line)
            if len(top) == TOP:
                break
    delimiter = delimiter or _delimiter(top)

    counts = Counter(re.sub(r'"[^"]*"', "", line).count(delimiter) + 1 for line in top)
    width = max(counts, key=lambda cells: (counts[cells], cells), default=0)

    def records() -> Iterator[tuple[int, list[str]]]:
        return _records(lines(), delimiter, width)

    return _with_header(records, encoding, delimiter, line_count)


def _records(source: Iterator[str], delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on.

    A double quote that is opened and never closed would swallow the lines below: when those have
    as many cells as the others, they are lines, and the quote is dropped.
    """
    held: list[str] = []  # lines of the record being read
    start, ended = 1, False

    def tapped() -> Iterator[str]:
        for line in source:
            held.append(line)
            yield line

    while not ended:
        try:
            for cells in csv.reader(tapped(), delimiter=delimiter):
                apart = _apart(held, delimiter, width) or [cells]
                for number, part in enumerate(apart):
                    yield start + number, [_cell(cell) for cell in part]
                start += len(held)
                held.clear()
            ended = True
        except csv.Error as error:
            if not (apart := _apart(held, delimiter, width)):
                raise WrongFile(
                    _(
                        "The file cannot be read after line %(line)s: a double quote is probably "
                        "opened there and never closed. Correct that line and try again."
                    )
                    % {"line": start}
                ) from error
            for number, part in enumerate(apart):
                yield start + number, [_cell(cell) for cell in part]
            start += len(held)
            held.clear()


def _apart(held: list[str], delimiter: str, width: int) -> list[list[str]]:
    """Return the lines of one record as cells when nearly all are whole lines; else nothing."""
    if len(held) < 2:
        return []
    lines = [[cell.strip('"') for cell in line.rstrip("\r\n").split(delimiter)] for line in held]
    whole = sum(len(cells) == width for cells in lines)
    return lines if whole >= max(2, 0.9 * len(lines)) else []


def _cell(text: str) -> str:
    """Return the text without blanks around, and without the quote that our exports add."""
    text = text.strip(" \t\r\n\xa0\x1a")
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _delimiter(top: list[str]) -> str:
    """Return the separator that shows known column names, else the commonest of the first line."""
    for line in top:
        for mark in DELIMITERS:
            if looks_like(cell.strip(' "\r\n') for cell in line.split(mark)):
                return mark
    unquoted = re.sub(r'"[^"]*"', "", top[0]) if top else ""
    best = max(DELIMITERS, key=unquoted.count)
    return best if unquoted.count(best) else ";"


def _open_xlsx(source: str | Path | bytes) -> Table:
    import openpyxl

    broken = WrongFile(
        _("This is not a readable Excel workbook. Open it, save it as .xlsx or CSV, try again.")
    )
    try:
        with open_bytes(source) as stream, zipfile.ZipFile(stream) as archive:
            if is_bomb(archive):
                raise WrongFile(_("This workbook is too large. Export it as CSV instead."))
            if "[Content_Types].xml" not in archive.namelist():
                raise WrongFile(_("This is a ZIP archive. Unpack it and choose the file inside."))
    except zipfile.BadZipFile as error:
        raise broken from error

    def sheets() -> Iterator[Iterator[tuple[int, list[str]]]]:
        with open_bytes(source) as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            try:
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # exports often declare a wrong size
                    rows = sheet.iter_rows(values_only=True)
                    yield ((n, [_text(c) for c in row]) for n, row in enumerate(rows, 1))
            finally:
                book.close()

    def records() -> Iterator[tuple[int, list[str]]]:
        for sheet in sheets():
            empty = True
            for line, cells in sheet:
                if any(cells):
                    empty = False
                yield line, cells
            if not empty:
                return

    try:
        count = sum(1 for _record in records())
        return _with_header(records, "xlsx", "", count)
    except WrongFile:
        raise
    except Exception as error:  # openpyxl raises nearly anything on a damaged workbook
        raise broken from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).replace("\0", "").strip(" \t\r\n\xa0")


def _with_header(records, encoding: str, delimiter: str, line_count: int) -> Table:
    line, cells = _header(records)
    filled = [cell for cell in cells if cell]
    if sum(1 for c in filled if re.fullmatch(r"[-+\d.,/: ]+", c)) * 4 >= len(filled):
        raise WrongFile(
            _(
                "The first line (%(line)s) holds values, not column names. Add a line of "
                "column names at the top and try again."
            )
            % {"line": line}
        )
    if len(filled) < 2:
        raise WrongFile(
            _(
                "Only one column was found (“%(column)s”). Columns must be separated by "
                "semicolons, commas or tabs, and named on the first line."
            )
            % {"column": filled[0][:60]}
        )
    while not cells[-1]:
        cells.pop()
    return Table(cells, encoding, delimiter, line_count, records, line)


def _header(records) -> tuple[int, list[str]]:
    """Return the line of the known column names near the top, else the first line with text."""
    first, seen = None, 0
    for line, cells in records():
        if not any(cells) or (len(cells) <= 2 and cells[0].lower().startswith("sep=")):
            continue
        first = first or (line, cells)
        seen += 1
        if looks_like(cells):
            return line, cells
        if seen == TOP:
            break
    if first is None:
        raise WrongFile(_("The file is empty. Export it again, then choose the new one."))
    return first
