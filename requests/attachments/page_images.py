"""Read or bind scanned pages in a separate process with hard limits.

``python -I page_images.py PDF < file`` (or ``JPEG``) answers one JSON line, then the thumbnails it
names, concatenated; each page has the ``codes`` printed on it. ``python -I page_images.py bind <
pack > pdf``: the pack is one JSON line ``{"files": [[size, is PDF], …], "pages": [[file, page],
…]}``, then the files (PDF or JPEG). The
answer holds only those pages, without scripts, links, forms or attachments. ``python -I
page_images.py "codes PDF" < file`` (or ``"codes JPEG"``) answers a JSON list of what the codes on
the first pages say.

Exit status: 0 done, 2 unreadable, 3 locked by a password, 4 too many pages, 5 holds a program.
Imports nothing of the project (docs/principles.md, T9), so the caller says what a file is.
"""

import contextlib
import json
import re
import resource
import sys
import time
from io import BytesIO
from typing import Any

MEMORY = 768 * 1024 * 1024
SECONDS = 25
PIXELS = 40_000_000
MOST_PAGES = 120
THUMB = 360
# A dot of our own code has then three points (docs/adr/0078-codes-on-letters.md).
READ = 1700
MOST_CODES, LONGEST_CODE = 8, 120
SEARCHED = 4  # pages of a file of which only the codes are asked
# Seconds of processor time after which pages get no thumbnail; they can be opened one by one.
PICTURES_UNTIL = 12
UNREADABLE, LOCKED, TOO_MANY, PROGRAM = 2, 3, 4, 5
# The operators of a PDF page that print something.
PAINTS = re.compile(rb"(?:^|\s)(?:[fFBbSs]\*?|Tj|TJ|'|\"|Do|sh|EI)(?=\s|$)")
ACTIVE = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE"}


def limit() -> None:
    """Limit memory, time and files of this process before it reads any foreign data."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def open_pdf(data: bytes):
    """Return a reader of a safe scan; otherwise exit with the status that says why."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        sys.exit(LOCKED)
    if len(reader.pages) > MOST_PAGES:
        sys.exit(TOO_MANY)
    if not len(reader.pages):
        sys.exit(UNREADABLE)
    root: Any = reader.trailer["/Root"].get_object()
    names = root.get("/Names", {})
    names = names.get_object() if names else {}
    if "/AA" in root or "/JavaScript" in names or "/EmbeddedFiles" in names:
        sys.exit(PROGRAM)
    if runs_code(root.get("/OpenAction")):
        sys.exit(PROGRAM)
    for page in reader.pages:
        notes = page.get("/Annots")
        notes = notes.get_object() if notes else []
        parts = [note.get_object() for note in list(notes)[:500]]
        if "/AA" in page or any("/AA" in part or runs_code(part.get("/A")) for part in parts):
            sys.exit(PROGRAM)
    return reader


def runs_code(action) -> bool:
    """Return whether an action of a PDF runs or opens something."""
    action = action.get_object() if action is not None else None
    return isinstance(action, dict) and action.get("/S") in ACTIVE


