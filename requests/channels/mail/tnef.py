"""Read a ``winmail.dat``: the text and the files that Outlook packs for its own kind. Pure.

Sources: [MS-OXTNEF] (attributes), [MS-OXCDATA] (types of properties), [MS-OXPROPS] (their numbers).
What is cut short or does not add up ends the reading; what was read until then is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.file_types import TNEF_MARK
from requests.channels.mail import charsets, rtf

SIGNATURE = TNEF_MARK
HEADER = struct.Struct("<BII")  # level, number and type, length; two bytes of checksum follow
# Attributes ([MS-OXTNEF], 2.1.3.3).
SUBJECT, BODY, CODE_PAGE = 0x00018004, 0x0002800C, 0x00069007
NEW_FILE, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
PROPERTIES = 0x00069003
# Properties ([MS-OXPROPS]).
TEXT, RTF, HTML, CODE_PAGE_OF_HTML = 0x1000, 0x1009, 0x1013, 0x3FDE
DATA, SHORT_NAME, LONG_NAME, MEDIA_TYPE, CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
# Types of values: fixed ones with their size as stored, and those that say their length.
FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
STRING8, UNICODE = 0x1E, 0x1F
VARIABLE = {0x0D, STRING8, UNICODE, 0x102}
MULTIPLE, NAMED = 0x1000, 0x8000
GUID = 16
MOST_FILES, MOST_PROPERTIES, DEEPEST = 200, 2_000, 4


@dataclass
class Item:
    """One file of the pack: ``message`` is the pack of a message that was attached."""

    name: str = ""
    content_type: str = ""
    cid: str = ""
    data: bytes = b""
    message: "Pack | None" = None


@dataclass
class Pack:
    """What a ``winmail.dat`` holds."""

    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[Item] = field(default_factory=list)


class _Cut(ValueError):
    """The bytes end before what they announce."""


def read(data: bytes, depth: int = 0) -> Pack | None:
    """Return what ``data`` holds; None when it is no TNEF."""
    if not data.startswith(SIGNATURE):
        return None
    found, code_page, rich = Pack(), "", b""
    try:
        for number, value in _attributes(data):
            if number == CODE_PAGE and len(value) >= 4:
                code_page = _code_page(struct.unpack_from("<I", value)[0])
            elif number == SUBJECT:
                found.subject = _text(value, code_page)
            elif number == BODY:
                found.text = _text(value, code_page)
            elif number == PROPERTIES:
                rich = _message(value, found, code_page) or rich
            elif number == NEW_FILE and len(found.files) < MOST_FILES:
                found.files.append(Item())
            elif found.files:
                _file(number, value, found.files[-1], code_page, depth)
    except _Cut:
        pass
    if rich and not (found.text.strip() or found.html.strip()):
        found.text = rtf.to_text(rtf.decompress(rich))
    found.files = [item for item in found.files if item.data or item.message]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = len(SIGNATURE) + 2
    while at + HEADER.size <= len(data):
        _level, number, length = HEADER.unpack_from(data, at)
        at += HEADER.size
        if at + length > len(data):
            raise _Cut
        yield number, data[at : at + length]
        at += length + 2


def _message(value: bytes, found: Pack, code_page: str) -> bytes:
    """Note text and HTML of a message; return its compressed RTF."""
    properties = dict(_properties(value))
    found.text = found.text or _string(properties.get(TEXT), code_page)
    if HTML in properties:
        kind, html = properties[HTML]
        page = properties.get(CODE_PAGE_OF_HTML, (0, b""))[1]
        told = _code_page(struct.unpack("<I", page)[0]) if len(page) == 4 else ""
        found.html = charsets.decode(html, "utf-16-le" if kind == UNICODE else told or code_page)
    return properties.get(RTF, (0, b""))[1]


def _file(number: int, value: bytes, item: Item, code_page: str, depth: int) -> None:
    if number == FILE_TITLE:
        item.name = item.name or _text(value, code_page)
    elif number == FILE_DATA:
        item.data = value
    elif number == FILE_PROPERTIES:
        properties = dict(_properties(value))
        long, short = (_string(properties.get(n), code_page) for n in (LONG_NAME, SHORT_NAME))
        item.name = long or item.name or short
        item.content_type = _string(properties.get(MEDIA_TYPE), code_page)
        item.cid = _string(properties.get(CONTENT_ID), code_page).strip("<>")
        inside = properties.get(DATA, (0, b""))[1]
        if inside[GUID:].startswith(SIGNATURE) and depth < DEEPEST:
            item.message = read(inside[GUID:], depth + 1)
        elif inside and not item.data:
            item.data = inside


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield ``number, (type, first value)``; a cut list ends where it is cut."""
    try:
        at, count = 4, _number(data, 0)
        for _turn in range(min(count, MOST_PROPERTIES)):
            kind, number = struct.unpack("<HH", _take(data, at, 4))
            at += 4
            if number >= NAMED:
                at = _past_name(data, at)
            values = 1
            single = kind & ~MULTIPLE
            if kind & MULTIPLE or single in VARIABLE:
                values, at = _number(data, at), at + 4
            first = b""
            for turn in range(min(values, MOST_PROPERTIES)):
                if single in VARIABLE:
                    size, at = _number(data, at), at + 4
                elif single in FIXED:
                    size = FIXED[single]
                else:
                    return
                value = _take(data, at, size)
                at += size + -size % 4
                first = first if turn else value
            yield number, (single, first)
    except _Cut:
        return


def _past_name(data: bytes, at: int) -> int:
    """Return where the value of a named property begins."""
    at += GUID
    kind, at = _number(data, at), at + 4
    if kind == 0:
        return at + 4
    size = _number(data, at)
    return at + 4 + size + -size % 4


def _take(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise _Cut
    return data[at : at + size]


def _number(data: bytes, at: int) -> int:
    return struct.unpack("<I", _take(data, at, 4))[0]


def _code_page(number: int) -> str:
    return {65001: "utf-8", 28591: "latin-1", 20127: "ascii"}.get(number, f"cp{number}")


def _text(value: bytes, code_page: str) -> str:
    return charsets.decode(value.rstrip(b"\0"), code_page).replace("\r\n", "\n")


def _string(found: tuple[int, bytes] | None, code_page: str) -> str:
    if found is None:
        return ""
    kind, value = found
    if kind == UNICODE:
        return value.decode("utf-16-le", "replace").rstrip("\0").replace("\r\n", "\n")
    return _text(value, code_page)
