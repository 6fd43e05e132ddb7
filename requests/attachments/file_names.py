"""Name a foreign file for people: its stem as it came, its ending by its bytes. Pure.

An ending decides which program opens a file: « facture.bat » that begins like a PDF is
« facture.pdf » here, and what nobody recognises is « .bin ». No ending in this file starts a
program or a script by itself.
"""

import re

from portal.file_types import FTYP, HEAD, FileType, recognise

ENDINGS = {
    FileType.JPEG: ".jpg",
    FileType.PNG: ".png",
    FileType.WEBP: ".webp",
    FileType.HEIF: ".heic",
    FileType.GIF: ".gif",
    FileType.TIFF: ".tif",
    FileType.PDF: ".pdf",
    FileType.GZIP: ".gz",
    FileType.TNEF: ".dat",
}
# Inside a ZIP or an old Office file: the part that says which document it is. The names of a
# ZIP's parts are stored as they are, those of [MS-CFB] in UTF-16.
INSIDE = {
    FileType.ZIP: (
        (b"word/document.xml", ".docx"),
        (b"xl/workbook.xml", ".xlsx"),
        (b"ppt/presentation.xml", ".pptx"),
        (b"mimetypeapplication/vnd.oasis.opendocument.text", ".odt"),
        (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods"),
        (b"", ".zip"),
    ),
    FileType.OLE: (
        ("WordDocument".encode("utf-16-le"), ".doc"),
        ("Workbook".encode("utf-16-le"), ".xls"),
        ("__substg1.0_".encode("utf-16-le"), ".msg"),
        (b"", ".bin"),
    ),
}
# Files that are never opened here, only handed out: (place, bytes, ending). Sources: ISO/IEC
# 14496-12, RFC 3533 and 4867, ID3v2.
OTHERS = (
    (0, b"BM", ".bmp"),
    (4, b"ftypM4A", ".m4a"),
    (4, b"ftypqt", ".mov"),
    (4, b"ftypavi", ".avif"),  # a picture in the container of films
    (4, b"ftyp3g", ".3gp"),
    (4, FTYP, ".mp4"),
    (0, b"OggS", ".ogg"),
    (0, b"#!AMR", ".amr"),
    (0, b"ID3", ".mp3"),
    (8, b"WAVE", ".wav"),
    (0, b"\x1aE\xdf\xa3", ".webm"),
    (0, b"{\\rtf", ".rtf"),
    (0, b"BEGIN:VCALENDAR", ".ics"),
    (0, b"BEGIN:VCARD", ".vcf"),
)
# What a browser can play (an AMR of an old telephone is a download).
SOUNDS_AND_FILMS = {
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".3gp": "video/3gpp",
}
MAIL = re.compile(
    rb"(?:[!-9;-~]{1,80}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?"
    rb"(?:received|message-id|from|return-path):",
    re.IGNORECASE,
)
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
ALL = frozenset(
    {
        *ENDINGS.values(),
        *(ending for rows in INSIDE.values() for _mark, ending in rows),
        *(ending for _place, _mark, ending in OTHERS),
        ".eml",
        ".txt",
        ".bin",
    }
)
# What looks like an ending: short and without a space, so that « Dr. Martin » keeps his name.
GIVEN = re.compile(r"\.[^\W_]{1,9}\Z")
LONGEST = 120


def ending_of(data: bytes) -> str:
    """Return the ending, with its dot, that ``data`` deserves; one of ``ALL``."""
    kind = recognise(data[:HEAD])
    if kind in ENDINGS:
        return ENDINGS[kind]
    if kind in INSIDE:
        return next(ending for mark, ending in INSIDE[kind] if mark in data)
    for place, mark, ending in OTHERS:
        if data[place : place + len(mark)] == mark:
            return ending
    if not data or CONTROLS.search(data[:4096]):
        return ".bin"
    return ".eml" if MAIL.match(data[:4096]) else ".txt"


def with_ending(name: str, ending: str) -> str:
    """Return ``name`` with ``ending`` instead of its own."""
    stem = GIVEN.sub("", name.rstrip(" ."))[: LONGEST - len(ending)].rstrip(" .")
    return f"{stem or ('photo' if ending == '.jpg' else 'document')}{ending}"


def with_known_ending(name: str) -> str:
    """Return ``name``, with « .bin » behind an ending that none of our files should have."""
    found = GIVEN.search(name)
    return name if found and found[0].lower() in ALL else with_ending(f"{name}.x", ".bin")
