"""The landlord's logo: any picture in, two PNG out, one for paper and one small for screens."""

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

LARGEST = 5 * 1024 * 1024  # bytes
PIXELS = 20_000_000
PAPER = (900, 300)
SCREEN = (320, 80)  # shown at half that size
SMALL = 6 * 1024  # bytes: it travels within every page
COLOURS = (64, 24, 8, 4)


class NotALogo(ValueError):
    """The picture cannot be used; ``str()`` says why."""


def read_logo(data: bytes) -> tuple[bytes, bytes]:
    """Return the logo for paper and for screens, made anew, without metadata. Raises NotALogo."""
    if len(data) > LARGEST:
        raise NotALogo(_("This picture is over 5 MB: choose a smaller one."))
    try:
        read = Image.open(BytesIO(data), formats=["PNG", "JPEG", "WEBP"])
        if read.width * read.height > PIXELS:
            raise NotALogo(_("This picture is too large: choose a smaller one."))
        picture: Image.Image = read.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if isinstance(error, NotALogo):
            raise
        raise NotALogo(_("This is not a PNG, JPEG or WebP picture.")) from error
    if box := picture.getbbox():
        picture = picture.crop(box)
    return _png(picture, PAPER), _small(picture)


def _png(picture: Image.Image, size: tuple[int, int], colours: int = 0) -> bytes:
    sized = picture.copy()
    sized.thumbnail(size)
    if colours:
        sized = sized.quantize(colours, method=Image.Quantize.FASTOCTREE)
    out = BytesIO()
    sized.save(out, "PNG", optimize=True)
    return out.getvalue()


def _small(picture: Image.Image) -> bytes:
    for colours in COLOURS:
        found = _png(picture, SCREEN, colours)
        if len(found) <= SMALL:
            return found
    return _png(picture, (SCREEN[0] // 2, SCREEN[1] // 2), COLOURS[-1])
