"""Pure: from coordinates to a drawing: boxes, marks that do not overlap, a scale bar.

An equirectangular projection about the middle of what is shown: over a town its error is far below
the size of a mark. No tile, no network: what is drawn are the landlord's own residences.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 800, 600, 36
CELL = 44  # two marks nearer than this are drawn as one
METRES = 111_320.0  # of a degree of latitude
LEAST = 400.0  # metres that a view is wide at least
BARS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True)
class Box:
    """West, south, east and north in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, places: Sequence[tuple[float, float]]) -> "Box":
        """Return the smallest box of (latitude, longitude) pairs, of which there is one or more."""
        latitudes, longitudes = zip(*places, strict=True)
        return cls(min(longitudes), min(latitudes), max(longitudes), max(latitudes))

    @classmethod
    def parse(cls, text: str) -> "Box | None":
        """Return the box that an address names as ``w,s,e,n``; None for anything else."""
        parts = text.split(",")
        if len(parts) != 4:
            return None
        try:
            west, south, east, north = (float(part) for part in parts)
        except ValueError:
            return None
        whole = all(math.isfinite(value) for value in (west, south, east, north))
        if not whole or not -180 <= west <= east <= 180 or not -85 <= south <= north <= 85:
            return None
        return cls(west, south, east, north)

    def holds(self, latitude: float, longitude: float) -> bool:
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north

    def __str__(self) -> str:
        values = (self.west, self.south, self.east, self.north)
        return ",".join(f"{value:.5f}" for value in values)

    def padded(self, share: float = 0.08) -> "Box":
        """Return the box with room around it, and never narrower than ``LEAST`` metres."""
        middle = (self.south + self.north) / 2
        east_metres = METRES * math.cos(math.radians(middle))
        across = max((self.east - self.west) * (1 + 2 * share), LEAST / east_metres)
        up = max((self.north - self.south) * (1 + 2 * share), LEAST / METRES)
        centre = (self.west + self.east) / 2
        return Box(centre - across / 2, middle - up / 2, centre + across / 2, middle + up / 2)


@dataclass(frozen=True)
class Spot:
    """One residence: where it is and how much is open there."""

    pk: int
    name: str
    commune: str
    latitude: float
    longitude: float
    open: int = 0
    late: int = 0
    danger: int = 0


@dataclass(frozen=True)
class Mark:
    """What is drawn at one place: a residence, or several that stand too near to be told apart."""

    x: float
    y: float
    spots: tuple[Spot, ...]

    @property
    def open(self) -> int:
        return sum(spot.open for spot in self.spots)

    @property
    def late(self) -> int:
        return sum(spot.late for spot in self.spots)

    @property
    def danger(self) -> int:
        return sum(spot.danger for spot in self.spots)

    @property
    def size(self) -> float:
        """Return the radius: its area grows with what is open."""
        return round(min(6 + 2.4 * math.sqrt(self.open), 24), 1)

    @property
    def box(self) -> Box:
        return Box.around([(spot.latitude, spot.longitude) for spot in self.spots]).padded(0.3)


@dataclass(frozen=True)
class View:
    """A drawing: marks, names of communes as (x, y, name), the scale bar in pixels and metres."""

    marks: tuple[Mark, ...]
    names: tuple[tuple[float, float, str], ...]
    bar: float
    bar_metres: int
    width: int = WIDTH
    height: int = HEIGHT


def draw(spots: Sequence[Spot], box: Box) -> View:
    """Return the drawing of the spots inside the box, which fills it without distortion."""
    shown = box.padded()
    middle = (shown.south + shown.north) / 2
    across = METRES * math.cos(math.radians(middle))
    wide, high = (shown.east - shown.west) * across, (shown.north - shown.south) * METRES
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)  # pixels a metre
    centre = (shown.west + shown.east) / 2

    def place(latitude: float, longitude: float) -> tuple[float, float]:
        x = WIDTH / 2 + (longitude - centre) * across * scale
        return x, HEIGHT / 2 - (latitude - middle) * METRES * scale

    inside = [spot for spot in spots if box.holds(spot.latitude, spot.longitude)]
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in inside:
        x, y = place(spot.latitude, spot.longitude)
        cells.setdefault((int(x // CELL), int(y // CELL)), []).append(spot)
    marks = []
    for here in cells.values():
        places = [place(spot.latitude, spot.longitude) for spot in here]
        x, y = (round(sum(values) / len(here), 1) for values in zip(*places, strict=True))
        marks.append(Mark(x, y, tuple(sorted(here, key=lambda s: s.name))))
    metres = WIDTH / 4 / scale
    bar = max((step for step in BARS if step <= metres), default=BARS[0])
    return View(
        tuple(sorted(marks, key=lambda mark: -mark.size)),
        tuple(_names(inside, place)),
        round(bar * scale, 1),
        bar,
    )


def _names(spots: Sequence[Spot], place) -> list[tuple[float, float, str]]:
    """Return each commune's name above its residences, those with most first, none over another."""
    by_name: dict[str, list[Spot]] = {}
    for spot in spots:
        by_name.setdefault(spot.commune, []).append(spot)
    found: list[tuple[float, float, str]] = []
    for name, here in sorted(by_name.items(), key=lambda item: -len(item[1])):
        places = [place(spot.latitude, spot.longitude) for spot in here]
        x = round(sum(x for x, _y in places) / len(here), 1)
        y = round(max(min(y for _x, y in places) - 28, 16), 1)
        half = 4.2 * len(name)
        x = min(max(x, half + 4), WIDTH - half - 4)
        clear = all(
            abs(y - other) > 18 or abs(x - across) > half + 4.2 * len(word)
            for across, other, word in found
        )
        if clear:
            found.append((x, y, name))
    return found
