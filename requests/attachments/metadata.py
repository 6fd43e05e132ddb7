"""Take what tells where and when out of a picture that cannot be decoded. Pure.

Pictures are encoded anew as a rule (``decoder.py``), and no metadata of the original is left. What
cannot be decoded, or is too large for it, is kept as it came but for that: the place of a tenant's
home or child stands in it (EXIF, XMP, comments). Only parts that hold the picture itself
are copied; where the structure ends, the copy ends. Sources: ITU-T T.81 annex B, PNG (third
edition), the RIFF container of WebP, CIPA DC-008 (EXIF).
"""

import re

from portal.file_types import FileType

# EXIF as it lies in any container: its mark, or the head of its TIFF structure. The latter is short
# and may stand in a picture by chance, so it is only looked for where no structure was walked.
EXIF = re.compile(rb"Exif\0\0")
EXIF_OR_TIFF = re.compile(rb"Exif\0\0|II\*\0|MM\0\*")
LONGEST_EXIF = 65_535
XMP = re.compile(rb"<x:xmpmeta.{0,200000}?(?:</x:xmpmeta>|\Z)", re.DOTALL)
START, END, SCAN = 0xD8, 0xD9, 0xDA
BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}


def without(data: bytes, kind: FileType) -> bytes:
    """Return the picture ``data`` of that type without what was written about it."""
    strip = {FileType.JPEG: _jpeg, FileType.PNG: _png, FileType.WEBP: _webp}.get(kind)
    return _blank(strip(data), EXIF) if strip else _blank(data, EXIF_OR_TIFF)


def _jpeg(data: bytes) -> bytes:
    """Copy the segments but the application's (APP1 to APP15, save Adobe's) and comments."""
    out, at = bytearray(data[:2]), 2
    while at + 1 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in BARE:
            out += data[at : at + 2]
            at += 2
            continue
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker == END:
            out += data[at : at + 2]
            return bytes(out)  # what follows the picture is none of it
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            break
        end = at + 2 + length
        if marker == SCAN:
            end = _end_of_scan(data, end)
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            out += data[at:end]
        at = end
    return bytes(out)


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker stands; within a scan, FF is followed by 0 or a restart."""
    while (at := data.find(b"\xff", at)) != -1 and at + 1 < len(data):
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
    return len(data)


def _png(data: bytes) -> bytes:
    out, at = bytearray(data[:8]), 8
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in PNG_KEPT:
            out += data[at:end]
        at = end
    return bytes(out)


def _webp(data: bytes) -> bytes:
    out, at = bytearray(), 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if data[at : at + 4] in WEBP_KEPT:
            out += data[at:end]
        at = end
    return b"RIFF" + (len(out) + 4).to_bytes(4, "little") + b"WEBP" + bytes(out)


def _blank(data: bytes, marks: re.Pattern[bytes]) -> bytes:
    """Overwrite what still looks like EXIF or XMP, in a broken picture or another container."""
    out = bytearray(data)
    for found in marks.finditer(data):
        end = min(found.start() + LONGEST_EXIF, len(out))
        out[found.start() : end] = bytes(end - found.start())
    return XMP.sub(lambda found: bytes(len(found[0])), bytes(out))
