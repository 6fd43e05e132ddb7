"""The one list of magic bytes: recognise a file by its first bytes, never by its name. Pure.

It lists what we open, and does not detect everything: a library that guesses (puremagic calls an
AVIF picture a video and does not know ``mif1``, which iPhones write) would decide for us what is
accepted. Sources: the PNG, JPEG, WebP and PDF specifications, ISO/IEC 23008-12 (brands of HEIF),
GIF89a, TIFF 6.0, RFC 1952 (gzip), [MS-CFB] and [MS-OXTNEF].
"""

from enum import StrEnum

# Bytes of a file's beginning that ``recognise`` needs.
HEAD = 16


class FileType(StrEnum):
    """A kind of file; the values of the pictures are Pillow's names of their formats."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"
    GIF = "GIF"
    TIFF = "TIFF"  # a fax too: several pages
    PDF = "PDF"
    ZIP = "ZIP"  # an XLSX too
    GZIP = "GZIP"
    OLE = "OLE"  # old Office files: .xls, .doc, .msg
    TNEF = "TNEF"  # winmail.dat of Outlook


MEDIA_TYPES = {
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.WEBP: "image/webp",
    FileType.HEIF: "image/heic",
    FileType.GIF: "image/gif",
    FileType.TIFF: "image/tiff",
    FileType.PDF: "application/pdf",
    FileType.TNEF: "application/ms-tnef",
}
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
RIFF, WEBP = b"RIFF", b"WEBP"  # a container, and what WebP calls itself inside it
TNEF_MARK = b"\x78\x9f\x3e\x22"
TIFF_LITTLE, TIFF_BIG = b"II*\0", b"MM\0*"
FTYP = b"ftyp"  # the first box of ISO/IEC 14496-12 files, behind its length
# (place, bytes) that must all be there. A head fits one type at most.
MAGIC: tuple[tuple[FileType, tuple[tuple[int, bytes], ...]], ...] = (
    (FileType.JPEG, ((0, b"\xff\xd8\xff"),)),
    (FileType.PNG, ((0, b"\x89PNG\r\n\x1a\n"),)),
    (FileType.WEBP, ((0, RIFF), (8, WEBP))),
    *((FileType.HEIF, ((4, FTYP), (8, brand))) for brand in HEIF_BRANDS),
    (FileType.GIF, ((0, b"GIF87a"),)),
    (FileType.GIF, ((0, b"GIF89a"),)),
    (FileType.TIFF, ((0, TIFF_LITTLE),)),
    (FileType.TIFF, ((0, TIFF_BIG),)),
    (FileType.PDF, ((0, b"%PDF-1."),)),
    (FileType.PDF, ((0, b"%PDF-2."),)),
    (FileType.ZIP, ((0, b"PK\x03\x04"),)),
    (FileType.GZIP, ((0, b"\x1f\x8b"),)),
    (FileType.OLE, ((0, b"\xd0\xcf\x11\xe0"),)),
    (FileType.TNEF, ((0, TNEF_MARK),)),
)


def recognise(head: bytes) -> FileType | None:
    """Return the type of a file whose first ``HEAD`` bytes are ``head``; None for any other."""
    for kind, marks in MAGIC:
        if all(head[place : place + len(mark)] == mark for place, mark in marks):
            return kind
    return None
