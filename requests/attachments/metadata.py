"""Take what tells where and when out of a picture that cannot be decoded. Pure.

Pictures are encoded anew as a rule (``decoder.py``), and no metadata of the original is left. What
cannot be decoded, or is too large for it, is kept as it came but for that: the place of a tenant's
home or child stands in it (EXIF, XMP, comments). Only parts that hold the picture itself
are copied; where the structure ends, the copy ends. Sources: ITU-T T.81 annex B, PNG (third
edition), the RIFF container of WebP, CIPA DC-008 (EXIF).
"""

import re

from portal.file_types import RIFF, WEBP, FileType

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
