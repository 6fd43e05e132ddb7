"""Take what tells where and when out of a picture that cannot be decoded. Pure.

Pictures are encoded anew as a rule (``decoder.py``), and no metadata of the original is left. What
cannot be decoded, or is too large for it, is kept as it came but for that: the place of a tenant's
home or child stands in it (EXIF, XMP, comments). Only parts that hold the picture itself
are copied; where the structure ends, the copy ends. Films, TIFF and GIF, which are handed out as
they came, lose it in place: no byte moves. Sources: ITU-T T.81 annex B, PNG (third edition), the
RIFF container of WebP, CIPA DC-008 (EXIF), ISO/IEC 14496-12, QuickTime File Format, TIFF 6.0.
"""

import re
from collections.abc import Callable
from typing import Literal

from portal.file_types import FTYP, RIFF, TIFF_BIG, TIFF_LITTLE, WEBP, FileType

# EXIF as it lies in any container: its mark, or the head of its TIFF structure. The latter is short
# and may stand in a picture by chance, so it is only looked for where no structure was walked.
EXIF = re.compile(rb"Exif\0\0")
EXIF_OR_TIFF = re.compile(rb"Exif\0\0|II\*\0|MM\0\*")
LONGEST_EXIF = 65_535
XMP, XMP_END, LONGEST_XMP = b"<x:xmpmeta", b"</x:xmpmeta>", 200_000
# No honest picture has more; the rest of a hostile one is left out.
MOST_PARTS = 20_000
END, SCAN = 0xD9, 0xDA
# Within a scan, FF is followed by 0 or a restart; anywhere, FF may fill up before a marker.
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
FILLING = re.compile(rb"\xff*(?=\xff)")
BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
# Boxes of a film that hold others, and those that tell about it (« ©xyz », « loci », ISO 6709).
FILM_INSIDE = {b"moov", b"trak", b"mdia", b"moof", b"traf"}
FILM_TOLD = {b"udta", b"meta", b"uuid"}
# Pictures in the container of films: their ``meta`` says where the picture is.
PICTURE_BRANDS = {b"avif", b"avis"}
TIFF_HEADS: dict[bytes, Literal["little", "big"]] = {TIFF_LITTLE: "little", TIFF_BIG: "big"}
# XMP, IPTC, Photoshop, EXIF, GPS.
TIFF_TOLD = {700, 33723, 34377, 34665, 34853}
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
TIFF_POINTERS = {34665, 34853}


def strip(data: bytes, kind: FileType) -> bytes:
    """Return the picture ``data`` of that type without what was written about it."""
    strip_type = {FileType.JPEG: _jpeg, FileType.PNG: _png, FileType.WEBP: _webp}.get(kind)
    return _blank(strip_type(data), EXIF) if strip_type else _blank(data, EXIF_OR_TIFF)


def _jpeg(data: bytes) -> bytes:
    """Copy the segments but the application's (APP1 to APP15, save Adobe's) and comments."""
    out, at = bytearray(data[:2]), 2
    for _part in range(MOST_PARTS):
        if at + 1 >= len(data) or data[at] != 0xFF:
            break
        if (filling := FILLING.match(data, at)) and filling.end() > at:
            at = filling.end()
            continue
        marker = data[at + 1]
        if marker == END or marker in BARE:
            out += data[at : at + 2]
            at += 2
            if marker == END:
                break  # what follows the picture is none of it
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            break
        end = at + 2 + length
        if marker == SCAN:
            found = NEXT_MARKER.search(data, end)
            end = found.start() if found else len(data)
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            out += data[at:end]
        at = end
    return bytes(out)


def _png(data: bytes) -> bytes:
    out, at = bytearray(data[:8]), 8
    for _part in range(MOST_PARTS):
        if at + 8 > len(data):
            break
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in PNG_KEPT:
            out += data[at:end]
        at = end
    return bytes(out)


def _webp(data: bytes) -> bytes:
    out, at = bytearray(), 12
    for _part in range(MOST_PARTS):
        if at + 8 > len(data):
            break
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if data[at : at + 4] in WEBP_KEPT:
            out += data[at:end]
        at = end
    return RIFF + (len(out) + 4).to_bytes(4, "little") + WEBP + bytes(out)


