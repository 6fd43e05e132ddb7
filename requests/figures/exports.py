"""A board as a spreadsheet or a document: the same cells as on screen."""

import io
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.dates import full_day, full_moment
from portal.export import safe
from requests.figures.boards import Board, Card, Cell
from requests.figures.forms import Choice

WIDTHS = (34, 14)  # characters: of the first column, of the others
SHEET_NAME = 31  # what a spreadsheet allows


def sentence(said: list) -> str:
    """Return the pieces of a sentence as text, without those that only lead on."""
    return " ".join(piece.text for piece in said if not piece.way)


def heading(board: Board, choice: Choice, whose: str, at: datetime | None) -> list[list[object]]:
    """Return the lines above the tables: what, of whom, of which days, as of when."""
    span = _("From %(first)s to %(last)s") % {
        "first": full_day(choice.span.first),
        "last": full_day(choice.span.last),
    }
    lines: list[list[object]] = [[board.title], [whose], [span], [sentence(board.says)]]
    if at:
        lines.append([_("Counted on %(moment)s") % {"moment": full_moment(at)}])
    return lines


def cell(one: Cell) -> object:
    """Return what a spreadsheet gets: a number where there is one."""
    return one.shown if one.drawing is None and one.value is None and one.text else one.value


def rows(card: Card) -> Iterator[list[object]]:
    """Yield a card as rows: question, definition, sentence, heads, numbers."""
    table = card.table.written
    yield [card.question]
    yield [card.definition]
    if card.says:
        yield [sentence(card.says)]
    yield [head.text for head in table.heads]
    for row in table.rows:
        yield [cell(one) for one in row]


def all_rows(
    board: Board, choice: Choice, whose: str, at: datetime | None
) -> Iterator[list[object]]:
    """Yield a whole board, for a CSV: cards one after another with an empty row between."""
    yield from heading(board, choice, whose, at)
    for card in board.cards:
        yield []
        yield from ([_comma(value) for value in row] for row in rows(card))


def _comma(value: object) -> object:
    """Return a fraction as French spreadsheets read it: « 4,2 »."""
    return str(value).replace(".", ",") if isinstance(value, float) else value


def workbook(board: Board, choice: Choice, whose: str, at: datetime | None) -> bytes:
    """Return an XLSX file: a sheet for each card, the heading on the first."""
    book = Workbook()
    first = book.active
    first.title = _("Summary")[:SHEET_NAME]
    for line in heading(board, choice, whose, at):
        first.append([safe(value) for value in line])
    first["A1"].font = Font(bold=True, size=14)
    first.column_dimensions["A"].width = 100
    taken = {first.title.casefold()}
    for card in board.cards:
        sheet = book.create_sheet(_title(card, taken))
        lines = list(rows(card))
        head = len(lines) - len(card.table.rows)
        for number, line in enumerate(lines, start=1):
            sheet.append([
                value if isinstance(value, int | float) else safe(value) for value in line
            ])  # fmt: skip
            if number in (1, head):
                for one in sheet[number]:
                    one.font = Font(bold=True)
        for column in range(1, len(card.table.heads) + 1):
            letter = get_column_letter(column)
            sheet.column_dimensions[letter].width = WIDTHS[min(column - 1, 1)]
        sheet.freeze_panes = f"B{head + 1}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(card: Card, taken: set[str]) -> str:
    """Return a name for a sheet: no sign that a spreadsheet refuses, no name twice."""
    plain = "".join(sign for sign in card.question if sign not in "[]:*?/\\'").strip()
    title = plain[:SHEET_NAME].strip()
    number = 1
    while title.casefold() in taken:
        number += 1
        title = f"{plain[: SHEET_NAME - 3].strip()} {number}"
    taken.add(title.casefold())
    return title