def picture(page):
    """Return the largest image of a page, as large as codes need; None when there is none."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the limit below refuses where this one only warns
    things = page["/Resources"]["/XObject"].get_object()
    sizes = {}
    for name, thing in things.items():
        thing = thing.get_object()
        if thing.get("/Subtype") == "/Image":
            sizes[name] = int(thing["/Width"]) * int(thing["/Height"])
    name = max(sizes, key=sizes.get)
    if sizes[name] > PIXELS:
        return None
    thing = things[name].get_object()
    if thing.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        image = Image.open(BytesIO(thing._data), formats=["JPEG"])
        image.draft("L", (READ, READ))
    else:
        image = page.images[name].image
    return image.rotate(-page.rotation, expand=True) if page.rotation else image


def small(image) -> tuple[bytes, bool]:
    """Return a thumbnail as JPEG, and whether the page is blank."""
    image = image.convert("L")
    image.thumbnail((THUMB, THUMB), reducing_gap=2.0)
    inner = image.crop(
        (image.width // 20, image.height // 20, image.width * 19 // 20, image.height * 19 // 20)
    )
    counts = inner.histogram()
    dark = sum(counts[: max(0, _paper(counts) - 40)])
    out = BytesIO()
    image.save(out, "JPEG", quality=70, optimize=True)
    return out.getvalue(), dark < inner.width * inner.height * 0.0008


def codes(image) -> list[str]:
    """Return what the codes on a page say; [] when none can be read."""
    import zxingcpp

    image = image.convert("L")
    image.thumbnail((2 * READ, 2 * READ), reducing_gap=2.0)
    kinds = zxingcpp.BarcodeFormats([zxingcpp.QRCode, zxingcpp.DataMatrix, zxingcpp.Code128])
    found = zxingcpp.read_barcodes(image, formats=kinds, text_mode=zxingcpp.TextMode.Plain)
    return [code.text[:LONGEST_CODE] for code in found if code.text][:MOST_CODES]


def _paper(counts: list[int]) -> int:
    """Return the most frequent shade, which is that of the paper."""
    return max(range(256), key=counts.__getitem__)


def describe_pages(data: bytes, pdf: bool) -> bytes:
    """Return the thumbnail, the text and the blankness of every page of a PDF or a JPEG."""
    rows, thumbs = [], []
    if pdf:
        for page in open_pdf(data).pages:
            words, thumb, blank, drawn, read = "", b"", False, None, []
            if time.process_time() < PICTURES_UNTIL:
                with contextlib.suppress(Exception):
                    words = page.extract_text()[:5000]
                with contextlib.suppress(Exception):
                    drawn = picture(page)
                if drawn is not None:
                    with contextlib.suppress(Exception):
                        read = codes(drawn)
                    with contextlib.suppress(Exception):
                        thumb, blank = small(drawn)
                elif not words.strip():
                    content = page.get_contents()
                    blank = content is None or not PAINTS.search(content.get_data())
            blank = blank and not words.strip() and not read
            rows.append({"words": words, "thumb": len(thumb), "blank": blank, "codes": read})
            thumbs.append(thumb)
    else:
        from PIL import Image

        image, read = Image.open(BytesIO(data), formats=["JPEG"]), []
        image.load()
        with contextlib.suppress(Exception):
            read = codes(image)
        thumb, blank = small(image)
        rows.append({"words": "", "thumb": len(thumb), "blank": blank, "codes": read})
        thumbs.append(thumb)
    return json.dumps({"pages": rows}).encode() + b"\n" + b"".join(thumbs)


def codes_of_file(data: bytes, pdf: bool) -> bytes:
    """Return what the codes on a JPEG or on the first pages of a PDF say."""
    from PIL import Image

    found: list[str] = []
    if not pdf:
        found = codes(Image.open(BytesIO(data), formats=["JPEG"]))
    else:
        for page in open_pdf(data).pages[:SEARCHED]:
            with contextlib.suppress(Exception):
                drawn = picture(page)
                found += codes(drawn) if drawn is not None else []
    return json.dumps(found).encode()


def sheet(data: bytes) -> bytes:
    """Return a JPEG as a PDF of one A4 page in the same orientation."""
    from PIL import Image

    image = Image.open(BytesIO(data), formats=["JPEG"])
    width, height = (595, 842) if image.height >= image.width else (842, 595)
    out = BytesIO()
    dots = max(image.width / width, image.height / height) * 72
    image.save(out, "PDF", resolution=dots)
    return out.getvalue()


def bind(pack: bytes) -> bytes:
    """Return a new PDF of the pages asked for, in their order."""
    from pypdf import PdfWriter

    head, _end, rest = pack.partition(b"\n")
    asked = json.loads(head)
    files, start = [], 0
    for size, pdf in asked["files"]:
        data = rest[start : start + size]
        files.append(open_pdf(data if pdf else sheet(data)))
        start += size
    writer = PdfWriter()
    for file, number in asked["pages"]:
        page = files[file].pages[number - 1]
        for key in ("/Annots", "/AA", "/B", "/Metadata", "/PieceInfo"):
            page.pop(key, None)
        writer.add_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


if __name__ == "__main__":
    limit()
    try:
        data = sys.stdin.buffer.read()
        task, _blank, kind = sys.argv[1].rpartition(" ")
        if task == "codes":
            answer = codes_of_file(data, kind == "PDF")
        else:
            answer = bind(data) if kind == "bind" else describe_pages(data, kind == "PDF")
    except Exception:  # noqa: BLE001 - any failure of a parser is the same for the sender
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
