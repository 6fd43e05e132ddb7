"""Measure where the words of a PDF are printed, from its content stream and its fonts' widths.

Independent of what drew it: ISO 32000-1, 9.4 (text) and 9.7.4.3 (widths of CIDs).
"""

from dataclasses import dataclass

from pypdf.generic import ContentStream

MM = 72 / 25.4
HEIGHT = 842  # points of an A4 page, as rounded there


@dataclass(frozen=True)
class Span:
    """One run of glyphs: from ``left`` to ``right``, its baseline ``down`` from the top, in mm."""

    left: float
    right: float
    down: float
    size: float


def _times(a, b):
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _widths(font) -> dict[int, float]:
    rows = list(font["/DescendantFonts"][0].get_object().get("/W", []))
    found: dict[int, float] = {}
    at = 0
    while at < len(rows):
        first, second = int(rows[at]), rows[at + 1]
        if isinstance(second, list):
            found |= {first + n: float(width) for n, width in enumerate(second)}
            at += 2
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(rows[at + 2]))
            at += 3
    return found


def spans(page) -> list[Span]:
    """Return what the page prints, in its order."""
    fonts = {name: _widths(f.get_object()) for name, f in page["/Resources"]["/Font"].items()}
    found, stack = [], []
    matrix = text = line = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    widths, size, spacing = {}, 0.0, 0.0

    def show(pieces) -> None:
        nonlocal text
        start = _times(text, matrix)
        advance = 0.0
        for piece in pieces:
            if isinstance(piece, (bytes, str)):
                raw = piece if isinstance(piece, bytes) else piece.original_bytes
                for n in range(0, len(raw) - 1, 2):
                    advance += widths.get(raw[n] << 8 | raw[n + 1], 1000) / 1000 * size + spacing
            else:
                advance -= float(piece) / 1000 * size
        text = _times((1, 0, 0, 1, advance, 0), text)
        end = _times(text, matrix)
        height = abs(size * start[3])
        found.append(Span(start[4] / MM, end[4] / MM, (HEIGHT - start[5]) / MM, height))

    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        numbers = [float(o) for o in operands if isinstance(o, (int, float))]
        match operator:
            case b"q":
                stack.append(matrix)
            case b"Q":
                matrix = stack.pop()
            case b"cm":
                matrix = _times(numbers, matrix)
            case b"BT":
                text = line = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
            case b"Tf":
                widths, size = fonts[operands[0]], float(operands[1])
            case b"Tc":
                spacing = numbers[0]
            case b"Tm":
                text = line = tuple(numbers)
            case b"Td" | b"TD":
                text = line = _times((1, 0, 0, 1, *numbers), line)
            case b"Tj":
                show(operands)
            case b"TJ":
                show(operands[0])
    return found
