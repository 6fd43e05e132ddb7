"""The bytes of a file: packed or not, text or not, in which encoding."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from agencies.imports.packed_size import is_too_much
from portal.file_types import HEAD, FileType, recognise

CHUNK = 1 << 20
HIGH = re.compile(rb"[\x80-\xff]")
UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class WrongFile(Exception):
    """The whole file is refused, before anything changes.

    ``message`` is a sentence for the person who chose the file: what is wrong, how to correct it.
    """

    def __init__(self, message: object) -> None:
        self.message = str(message)
        super().__init__(self.message)


def open_bytes(source: str | Path | bytes) -> IO[bytes]:
    """Open a path or the bytes of an upload, unpacked when gzip packed them."""
    if isinstance(source, bytes):
        stream = io.BytesIO(source)
        packed = recognise(source[:HEAD]) == FileType.GZIP
        return cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if packed else stream
    with Path(source).open("rb") as file:
        packed = recognise(file.read(HEAD)) == FileType.GZIP
    return cast(IO[bytes], gzip.open(source)) if packed else Path(source).open("rb")


def refuse_binary(head: bytes) -> None:
    """Raise WrongFile when the file does not begin like text."""
    kind = recognise(head)
    if kind == FileType.OLE:
        raise WrongFile(
            _("This is an old Excel file (.xls). Open it and save it as .xlsx or as CSV.")
        )
    if utf16(head):
        return
    odd = sum(1 for byte in head if byte < 32 and byte not in b"\0\t\n\r\f\x1a")
    if kind or odd * 100 > len(head) or head.count(0) * 10 > len(head):
        raise WrongFile(
            _("This file is not a table of text. Export it as CSV or XLSX and try again.")
        )


def utf16(head: bytes) -> str:
    """Return the name of the UTF-16 that a file is written in, with a mark or without; else ""."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = max(1, len(head) // 2)
    for name, zeros, others in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if zeros.count(0) > 0.8 * half and others.count(0) < 0.05 * half:
            return name
    return ""


def scan(source: str | Path | bytes, head: bytes) -> tuple[str, int]:
    """Return the encoding of the whole file and its number of lines. Reads it once, in chunks.

    A file that is UTF-8 but for a few lines pasted from elsewhere is UTF-8: see :data:`ERRORS`.
    """
    wide = utf16(head)
    packed = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    lines, size, windows, undefined, good, bad, rest = 1, 0, False, False, 0, 0, b""
    with open_bytes(source) as stream:
        while chunk := _chunk(stream):
            size += len(chunk)
            if is_too_much(size, packed):
                raise WrongFile(_("This file is too large. Cut it in several parts."))
            lines += chunk.count(b"\n") or chunk.count(b"\r")
            if wide:
                continue
            whole = rest + chunk
            cut = re.search(rb"[\xc2-\xf4][\x80-\xbf]{0,2}$", whole)  # continued in the next
            rest = cut.group() if cut else b""
            whole = whole[: len(whole) - len(rest)]
            sequences = UTF8.findall(whole)
            good += len(sequences)
            bad += len(HIGH.findall(whole)) - sum(map(len, sequences))
            windows = windows or re.search(rb"[\x80-\x9f]", chunk) is not None
            undefined = undefined or re.search(rb"[\x81\x8d\x8f\x90\x9d]", chunk) is not None
    bad += len(rest)
    if wide:
        return wide, lines
    if bad <= good:
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8", lines
    return "windows-1252" if windows and not undefined else "iso-8859-1", lines


def _chunk(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise WrongFile(_("This compressed file is damaged. Download it again.")) from error


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Windows wrote them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("windows-1252", errors="replace"), error.end


ERRORS = "palier-windows"  # the name by which open() knows :func:`_as_windows`
codecs.register_error(ERRORS, _as_windows)
