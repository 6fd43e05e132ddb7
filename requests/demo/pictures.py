"""Photos that the project draws itself, as if taken by phone: a leak, a crack, mould and more.

Forty small JPEG files under MEDIA_ROOT, shared by all demo claims.
"""

import hashlib
import io
import math
from random import Random
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFilter

SIZE = (640, 480)
VARIANTS = 4
FAMILIES = {
    "PLO": "leak",
    "TOI": "leak",
    "SIN": "leak",
    "CHA": "radiator",
    "ELE": "socket",
    "ASC": "lift",
    "ACC": "door",
    "SER": "door",
    "MEN": "window",
    "HUM": "mould",
    "VMC": "mould",
    "REV": "crack",
    "COM": "crack",
    "EXT": "crack",
    "PRO": "bins",
    "NUI": "insect",
    "TRA": "leak",
}


class Picture(NamedTuple):
    """A file in the default storage, with what an attachment says about it."""

    file: str
    size: int
    sha256: str


def draw_all() -> dict[str, list[Picture]]:
    """Draw and store the missing pictures; return the pictures of each subject."""
    found: dict[str, list[Picture]] = {}
    for subject in sorted(set(FAMILIES.values())):
        for variant in range(VARIANTS):
            body = draw(subject, variant)
            name = f"attachments/demo/{subject}-{variant + 1}.jpg"
            if not default_storage.exists(name):
                default_storage.save(name, ContentFile(body))
            digest = hashlib.sha256(body).hexdigest()
            found.setdefault(subject, []).append(Picture(name, len(body), digest))
    return found


def draw(subject: str, variant: int) -> bytes:
    """Return one JPEG of ``subject``; the same bytes each time."""
    rng = Random(f"{subject} {variant}")
    image = _wall(rng)
    globals()[f"_{subject}"](ImageDraw.Draw(image, "RGBA"), rng)
    image = image.filter(ImageFilter.GaussianBlur(1.2)).rotate(rng.uniform(-3, 3), expand=False)
    image = _grain(image.crop((24, 18, SIZE[0] - 24, SIZE[1] - 18)).resize(SIZE), rng)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=72)
    return body.getvalue()


def _wall(rng: Random) -> Image.Image:
    """Return a plain wall lit from one side."""
    base = rng.choice([(214, 205, 188), (222, 220, 212), (196, 206, 204), (226, 214, 190)])
    low = Image.new("RGB", (8, 6))
    side = rng.choice([-1, 1])
    for x in range(8):
        for y in range(6):
            light = 1 - 0.05 * y + side * 0.035 * (x - 4)
            low.putpixel((x, y), tuple(min(255, int(c * light)) for c in base))
    return low.resize(SIZE, Image.Resampling.BICUBIC)


def _grain(image: Image.Image, rng: Random) -> Image.Image:
    noise = Image.frombytes("L", (160, 120), rng.randbytes(160 * 120)).resize(SIZE)
    return Image.blend(image, Image.merge("RGB", (noise, noise, noise)), 0.05)


def _blob(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float, r: float, fill: Any) -> None:
    points = []
    for step in range(24):
        angle = step * math.tau / 24
        far = r * rng.uniform(0.75, 1.2)
        points.append((x + far * math.cos(angle), y + far * 0.8 * math.sin(angle)))
    pen.polygon(points, fill=fill)


