"""Copy the pages of an untrusted PDF into a new one, alone in a process with hard limits.

``python -I pdf_cleaner.py PDF < file > clean``. The new file holds what pages show, and nothing
that acts or tells: no script, action, form, embedded or linked file, media, layer, bookmark,
metadata, nor anything before, between or behind the PDF's own objects. Filled fields and notes
stay as they look; of links those to web, mail and telephone. Exit status: 0 done, 2 not readable,
3 locked by a password. Imports nothing of ours (docs/principles.md, T9). Source: ISO 32000-2.
"""

import re
import resource
import sys
from io import BytesIO
from typing import Any

MEMORY = 512 * 1024 * 1024  # address space, libraries included
SECONDS = 20
UNREADABLE, LOCKED = 2, 3
MOST_NOTES = 2000  # of one page
# What a page needs to be drawn, and what a note needs to look as it does.
PAGE = (
    *("/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate"),
    *("/UserUnit", "/Resources", "/Contents", "/Group"),
)
NOTE = ("/Rect", "/AP", "/AS", "/C", "/QuadPoints", "/InkList", "/Border", "/BS", "/CA")
SHOWN = {
    *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Ink"),
    *("/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret"),
}
# A link that leaves the document is spelt out, so that a person sees where it leads.
LINK = re.compile(r"(?:https?://|mailto:|tel:)[!-~]{1,2000}\Z", re.IGNORECASE)
# Keys of a stream that lead to other files, or say where and with what it was made.
TELLING = (
    *("/Metadata", "/PieceInfo", "/AF", "/Ref", "/OPI", "/F", "/FFilter", "/FDecodeParms"),
    *("/Measure", "/PtData", "/StructParent", "/StructParents", "/LastModified", "/OC"),
)
XMP = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)


def limit() -> None:
    """Give up memory, time and files before any foreign byte is looked at."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def clean(data: bytes) -> bytes:
    """Return the clean copy of a PDF. Exits with ``LOCKED``; raises for what is no PDF."""
    from pypdf import PageObject, PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, NameObject

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        sys.exit(LOCKED)
    writer = PdfWriter()
    seen: set[tuple[int, int]] = set()
    for page in reader.pages:
        sheet = PageObject()
        for key in PAGE:
            # Read through the page: what it inherits from its parents belongs to it.
            value = page.get(key, _inherited(page, key))
            if value is not None:
                sheet[NameObject(key)] = value
        found = page.get("/Annots")
        notes = list(found.get_object() or [])[:MOST_NOTES] if found is not None else []
        kept = [note for note in map(_note, notes) if note is not None]
        if kept:
            sheet[NameObject("/Annots")] = ArrayObject(kept)
        # Before it is copied: what only a key leads to that goes must not come along.
        _clean_below(sheet, seen)
        writer.add_page(sheet)
    if not writer.pages:
        raise ValueError("no pages")
    writer.metadata = None
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _inherited(page: Any, key: str) -> Any:
    """Return what a page takes from the nodes above it; None for other keys."""
    if key not in ("/Resources", "/MediaBox", "/CropBox", "/Rotate"):
        return None
    node = page
    for _step in range(50):
        parent = node.get("/Parent")
        node = parent.get_object() if parent is not None else None
        if node is None:
            return None
        if key in node:
            return node[key]
    return None


def _note(found: Any) -> Any:
    """Return a note, field or link as far as it only shows; None for everything else."""
    from pypdf.generic import DictionaryObject, NameObject, NumberObject, TextStringObject

    found = found.get_object()
    kind = found.get("/Subtype")
    made = DictionaryObject({NameObject(k): found.raw_get(k) for k in NOTE if k in found})
    made[NameObject("/Type")] = NameObject("/Annot")
    flags = found.get("/F", 4)
    made[NameObject("/F")] = NumberObject(flags if isinstance(flags, int) else 4)
    if kind == "/Link":
        action = found.get("/A")
        address = action.get_object().get("/URI") if action is not None else None
        if not isinstance(address, str) or not LINK.match(address):
            return None
        uri = {"/S": NameObject("/URI"), "/URI": TextStringObject(address)}
        made[NameObject("/A")] = DictionaryObject({NameObject(k): v for k, v in uri.items()})
        made.pop("/AP", None)
    elif kind == "/Widget" and "/AP" in found:
        kind = "/Stamp"  # a field that only looks filled in
    elif kind not in SHOWN:
        return None
    elif isinstance(text := found.get("/Contents"), str):
        made[NameObject("/Contents")] = TextStringObject(text)
    made[NameObject("/Subtype")] = NameObject(kind)
    return made


def _clean_below(start: Any, seen: set[tuple[int, int]]) -> None:
    """Clean every stream that ``start`` leads to; ``seen`` holds the objects already looked at."""
    from pypdf.generic import IndirectObject, StreamObject

    waiting = [start]
    while waiting:
        part = waiting.pop()
        if isinstance(part, IndirectObject):
            if (part.idnum, part.generation) in seen:
                continue
            seen.add((part.idnum, part.generation))
            part = part.get_object()
        if isinstance(part, StreamObject):
            _clean_stream(part)
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _clean_stream(part: Any) -> None:
    """Take what leads elsewhere or tells of places out of one stream."""
    from pypdf.generic import NameObject

    for key in TELLING:
        part.pop(key, None)
    if part.get("/Subtype") == "/PS":  # a program for the printer
        part._data = b""
    filters = part.get("/Filter")
    names = filters if isinstance(filters, list) else [filters]
    if names and names[-1] == "/DCTDecode":
        part._data = _without_exif(part.get_data())
        part[NameObject("/Filter")] = NameObject("/DCTDecode")
        part.pop("/DecodeParms", None)
    elif names and names[-1] == "/JPXDecode":
        part._data = XMP.sub(b"", part._data)


def _without_exif(picture: bytes) -> bytes:
    """Return a JPEG without the segments that applications and people add, save Adobe's colours.

    ``metadata.py`` does the same for photos; this process cannot import it.
    """
    out, at = bytearray(picture[:2]), 2
    while at + 4 <= len(picture) and picture[at] == 0xFF and picture[at + 1] != 0xDA:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if length < 2:
            break
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            out += picture[at : at + 2 + length]
        at += 2 + length
    return bytes(out + picture[at:])


if __name__ == "__main__":
    limit()
    try:
        answer = clean(sys.stdin.buffer.read())
    except Exception:  # noqa: BLE001 - any failure of a parser means the same to the sender
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
