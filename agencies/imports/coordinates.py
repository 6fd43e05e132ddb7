"""Turn the coordinates of the register, in any projection of France, into degrees."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation


def decimal(text: str) -> Decimal | None:
    """Return the number that a cell holds, with a comma or a point; None without one."""
    try:
        value = Decimal(re.sub(r"\s", "", text).replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


# Datum and projection of X/Y by EPSG code: central meridian of the overseas UTM zones.
UTM = {"5490": -63, "32620": -63, "2972": -51, "32622": -51, "2975": 57, "32740": 57}
UTM |= {"4471": 45, "32738": 45}
SOUTH = {"2975", "32740", "4471", "32738"}


def position(v: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return latitude and longitude of a line, whatever its columns and projection, or Nones."""
    latitude, longitude = decimal(v["LATITUDE"]), decimal(v["LONGITUDE"])
    if latitude is None or longitude is None:
        x, y = decimal(v["X"]), decimal(v["Y"])
        if not x or not y:
            return None, None
        epsg = re.sub(r"\D|\.0$", "", v["EPSG"].upper().replace("EPSG", ""))
        if epsg == "4326":
            latitude, longitude = y, x
        elif epsg in {"", "2154"} and 0 < x < 1_300_000 and 6_000_000 < y < 7_200_000:
            return lambert93(float(x), float(y))
        elif epsg in UTM and 100_000 < x < 900_000 and 0 < y < 10_000_000:
            return utm(float(x), float(y), UTM[epsg], south=epsg in SOUTH)
        else:
            return None, None
    if (latitude, longitude) == (0, 0) or abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    return float(latitude), float(longitude)


AXIS, FLATTENING = 6378137.0, 1 / 298.257222101
E2 = FLATTENING * (2 - FLATTENING)


def lambert93(x: float, y: float) -> tuple[float, float]:
    """Convert EPSG:2154 metres to latitude and longitude in degrees, rounded to 1e-6."""
    e = math.sqrt(E2)
    n, c, xs, ys = 0.7256077650532670, 11754255.4261, 700000.0, 12655612.0499
    radius = math.hypot(x - xs, y - ys)
    longitude = 3 + math.degrees(math.atan2(x - xs, ys - y) / n)
    isometric = -math.log(radius / c) / n
    phi = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _step in range(8):
        wave = ((1 + e * math.sin(phi)) / (1 - e * math.sin(phi))) ** (e / 2)
        phi = 2 * math.atan(wave * math.exp(isometric)) - math.pi / 2
    return round(math.degrees(phi), 6), round(longitude, 6)


def utm(x: float, y: float, meridian: int, *, south: bool) -> tuple[float, float]:
    """Convert UTM metres to latitude and longitude in degrees (series exact to a decimetre)."""
    k0, ep2 = 0.9996, E2 / (1 - E2)
    mu = (y - (10_000_000 if south else 0)) / k0
    mu /= AXIS * (1 - E2 / 4 - 3 * E2**2 / 64 - 5 * E2**3 / 256)
    e1 = (1 - math.sqrt(1 - E2)) / (1 + math.sqrt(1 - E2))
    phi = mu + (3 * e1 / 2 - 27 * e1**3 / 32) * math.sin(2 * mu)
    phi += (21 * e1**2 / 16) * math.sin(4 * mu) + (151 * e1**3 / 96) * math.sin(6 * mu)
    sin, cos, t = math.sin(phi), math.cos(phi), math.tan(phi) ** 2
    c, nu = ep2 * cos**2, AXIS / math.sqrt(1 - E2 * sin**2)
    rho, d = AXIS * (1 - E2) / (1 - E2 * sin**2) ** 1.5, (x - 500_000) / (nu * k0)
    latitude = phi - (nu * math.tan(phi) / rho) * (
        d**2 / 2 - (5 + 3 * t + 10 * c - 4 * c**2 - 9 * ep2) * d**4 / 24
    )
    longitude = (d - (1 + 2 * t + c) * d**3 / 6) / cos
    return round(math.degrees(latitude), 6), round(meridian + math.degrees(longitude), 6)
