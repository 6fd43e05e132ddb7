"""A PMTiles file of one picture, made from the published format (version 3)."""

import io
import struct

from PIL import Image

COLOUR = (40, 120, 200)


def picture() -> bytes:
    """Return a tile of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", (256, 256), COLOUR).save(stream, "PNG")
    return stream.getvalue()


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def pmtiles() -> bytes:
    """Return a file whose one tile is the whole world at zoom 0, nothing compressed."""
    tile = picture()
    # One entry: tile 0, run length 1, its length, its offset + 1.
    root = b"".join(map(_varint, (1, 0, 1, len(tile), 1)))
    metadata = b'{"name": "test"}'
    at = 127
    places = [at, len(root), at + len(root), len(metadata)]
    data = at + len(root) + len(metadata)
    places += [data, 0, data, len(tile), 1, 1, 1]
    none, png = 1, 2
    header = b"PMTiles\x03" + struct.pack("<11Q", *places)
    header += struct.pack("<BBBBBB", 1, none, none, png, 0, 0)
    header += struct.pack("<4i", -1800000000, -850000000, 1800000000, 850000000)
    header += struct.pack("<B2i", 0, 0, 0)
    assert len(header) == at
    return header + root + metadata + tile
