"""Charts as accessible SVG: pure functions from numbers to drawings, without any script.

A drawing is shapes in the coordinates of its view box, and words for who does not see it; ``svg``
(markup.py) writes it. Templates put a table of the same numbers behind. Colours are classes of
``styles/charts.css``. Every mark may carry the address of the claims behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

Span = tuple[float, float]
Words = Callable[[float], str]  # how a value of an axis is said: « 10 j », « 80 % »
# Close to the width of a card on a desk and of a phone, so that words keep their size.
WIDTH, HEIGHT = 380, 190
ROW, NAME, BAR = 44, 13, 22  # of a named row: its height, the base of its name, its bar


class Shape(NamedTuple):
    """One mark: ``kind`` is rect, line, path or circle; ``at`` its coordinates by name.

    ``title`` is read by pointers and screen readers; ``href`` opens the claims behind it.
    """

    kind: str
    look: str
    at: Mapping[str, float | str]
    title: str = ""
    href: str = ""


class Label(NamedTuple):
    """Words at a place; ``anchor`` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = ""


@dataclass
class Drawing:
    """What is drawn, ``width`` × ``height``; ``says`` is the same in a sentence."""

    width: int
    height: int
    says: str = ""
    shapes: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


class Point(NamedTuple):
    """One value of a line: where on its axis it is said, what it says, what it opens."""

    name: str
    value: float | None
    title: str = ""
    href: str = ""


class Part(NamedTuple):
    """One part of a bar: its number, how it looks, what it says."""

    value: float
    look: str
    text: str = ""
    title: str = ""
    href: str = ""


class Bar(NamedTuple):
    """A named bar of parts."""

    name: str
    parts: Sequence[Part]


class Dot(NamedTuple):
    """One dot of a row: its value, and how many stand behind it."""

    row: str
    value: float
    size: int
    name: str
    title: str = ""
    href: str = ""


