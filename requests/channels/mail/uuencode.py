"""Take files out of a text in which they were uuencoded. Pure.

Source: POSIX.1-2024, uuencode (the historical form and ``begin-base64``). A block without its
``end`` was cut on the way: what came of it is kept.
"""

import base64
import binascii
import re

BEGIN = re.compile(r"^(begin(?:-base64)?) [0-7]{3,4} (\S.{0,200})$")
MOST_FILES = 50


def split(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text without such blocks, and their files as ``(name, bytes)``."""
    if "begin" not in text:
        return text, []
    lines = text.split("\n")
    kept: list[str] = []
    found: list[tuple[str, bytes]] = []
    at = 0
    while at < len(lines):
        opening = BEGIN.match(lines[at].rstrip("\r"))
        block = _block(lines, at + 1, opening[1]) if opening and len(found) < MOST_FILES else None
        if opening is None or block is None:
            kept.append(lines[at])
            at += 1
            continue
        data, at = block
        found.append((opening[2].strip(), data))
    return "\n".join(kept), found


def _block(lines: list[str], at: int, how: str) -> tuple[bytes, int] | None:
    """Return the bytes and the line behind the block; None when no line of it can be decoded."""
    out, start = bytearray(), at
    last = "====" if how == "begin-base64" else "end"
    while at < len(lines):
        line = lines[at].rstrip("\r")
        if line == last:
            at += 1
            break
        try:
            piece = base64.b64decode(line, validate=True) if last == "====" else _line(line)
        except (ValueError, binascii.Error):
            break
        out += piece
        at += 1
    return (bytes(out), at) if out and at > start else None


def _line(line: str) -> bytes:
    """Decode one line. Raises ValueError for what is none.

    Some programs count blanks at its end as nothing, and some drop them.
    """
    if not line or line == "`":
        return b""
    if not all(" " <= char <= "`" for char in line):
        raise ValueError(line)
    size = (ord(line[0]) - 32) & 63
    wide = (size * 4 + 5) // 3
    if len(line) - 1 > wide + 4:
        raise ValueError(line)
    return binascii.a2b_uu(line[: wide + 1].ljust(wide + 1))
