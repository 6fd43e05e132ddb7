"""A workbook whose XML declares entities reads no file, calls nobody and does not unfold."""

import io
import socket
import zipfile
from contextlib import suppress

import openpyxl
import pytest

from agencies.imports.tables import WrongFile, open_table

WORDS = "what stands in another file"


def workbook(declared: str, cell: str) -> bytes:
    """Return a sound workbook, but for a document type and one cell."""
    book = openpyxl.Workbook()
    for row in (["RESIDENCE", "LOGEMENT"], ["R1", "CELL"]):
        book.active.append(row)
    sound, made = io.BytesIO(), io.BytesIO()
    book.save(sound)
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = f"<!DOCTYPE worksheet [{declared}]>".encode() + data.replace(
                    b"CELL", cell.encode()
                )
            target.writestr(name, data)
    return made.getvalue()


def test_without_entities_it_is_read():
    rows = [*open_table(workbook("", "L1"))]
    assert "L1" in str(rows)


def test_an_entity_that_names_a_file_is_refused(tmp_path):
    other = tmp_path / "other"
    other.write_text(WORDS)
    packed = workbook(f'<!ENTITY x SYSTEM "{other.as_uri()}">', "&x;")
    with pytest.raises(WrongFile) as refused:
        open_table(packed)
    assert WORDS not in str(refused.value)


def test_a_definition_elsewhere_is_not_fetched():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        packed = workbook(f'<!ENTITY % x SYSTEM "{address}"> %x;', "L1")
        with suppress(WrongFile):
            open_table(packed)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_entities_of_entities_do_not_unfold():
    declared = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)
    )
    with pytest.raises(WrongFile):
        open_table(workbook(declared, "&a10;"))
