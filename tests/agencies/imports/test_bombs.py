"""Files that unpack to far more than they hold are refused before they are unpacked."""

import gzip
import io
import zipfile

import pytest

from agencies.imports.tables import WrongFile, open_table

pytestmark = pytest.mark.long

SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main"><sheetData>%s</sheetData></worksheet>'
)


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", SHEET % (b"<row><c/></row>" * 4_000_000))
    return out.getvalue()


def table() -> bytes:
    return gzip.compress(b"RESIDENCE;LOGEMENT\n" + b"a;b\n" * 20_000_000, 1)


@pytest.mark.parametrize("bomb", [workbook, table])
@pytest.mark.weakness("import that unfolds")
def test_a_bomb_is_refused(bomb, tmp_path):
    packed = bomb()
    assert len(packed) < 1_000_000
    path = tmp_path / "file"
    path.write_bytes(packed)
    for source in (packed, path):
        with pytest.raises(WrongFile, match="too large|trop"):
            open_table(source)


def test_a_real_export_is_opened(tmp_path):
    lines = "".join(f"R{n % 97};L{n};{n * 7919 % 100_003}\n" for n in range(300_000))
    packed = gzip.compress(("RESIDENCE;LOGEMENT;LOYER\n" + lines).encode())
    assert open_table(packed).headers[:2] == ["RESIDENCE", "LOGEMENT"]