def plain(value: float) -> str:
    """Return a value of an axis without a unit."""
    return f"{value:g}"


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return round values between, and one step around, ``low`` and ``high``."""
    span = max(high - low, 1e-9)
    power = 1.0
    while span / power > most * 10:
        power *= 10
    while span / power < most and power > 1:
        power /= 10
    step = next(s * power for s in (1, 2, 5, 10, 20, 50) if span / (s * power) <= most)
    first = step * (low // step)
    found = [first]
    while found[-1] < high:
        found.append(found[-1] + step)
    return found


def line(
    points: Sequence[Point],
    *,
    band: Span | None = None,
    before: Sequence[float | None] = (),
    words: Words = plain,
    band_name: str = "",
    says: str = "",
    zero: bool = False,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Drawing:
    """Draw values over time, the habitual ``band`` behind, and last year's line ``before``.

    The last value is named at its dot. A missing value leaves a gap.
    """
    drawing = Drawing(width, height, says)
    known = [p.value for p in points if p.value is not None]
    around = [*known, *(v for v in before if v is not None), *(band or ())]
    if not known:
        return drawing
    low, high = min(around), max(around)
    low = 0 if zero or low < 0.3 * high or low == high else low
    steps = ticks(low, high or 1)
    left, right, top, bottom = 44, width - 12, 18, height - 26

    def x(place: int) -> float:
        return round(left + place * (right - left) / max(len(points) - 1, 1), 1)

    def y(value: float) -> float:
        return round(bottom - (value - steps[0]) * (bottom - top) / (steps[-1] - steps[0]), 1)

    if band:
        at = {"x": left, "y": y(band[1]), "width": right - left}
        drawing.shapes.append(
            Shape("rect", "usual", {**at, "height": max(2, round(y(band[0]) - y(band[1]), 1))})
        )
        if band_name:
            drawn = [(x(n), y(p.value)) for n, p in enumerate(points) if p.value is not None]
            under = y(band[0]) + 14 if y(band[0]) + 14 < bottom else y(band[0]) - 6
            within = (y(band[0]) + y(band[1])) / 2 + 4
            bases = [base for base in (y(band[1]) - 5, under, within) if base > top]
            place = _free(drawn, len(band_name) * 6.5, (left, right), bases or [under])
            drawing.labels.append(Label(*place, band_name, look="quiet"))
    for step in steps:
        across = {"x1": left, "x2": right, "y1": y(step), "y2": y(step)}
        drawing.shapes.append(Shape("line", "axis", across))
        drawing.labels.append(Label(left - 6, y(step) + 4, words(step), "end"))
    drawing.shapes += _path(before, x, y, "line line--before")
    drawing.shapes += _path([p.value for p in points], x, y, "line")
    every = -(-len(points) // 6)
    last = max(n for n, p in enumerate(points) if p.value is not None)
    for number, point in enumerate(points):
        if (len(points) - 1 - number) % every == 0:
            at_end = number == len(points) - 1 and number > 0
            along, anchor = (float(width), "end") if at_end else (x(number), "middle")
            drawing.labels.append(Label(along, height - 6, point.name, anchor))
        if point.value is None:
            continue
        at = {"cx": x(number), "cy": y(point.value), "r": 5 if number == last else 3}
        drawing.shapes.append(Shape("circle", "dot", at, point.title, point.href))
    return drawing


def _free(line: Sequence[Span], length: float, across: Span, bases: Sequence[float]) -> Span:
    """Return where words of this length, on one of the ``bases``, stand furthest from the line."""
    left, right = across
    # Between two points the line runs too.
    drawn = [
        (x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)
        for (x0, y0), (x1, y1) in pairwise(line)
        for step in range(9)
    ] or line

    def room(place: Span) -> float:
        begin, base = place
        near = [y for x, y in drawn if begin - 6 <= x <= begin + length + 6]
        return min((abs(y - (base - 4)) for y in near), default=base)

    starts = [left + 4 + n * (right - left - length - 4) / 4 for n in range(5)]
    places = [(round(x, 1), round(y, 1)) for y in bases for x in starts]
    return max(places, key=room)


def _path(values: Sequence[float | None], x, y, look: str) -> list[Shape]:
    """Return a line through the values; a single value between two gaps is no line."""
    steps, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x(place)} {y(value)}")
        pen = "L"
    return [Shape("path", look, {"d": " ".join(steps)})] if len(steps) > 1 else []


def spark(values: Sequence[float | None], band: Span | None = None, says: str = "") -> Drawing:
    """Draw a small line of 96 × 24 with its habitual band; the last value has a dot."""
    drawing = Drawing(96, 24, says)
    known = [v for v in values if v is not None]
    if not known:
        return drawing
    low, high = min([*known, *(band or ())]), max([*known, *(band or ())])

    def x(place: int) -> float:
        return round(3 + place * 90 / max(len(values) - 1, 1), 1)

    def y(value: float) -> float:
        return 12.0 if high == low else round(21 - (value - low) * 18 / (high - low), 1)

    if band:
        top = y(band[1])
        at = {"x": 0, "y": top, "width": 96, "height": max(2, round(y(band[0]) - top, 1))}
        drawing.shapes.append(Shape("rect", "usual", at))
    drawing.shapes += _path(values, x, y, "line")
    last = max(n for n, v in enumerate(values) if v is not None)
    drawing.shapes.append(
        Shape("circle", "dot", {"cx": x(last), "cy": y(values[last] or 0), "r": 2.5})
    )
    return drawing


def stacked(bars: Sequence[Bar], *, says: str = "", width: int = WIDTH) -> Drawing:
    """Draw bars of equal length whose parts are shares; a part too small for its words has none.

    The name of a bar stands above it, so that the bar is as long as the screen is wide.
    """
    drawing = Drawing(width, ROW * len(bars), says)
    for place, bar in enumerate(bars):
        whole, x, y = sum(p.value for p in bar.parts), 0.0, place * ROW
        drawing.labels.append(Label(0, y + NAME, bar.name))
        for part in bar.parts:
            if not part.value:
                continue
            length = round(part.value * width / whole, 1)
            at = {"x": round(x, 1), "y": y + NAME + 5, "width": length, "height": BAR}
            drawing.shapes.append(Shape("rect", part.look, at, part.title, part.href))
            if part.text and length > 8 * len(part.text) + 6:
                middle = round(x + length / 2, 1)
                look = f"on-{part.look}"
                drawing.labels.append(Label(middle, y + NAME + 20, part.text, "middle", look))
            x += length
    return drawing


class Scale:
    """An axis from zero to at least ``most``, and the ticks along it."""

    def __init__(self, most: float, width: int) -> None:
        self.steps = ticks(0, most or 1)
        self.right = width - 26

    def __call__(self, value: float) -> float:
        """Return where a value lies."""
        return round(6 + value * (self.right - 6) / self.steps[-1], 1)

    def draw(self, drawing: Drawing, bottom: float, words: Words) -> None:
        """Add the ticks below the rows."""
        for step in self.steps:
            down = {"x1": self(step), "x2": self(step), "y1": 0, "y2": bottom}
            drawing.shapes.append(Shape("line", "axis", down))
            place, anchor = (self(step), "middle") if step else (0, "start")
            drawing.labels.append(Label(place, bottom + 16, words(step), anchor))


def _rule(left: float, right: float, y: float) -> Shape:
    return Shape("line", "reach", {"x1": left, "x2": right, "y1": y, "y2": y})


def _end(x: float, y: float) -> Shape:
    return Shape("line", "reach", {"x1": x, "x2": x, "y1": y - 5, "y2": y + 5})


class Range(NamedTuple):
    """One row: a value between two others, what it says and what it opens."""

    name: str
    low: float
    value: float
    high: float
    title: str = ""
    href: str = ""


def ranges(
    rows: Sequence[Range],
    *,
    words: Words = plain,
    most: float = 0,
    says: str = "",
    width: int = WIDTH,
) -> Drawing:
    """Draw per row a dot with the rule from its low to its high value, on one axis from zero.

    For a median and its ninth decile, low is the median; for an estimate, both are its bounds. The
    axis goes to ``most`` at least.
    """
    drawing = Drawing(width, ROW * len(rows) + 24, says)
    if not rows:
        return drawing
    scale = Scale(max(most, *(row.high for row in rows)), width)
    scale.draw(drawing, ROW * len(rows), words)
    for place, row in enumerate(rows):
        y = place * ROW + NAME + 13
        drawing.labels.append(Label(0, place * ROW + NAME, row.name))
        drawing.shapes.append(_rule(scale(row.low), scale(row.high), y))
        drawing.shapes += [_end(scale(end), y) for end in {row.low, row.high} - {row.value}]
        at = {"cx": scale(row.value), "cy": y, "r": 6}
        drawing.shapes.append(Shape("circle", "dot", at, row.title, row.href))
    return drawing


def dots(
    rows: Sequence[str],
    values: Sequence[Dot],
    *,
    words: Words = plain,
    says: str = "",
    width: int = WIDTH,
) -> Drawing:
    """Draw one row per name with its dots on one axis from zero; area grows with their number.

    The furthest of a row is named beside its dot.
    """
    drawing = Drawing(width, ROW * len(rows) + 24, says)
    if not values:
        return drawing
    scale = Scale(max(dot.value for dot in values), width)
    scale.draw(drawing, ROW * len(rows), words)
    most = max(dot.size for dot in values)
    for place, name in enumerate(rows):
        y = place * ROW + NAME + 14
        drawing.labels.append(Label(0, place * ROW + NAME, name))
        here = [dot for dot in values if dot.row == name]
        for dot in sorted(here, key=lambda d: -d.size):
            radius = round(3 + 8 * (dot.size / most) ** 0.5, 1)
            at = {"cx": scale(dot.value), "cy": y, "r": radius}
            drawing.shapes.append(Shape("circle", "dot dot--open", at, dot.title, dot.href))
        if here:
            last = max(here, key=lambda dot: dot.value)
            others = [scale(dot.value) for dot in here if dot is not last]
            x, anchor = _beside(scale(last.value), last.name, others, width)
            drawing.labels.append(Label(x, y + 4, last.name, anchor, "quiet"))
    return drawing


def _beside(x: float, name: str, others: Sequence[float], width: int) -> tuple[float, str]:
    """Return where the name of the furthest dot of a row stands: right of it where it fits."""
    if x + 14 + len(name) * 6.5 <= width:
        return round(x + 14, 1), "start"
    # Left of it, and of the dots that its words would cover.
    free = x
    for other in sorted(others, reverse=True):
        if other > free - 28 - len(name) * 6.5:
            free = other
    return round(free - 14, 1), "end"


def shade(value: int, most: int) -> int:
    """Return how dark a cell of a heat table is, from 0 (nothing) to 3."""
    if value <= 0 or most <= 0:
        return 0
    return min(3, 1 + int(3 * value / (most + 1)))
