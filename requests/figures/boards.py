"""What a board is made of: questions, each answered by a sentence, a drawing and a table.

Page, CSV, XLSX and PDF are all made from this, so that none says more than another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import punctuation
from requests.figures.charts import Drawing
from requests.figures.markup import small_svg, svg


class Cell(NamedTuple):
    """One cell: the number or text for a spreadsheet, the text on screen, what it opens."""

    value: float | str | None
    text: str = ""
    href: str = ""
    look: str = ""
    drawing: Drawing | None = None
    title: str = ""

    @property
    def chart(self) -> SafeString | str:
        """Return the markup of the small line; "" where there is nothing to draw."""
        return small_svg(self.drawing) if self.drawing and self.drawing.shapes else ""

    @property
    def shown(self) -> str:
        """Return the text on screen; a dash where there is nothing to count from."""
        if self.text:
            return self.text
        return "—" if self.value is None else str(self.value)


class Head(NamedTuple):
    """The head of a column; numbers stand on the right."""

    text: str
    number: bool = True
    wide: bool = False


@dataclass
class Table:
    """Rows of cells; the first cell of a row is its head. ``marked`` are numbers of rows."""

    caption: str
    heads: Sequence[Head]
    rows: list[list[Cell]] = field(default_factory=list)
    marked: frozenset[int] = frozenset()

    @property
    def written(self) -> "Table":
        """Return the table without columns of drawings, for files and paper."""
        drawn = {n for row in self.rows for n, cell in enumerate(row) if cell.drawing}
        kept = [n for n in range(len(self.heads)) if n not in drawn]
        return Table(
            self.caption,
            [self.heads[n] for n in kept],
            [[row[n] for n in kept] for row in self.rows],
            self.marked,
        )

    def lines(self) -> list[tuple[bool, list[tuple[Head, Cell]]]]:
        """Return whether each row is marked, and its cells with their heads."""
        return [
            (number in self.marked, list(zip(self.heads, row, strict=True)))
            for number, row in enumerate(self.rows)
        ]


class Said(NamedTuple):
    """A piece of a sentence: plain, strong, a link, or in the landlord's own language.

    ``way``: it only says where to go on, and stands on the page alone.
    """

    text: str
    href: str = ""
    strong: bool = False
    house: bool = False
    way: bool = False


class Key(NamedTuple):
    """One colour of a chart and what it means."""

    look: str
    text: str


@dataclass
class Card:
    """One question. ``open_table``: the table is the answer, not what stands behind a drawing."""

    slug: str
    question: str
    definition: str
    table: Table
    says: list[Said] = field(default_factory=list)
    drawing: Drawing | None = None
    keys: Sequence[Key] = ()
    size: int = 1  # columns of three
    open_table: bool = False
    empty: str = ""

    @property
    def look(self) -> str:
        """Return the class of its width."""
        return f"card--{self.size}"

    @property
    def chart(self) -> SafeString | str:
        """Return the markup of the drawing; "" where there is nothing to draw."""
        return svg(self.drawing) if self.drawing and self.drawing.shapes else ""


@dataclass
class Board:
    """One board: its title, the answer in a sentence, and its cards."""

    slug: str
    title: str
    says: list[Said]
    cards: list[Card]


def count(number: int, href: str = "", look: str = "") -> Cell:
    """Return the cell of a number of claims."""
    return Cell(number, number_format(number, use_l10n=True, force_grouping=True), href, look)


def whole(number: int) -> str:
    """Return a number with its thousands apart: « 4 523 »."""
    return number_format(number, use_l10n=True, force_grouping=True)


def percent(share: float | None, href: str = "") -> Cell:
    """Return the cell of a share, in whole per cent; the spreadsheet gets one decimal."""
    if share is None:
        return Cell(None)
    return Cell(round(100 * share, 1), said_percent(share), href)


def said_percent(share: float) -> str:
    """Return « 86 % »."""
    return punctuation.percent(round(100 * share))


def days(number: float | None, href: str = "") -> Cell:
    """Return the cell of a number of days."""
    return Cell(None) if number is None else Cell(number, said_days(number), href)


def said_days(number: float) -> str:
    """Return « 14 j »."""
    return _("%(number)s d") % {"number": number_format(number, decimal_pos=0)}


def decimal(number: float) -> str:
    """Return a number with one decimal: « 4,2 »."""
    return number_format(number, decimal_pos=1, use_l10n=True)


def rate(number: int, dwellings: int) -> Cell:
    """Return the cell of claims per 100 dwellings, to one decimal."""
    if not dwellings:
        return Cell(None)
    value = round(100 * number / dwellings, 1)
    return Cell(value, decimal(value))


def claims(number: int) -> str:
    """Return « 41 demandes »."""
    return ngettext("%(number)s claim", "%(number)s claims", number) % {"number": whole(number)}


def of_n(number: int) -> str:
    """Return « n = 1 912 »."""
    return _("n = %(number)s") % {"number": whole(number)}


def inner(text: str) -> str:
    """Return a label as it stands within a sentence: « chauffage », but « VMC »."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def join(parts: Iterable[str], mark: str = " · ") -> str:
    """Return the parts that say something, one after another."""
    return mark.join(part for part in parts if part)
