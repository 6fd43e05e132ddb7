"""Files as people send them, good and bad."""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.requests.attachments import pdfs

GPS = b"GPSMARK"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind="JPEG", size=(320, 200), mode="RGB", **options) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 120 if mode in {"L", "P"} else None).save(out, kind, **options)
    return out.getvalue()


def noise(kind: str) -> bytes:
    out = BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(out, kind)
    return out.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 13.0, 5.0), 3: "W", 4: (1.0, 33.0, 10.0)})
    return picture(
        exif=exif.tobytes(),
        comment=GPS,
        xmp=b"<x:xmpmeta>" + GPS + b"</x:xmpmeta>",
        icc_profile=b"\0" * 128 + GPS,
    )


def heic() -> bytes:
    out = BytesIO()
    source = Image.new("RGB", (64, 48), "red")
    pillow_heif.from_pillow(source).save(out, quality=50, exif=b"Exif\0\0" + GPS)
    return out.getvalue()


def png_header(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", ihdr)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    body = b"Comment\0\0" + zlib.compress(b"A" * 80_000_000, 9)
    made = png_header(8, 8, b"\0" * 200)
    chunk = (
        struct.pack(">I", len(body))
        + b"zTXt"
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    )
    return made[:33] + chunk + made[33:]


PDF = pdfs.PLAIN


HOSTILE = {
    "svg": SVG,
    "svg called jpg": SVG,
    "svg behind an xml head": b'<?xml version="1.0"?>' + SVG,
    "html": b"<html><script>alert(1)</script></html>",
    "html behind a gif head": b"GIF89a/*<script>*/",
    "gif": picture("GIF", mode="P"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "icon": picture("ICO"),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "windows program": b"MZ" + b"\0" * 100,
    "elf program": b"\x7fELF" + b"\0" * 100,
    "shell script": b"#!/bin/sh\nrm -rf /\n",
    "php": b"<?php system($_GET['c']); ?>",
    "avif brand": b"\0\0\0\x1cftypavif" + b"\0" * 60,
    "mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 60,
    "jpeg head only": b"\xff\xd8\xff",
    "jpeg head, then svg": b"\xff\xd8\xff\xe0" + SVG,
    "jpeg cut in the middle": picture(size=(900, 900), quality=95)[:4000],
    "jpeg of zeros": b"\xff\xd8\xff\xe0" + b"\0" * 5000,
    "png head only": b"\x89PNG\r\n\x1a\n",
    "png cut in the middle": picture("PNG")[:60],
    "png of 60000 × 60000": png_header(60000, 60000),
    "png of 2³¹ pixels a side": png_header(2**31 - 1, 2**31 - 1),
    "png of 41 megapixels": png_header(8200, 5001),
    "png without pixels": png_header(0, 0),
    "png whose text unpacks to 80 MB": text_bomb(),
    "png with a broken checksum": picture("PNG").replace(b"IDAT", b"IDAU"),
    "webp head only": b"RIFF\x10\0\0\0WEBPVP8 ",
    "webp cut in the middle": noise("WEBP")[:2000],
    "riff that is sound": b"RIFF\x10\0\0\0WAVEfmt ",
    "heic head only": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "heic cut in the middle": heic()[:200],
    "pdf without an end": b"%PDF-1.4\n1 0 obj\n",
    "pdf head after a script": b"<script>1</script>" + PDF,
    "nothing at all": b"",
}