def _blank(data: bytes, marks: re.Pattern[bytes]) -> bytes:
    """Overwrite what still looks like EXIF or XMP, in a broken picture or another container."""
    out, at = bytearray(data), 0
    while found := marks.search(data, at):
        at = min(found.start() + LONGEST_EXIF, len(out))
        out[found.start() : at] = bytes(at - found.start())
    at = 0
    while (start := out.find(XMP, at)) != -1:
        end = out.find(XMP_END, start, start + LONGEST_XMP)
        at = min(start + LONGEST_XMP if end == -1 else end + len(XMP_END), len(out))
        out[start:at] = bytes(at - start)
    return bytes(out)


def strip_in_place(data: bytes) -> bytes:
    """Return a film, a TIFF or a GIF without what tells where it was made; other files as is.

    Nothing moves, so that what points into the file stays right.
    """
    if data[4:8] == FTYP:
        out = bytearray(data)
        is_picture = data[8:12] in PICTURE_BRANDS
        _film(out, 0, len(out), FILM_TOLD - {b"meta"} if is_picture else FILM_TOLD)
        return _blank(bytes(out), EXIF_OR_TIFF) if is_picture else bytes(out)
    if order := TIFF_HEADS.get(data[:4]):
        out = bytearray(data)
        _tiff(out, int.from_bytes(out[4:8], order), order, set())
        return _blank(bytes(out), EXIF)
    return _blank(data, EXIF) if data[:4] == b"GIF8" else data


def _film(out: bytearray, at: int, end: int, told: set[bytes], depth: int = 0) -> None:
    """Empty the boxes named ``told``, between two places."""
    for _part in range(MOST_PARTS):
        if at + 8 > end:
            return
        size, head = int.from_bytes(out[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(out[at + 8 : at + 16], "big"), 16
        stop = min(at + size, end) if size else end
        if stop < at + head:
            return
        name = bytes(out[at + 4 : at + 8])
        if name in told:
            out[at + 4 : at + 8] = b"free"
            out[at + head : stop] = bytes(stop - at - head)
        elif name in FILM_INSIDE and depth < 6:
            _film(out, at + head, stop, told, depth + 1)
        at = stop


def _tiff(out: bytearray, at: int, order: Literal["little", "big"], seen: set[int]) -> None:
    """Empty the entries that tell about the picture, in this directory and those that follow."""

    def number(place: int, size: int) -> int:
        return int.from_bytes(out[place : place + size], order)

    while 0 < at < len(out) - 2 and at not in seen and len(seen) < 100:
        seen.add(at)
        count = number(at, 2)
        for entry in range(at + 2, min(at + 2 + 12 * count, len(out) - 11), 12):
            tag, value = number(entry, 2), number(entry + 8, 4)
            if tag not in TIFF_TOLD:
                continue
            if tag in TIFF_POINTERS:
                _empty(out, value, number, seen)
            else:
                size = TIFF_SIZES.get(number(entry + 2, 2), 1) * number(entry + 4, 4)
                if size > 4:
                    _zero(out, value, size)
            out[entry + 4 : entry + 12] = bytes(8)
        at = number(at + 2 + 12 * count, 4)


def _empty(out: bytearray, at: int, number: Callable[[int, int], int], seen: set[int]) -> None:
    """Empty a whole directory with the values it points to."""
    if not 8 <= at < len(out) - 2 or at in seen or len(seen) >= 100:
        return
    seen.add(at)
    count = number(at, 2)
    for entry in range(at + 2, min(at + 2 + 12 * count, len(out) - 11), 12):
        size = TIFF_SIZES.get(number(entry + 2, 2), 1) * number(entry + 4, 4)
        value = number(entry + 8, 4)
        if number(entry, 2) in TIFF_POINTERS:
            _empty(out, value, number, seen)
        elif size > 4:
            _zero(out, value, size)
        out[entry : entry + 12] = bytes(12)


def _zero(out: bytearray, at: int, size: int) -> None:
    """Overwrite values; never the head of the file, and no more than an EXIF block may hold."""
    end = min(at + min(size, 1_000_000), len(out))
    if 8 <= at < end:
        out[at:end] = bytes(end - at)
