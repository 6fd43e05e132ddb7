"""Read or bind scanned pages in a separate process with hard limits.

``python -I page_images.py PDF < file`` (or ``JPEG``) answers one JSON line, then the thumbnails it
names, concatenated. ``python -I page_images.py bind < pack > pdf``: the pack is one JSON line
``{"files": [[size, is PDF], …], "pages": [[file, page], …]}``, then the files (PDF or JPEG). The
answer holds only those pages, without scripts, links, forms or attachments.

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
    """Return the largest image of a page, decoded small; None when there is none to open."""
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
        image.draft("RGB", (THUMB * 2, THUMB * 2))
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


def _paper(counts: list[int]) -> int:
    """Return the most frequent shade, which is that of the paper."""
    return max(range(256), key=counts.__getitem__)


def describe_pages(data: bytes, pdf: bool) -> bytes:
    """Return the thumbnail, the text and the blankness of every page of a PDF or a JPEG."""
    rows, thumbs = [], []
    if pdf:
        for page in open_pdf(data).pages:
            words, thumb, blank, drawn = "", b"", False, None
            if time.process_time() < PICTURES_UNTIL:
                with contextlib.suppress(Exception):
                    words = page.extract_text()[:5000]
                with contextlib.suppress(Exception):
                    drawn = picture(page)
                if drawn is not None:
                    with contextlib.suppress(Exception):
                        thumb, blank = small(drawn)
                elif not words.strip():
                    content = page.get_contents()
                    blank = content is None or not PAINTS.search(content.get_data())
            rows.append({"words": words, "thumb": len(thumb), "blank": blank and not words.strip()})
            thumbs.append(thumb)
    else:
        from PIL import Image

        thumb, blank = small(Image.open(BytesIO(data), formats=["JPEG"]))
        rows.append({"words": "", "thumb": len(thumb), "blank": blank})
        thumbs.append(thumb)
    return json.dumps({"pages": rows}).encode() + b"\n" + b"".join(thumbs)


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
        answer = bind(data) if sys.argv[1] == "bind" else describe_pages(data, sys.argv[1] == "PDF")
    except Exception:  # noqa: BLE001 - any failure of a parser is the same for the sender
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