def _leak(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.rectangle((0, 60, 640, 96), fill=(150, 152, 155, 255))
    x = rng.randrange(220, 420)
    pen.line((x, 96, x, 190), fill=(168, 170, 172, 255), width=34)
    pen.arc((x - 70, 150, x + 17, 260), 0, 180, fill=(160, 162, 165, 255), width=30)
    for _ in range(6):
        y = rng.randrange(270, 400)
        drop = x - 30 + rng.randrange(-8, 8)
        pen.ellipse((drop, y, drop + 7, y + 16), fill=(90, 130, 160, 200))
    for ring in range(4):
        _blob(pen, rng, x - 20, 425, 150 - 28 * ring, (95, 120, 135, 60))


def _crack(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    x, y = rng.randrange(200, 440), 0
    width = rng.randrange(3, 7)
    while y < 480:
        nx, ny = x + rng.randrange(-34, 35), y + rng.randrange(16, 40)
        pen.line((x, y, nx, ny), fill=(60, 54, 48, 255), width=width)
        if rng.random() < 0.3:
            branch = (nx + rng.randrange(-90, 90), ny + rng.randrange(10, 60))
            pen.line((nx, ny, *branch), fill=(80, 72, 64, 220), width=2)
        x, y = nx, ny


def _mould(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.polygon([(0, 0), (190, 0), (140, 480), (0, 480)], fill=(0, 0, 0, 22))
    for _ in range(260):
        x, y = abs(rng.gauss(0, 150)), abs(rng.gauss(0, 130))
        tone = rng.randrange(30, 80)
        _blob(pen, rng, x + 20, y + 10, rng.uniform(2, 15), (tone, tone + 6, tone - 6, 120))


def _lift(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.rectangle((150, 20, 490, 480), fill=(88, 92, 96, 255))
    gap = rng.randrange(4, 60)
    for left, right in ((165, 320 - gap // 2), (320 + gap // 2, 475)):
        pen.rectangle((left, 36, right, 480), fill=(158, 164, 168, 255))
        for x in range(left + 20, right, 22):
            pen.line((x, 40, x, 480), fill=(148, 154, 158, 255), width=2)
    pen.rectangle((320 - gap // 2, 36, 320 + gap // 2, 480), fill=(20, 22, 24, 255))
    pen.rectangle((528, 210, 570, 300), fill=(70, 74, 78, 255))
    pen.ellipse((538, 222, 560, 244), fill=(220, 60, 40, 255))
    pen.ellipse((538, 264, 560, 286), fill=(120, 120, 120, 255))


def _door(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    wood = rng.choice([(120, 78, 50), (70, 92, 110), (96, 100, 92)])
    pen.rectangle((170, 10, 470, 480), fill=(*(c // 2 for c in wood), 255))
    pen.rectangle((186, 26, 454, 480), fill=(*wood, 255))
    pen.rectangle((225, 70, 415, 230), fill=(170, 190, 196, 120))
    y = rng.randrange(280, 320)
    pen.rectangle((405, y, 440, y + 90), fill=(190, 180, 150, 255))
    pen.line((385, y + 24, 428, y + 24), fill=(210, 204, 180, 255), width=12)
    for _ in range(10):
        dy = y + rng.randrange(-30, 110)
        pen.line((440, dy, 460, dy + rng.randrange(-16, 16)), fill=(40, 26, 18, 230), width=3)


def _window(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.rectangle((120, 40, 520, 420), fill=(240, 240, 236, 255))
    pen.rectangle((142, 62, 498, 398), fill=(150, 184, 204, 255))
    pen.rectangle((312, 62, 328, 398), fill=(240, 240, 236, 255))
    low = rng.randrange(150, 280)
    for y in range(62, low, 14):
        tilt = rng.randrange(-2, 10)
        pen.polygon(
            [(142, y), (498, y + tilt), (498, y + tilt + 11), (142, y + 11)],
            fill=(198, 196, 188, 255),
        )


def _socket(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    x, y = rng.randrange(240, 330), rng.randrange(170, 230)
    for ring in range(5):
        _blob(pen, rng, x + 70, y + 10, 130 - 22 * ring, (50, 38, 26, 45))
    pen.rounded_rectangle((x, y, x + 140, y + 140), 14, fill=(236, 234, 226, 255))
    pen.ellipse((x + 25, y + 25, x + 115, y + 115), fill=(212, 210, 202, 255))
    for dx in (50, 82):
        pen.ellipse((x + dx, y + 64, x + dx + 12, y + 76), fill=(30, 28, 26, 255))
    pen.polygon([(x + 60, y), (x + 104, y), (x + 84, y + 44)], fill=(40, 30, 24, 200))


def _radiator(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.rectangle((90, 150, 550, 400), fill=(226, 224, 216, 255))
    for x in range(102, 545, 34):
        pen.rounded_rectangle((x, 140, x + 24, 410), 10, fill=(240, 238, 232, 255))
        pen.line((x + 24, 150, x + 24, 405), fill=(190, 188, 180, 255), width=4)
    pen.rectangle((550, 360, 640, 374), fill=(176, 120, 84, 255))
    pen.ellipse((548, 345, 590, 388), fill=(236, 234, 228, 255))
    for _ in range(rng.randrange(3, 7)):
        x = rng.randrange(110, 530)
        pen.line((x, 400, x + 3, 400 + rng.randrange(12, 50)), fill=(120, 84, 50, 160), width=4)


def _bins(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    pen.rectangle((0, 380, 640, 480), fill=(126, 124, 120, 255))
    for number in range(3):
        x = 70 + number * 180
        tone = rng.choice([(60, 92, 66), (92, 84, 54), (70, 74, 82)])
        box = [(x, 180), (x + 140, 180), (x + 124, 420), (x + 16, 420)]
        pen.polygon(box, fill=(*tone, 255))
        lid = rng.randrange(20, 80)
        top = [(x - 6, 180), (x + 146, 180 - lid), (x + 146, 196 - lid), (x - 6, 196)]
        pen.polygon(top, fill=(*(c + 20 for c in tone), 255))
        for _ in range(5):
            tint = rng.randrange(150, 240)
            px, py = x + rng.randrange(10, 130), rng.randrange(120, 185)
            _blob(pen, rng, px, py, rng.uniform(16, 34), (tint, tint, tint - 20, 235))


def _insect(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    for x in range(0, 640, 106):
        pen.line((x, 0, x, 480), fill=(180, 176, 168, 255), width=4)
    for y in range(0, 480, 106):
        pen.line((0, y, 640, y), fill=(180, 176, 168, 255), width=4)
    for _ in range(rng.randrange(2, 6)):
        x, y, r = rng.randrange(80, 560), rng.randrange(80, 400), rng.randrange(12, 22)
        pen.ellipse((x - r * 2, y - r, x + r * 2, y + r), fill=(72, 42, 24, 255))
        pen.ellipse((x + r * 1.6, y - r * 0.6, x + r * 2.6, y + r * 0.6), fill=(52, 30, 18, 255))
        for leg in (-1, 0, 1):
            for side in (-1, 1):
                start = (x + leg * r, y)
                tip = (x + leg * r * 1.9, y + side * r * 2.1)
                pen.line((*start, *tip), fill=(52, 30, 18, 255), width=3)
