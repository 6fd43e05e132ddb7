"""Pure: where the marks of a chart stand, in the coordinates of its view box.

The template draws them; the same numbers stand in a table behind. Words are the template's.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from requests.stock_insight import control

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 34
STEPS = 40  # of the limits of a funnel


@dataclass(frozen=True)
class Mark:
    """One dot: ``look`` is the class of its verdict, ``row`` what it stands for."""

    x: float
    y: float
    look: str
    row: object


@dataclass
class Drawing:
    """Marks, lines as (look, points of an SVG polyline), and ticks as (place, words)."""

    marks: list[Mark] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    across: list[tuple[float, str]] = field(default_factory=list)
    anchor: str = "middle"  # of the ticks across
    up: list[tuple[float, str]] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def nice_step(most: float, steps: int = 4) -> float:
    """Return a round step by which at most ``steps`` and one more reach ``most``."""
    if most <= 0:
        return 1.0
    raw = most / steps
    power = 10 ** math.floor(math.log10(raw))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= raw - 1e-9)


def _scale(most: float, low: float, high: float):
    return lambda value: round(low + (high - low) * value / (most or 1), 1)


def _ticks(most: float, scale) -> list[tuple[float, str]]:
    step = nice_step(most)
    number = int(most / step + 1e-9)
    return [(scale(step * n), f"{step * n:g}") for n in range(number + 1)]


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _across(y: float) -> str:
    """Return a line over the whole width."""
    return _points([(LEFT, y), (WIDTH - RIGHT, y)])


def funnel(spots: Sequence, rate: float, spread: float) -> Drawing:
    """Draw residences by dwellings (across) and faults per 100 dwellings (up), with the limits."""
    drawing = Drawing()
    widest = max((spot.dwellings for spot in spots), default=1)
    curves: dict[str, list[tuple[float, float]]] = {"low": [], "in": [], "out": []}
    for step in range(1, STEPS + 1):
        size = widest * (step / STEPS) ** 2
        if size < 1:
            continue
        found = control.limits(rate * size, spread)
        curves["low"].append((size, control.PER * found.low_outer / size))
        curves["in"].append((size, control.PER * found.high_inner / size))
        curves["out"].append((size, control.PER * found.high_outer / size))
    highest = max((spot.rate for spot in spots), default=1.0) * 1.05
    highest = max(highest, control.PER * rate * 2, 1.0)
    x = _scale(widest, LEFT, WIDTH - RIGHT)
    y = _scale(highest, HEIGHT - BOTTOM, TOP)
    for name, look in (("out", "limit"), ("in", "limit plot__limit--inner"), ("low", "limit")):
        inside = [(size, value) for size, value in curves[name] if value <= highest]
        drawing.lines.append((look, _points((x(size), y(value)) for size, value in inside)))
    drawing.lines.append(("centre", _across(y(control.PER * rate))))
    drawing.marks = [Mark(x(s.dwellings), y(s.rate), s.verdict, s) for s in spots]
    drawing.across, drawing.up = _ticks(widest, x), _ticks(highest, y)
    return drawing


def u_chart(chart: control.Chart) -> Drawing:
    """Draw the months with their centre and limits; a mark for each."""
    drawing = Drawing()
    points = chart.points
    if not points:
        return drawing
    highest = max(max(p.rate, p.high) for p in points) * 1.05 or 1.0
    x = _scale(max(len(points) - 1, 1), LEFT + 8, WIDTH - RIGHT - 8)
    y = _scale(highest, HEIGHT - BOTTOM, TOP)
    drawing.lines = [
        ("limit", _points((x(n), y(p.high)) for n, p in enumerate(points))),
        ("limit", _points((x(n), y(p.low)) for n, p in enumerate(points))),
        ("centre", _across(y(chart.centre))),
        ("line", _points((x(n), y(p.rate)) for n, p in enumerate(points))),
    ]
    drawing.marks = [
        Mark(x(n), y(p.rate), "change" if p.signal else "noise", p) for n, p in enumerate(points)
    ]
    # Few and from their month on: on a phone their words are three times as wide.
    every, drawing.anchor = max(len(points) // 4, 1), "start"
    drawing.across = [(x(n), p.name) for n, p in enumerate(points) if n % every == 0]
    drawing.up = _ticks(highest, y)
    return drawing
