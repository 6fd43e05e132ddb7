"""Files are told apart by one list of magic bytes."""

import ast
from pathlib import Path

import pytest

from portal.file_types import HEAD, MAGIC, FileType, recognise

ROOT = Path(__file__).resolve().parents[2]
HEADS = {
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", FileType.JPEG),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FileType.PNG),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 ", FileType.WEBP),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", FileType.HEIF),
    "what iphones write for a sequence": (b"\0\0\0\x18ftypmsf1\0\0\0\0", FileType.HEIF),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", FileType.PDF),
    "pdf 2": (b"%PDF-2.0\n", FileType.PDF),
    "xlsx": (b"PK\x03\x04\x14\0\x06\0", FileType.ZIP),
    "gzip": (b"\x1f\x8b\x08\0", FileType.GZIP),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileType.OLE),
    "winmail.dat": (b"\x78\x9f\x3e\x22", FileType.TNEF),
    "avif": (b"\0\0\0\x1cftypavif", None),
    "mp4": (b"\0\0\0\x18ftypmp42", None),
    "sound": (b"RIFF\x10\0\0\0WAVEfmt ", None),
    "svg": (b"<svg xmlns='http", None),
    "gif": (b"GIF89a/*<script>", FileType.GIF),
    "a table of text": (b"RESIDENCE;LOGEMENT", None),
    "cut short": (b"\xff\xd8", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_says_what_a_file_is(name):
    head, kind = HEADS[name]
    assert recognise(head[:HEAD]) is kind


def test_no_other_module_has_magic_bytes():
    marks = tuple(mark for _kind, parts in MAGIC for place, mark in parts if not place)
    brands = {mark for _kind, parts in MAGIC for place, mark in parts if place}
    found = []
    for app in ("portal", "agencies", "tenants", "requests"):
        for path in (ROOT / app).rglob("*.py"):
            if path.name == "file_types.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                value = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
                if isinstance(value, bytes) and (value in brands or value[:7].startswith(marks)):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {value!r}")
                if isinstance(value, bytes) and value in {b"%PDF", b"\x89PNG", b"PK"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {value!r}")
    assert not found
