"""Draw a letter as PDF for a French DL window envelope, and bind several PDFs into one.

The sheet (A4) is folded in three and slides in its envelope (110 × 220 mm, window of 35 × 100 mm,
20 mm from the right and from the bottom). In every position, the part between 55 and 79 mm from the
top and 100 and 190 mm from the left is visible: the address goes there (NF Z 11-001), as ``postal``
fits it into six lines. Nothing else may be printed between 44 and 90 mm from the top in the right
half, because it could be visible too.
"""

import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.utils import translation
from pypdf import PdfReader, PdfWriter

from requests.kit import pdf as documents
from requests.letters import postal

# Millimetres from the top and the left: the part always visible, and the part maybe visible.
SHOWS = (55, 79, 100, 190)
MAY_SHOW = (44, 90, 90, 200)
# Where the address begins, and how wide it may be: a margin of both sides of what shows.
ADDRESS_LEFT, ADDRESS_WIDTH = 105, 82
# Weights of the check digit of a postal item's number, from the left (UPU standard S10).
WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class BadNumber(ValueError):
    """The text is not a registered-letter number."""


@dataclass(frozen=True)
class Letter:
    """The contents of a letter: ``to`` are the lines of the address, ``paragraphs`` the text."""

    to: list[str]
    sender: str
    sender_lines: list[str]
    office_lines: list[str]
    dated: date
    subject: str
    reference: str
    promise: str
    paragraphs: list[str]
    signature: list[str]
    link: str
    phone: str
    language: str
    registered: bool = False
    logo: str = ""  # a PNG as a data: address
    code: str = ""  # what the code at the foot of each page says (requests/channels/marks.py)


def draw(letter: Letter) -> bytes:
    """Return the letter as PDF bytes, in its own language. Raises ``postal.DoesNotFit``."""
    to = postal.fit(letter.to)
    size = f"{postal.type_size(to, ADDRESS_WIDTH):.1f}"
    with translation.override(letter.language):
        page = {"letter": letter, "to": to, "size": size, "qr": documents.qr_svg(letter.link)}
        page["code"] = documents.qr_svg(letter.code, border=0) if letter.code else ""
        return documents.pdf("requests/letters/letter_pdf.html", page)


def pages_of(pdf: bytes) -> int:
    """Return the number of pages of a PDF that we made."""
    return len(PdfReader(BytesIO(pdf)).pages)


def bind(parts: list[bytes], *, two_sided: bool = False) -> bytes:
    """Return one PDF of several; with ``two_sided``, each part begins on a new sheet."""
    writer = PdfWriter()
    for part in parts:
        pages = PdfReader(BytesIO(part)).pages
        for page in pages:
            writer.add_page(page)
        if two_sided and len(pages) % 2:
            writer.add_blank_page()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def clean_number(text: str) -> str:
    """Return a registered-letter number in upper case without spaces. Raises BadNumber.

    It has 11 to 15 letters and digits, the length that La Poste's tracking accepts. Only the
    international form (two letters, nine digits, two letters) has a published check digit, which is
    checked; that of the national forms is not published.
    """
    number = re.sub(r"[\s.\-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{11,15}", number) or sum(c.isdigit() for c in number) < 9:
        raise BadNumber(text)
    if re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number):
        total = sum(int(d) * w for d, w in zip(number[2:10], WEIGHTS, strict=True))
        if {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) != int(number[10]):
            raise BadNumber(text)
    return number
