"""Run alone, in a process of its own with hard limits: scanned pages looked at, or bound.

``python -I page_images.py PDF < file`` (or ``JPEG``) answers one JSON line, then the thumbnails
that it names, end to end. ``python -I page_images.py bind < pack > pdf``: the pack is one JSON line
``{"files": [[size, is PDF], …], "pages": [[file, page], …]}``, then the files (PDF or JPEG); the
answer holds nothing but those pages, without scripts, links, forms or attachments.

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

MEMORY = 768 * 1024 * 1024
SECONDS = 25
PIXELS = 40_000_000
MOST_PAGES = 120
THUMB = 360
# After this much of the processor's time pages get no thumbnail any more: they open one by one.
PICTURES_UNTIL = 12
UNREADABLE, LOCKED, TOO_MANY, PROGRAM = 2, 3, 4, 5
# The operators of a page that leave something on the paper.
PAINTS = re.compile(rb"(?:^|\s)(?:[fFBbSs]\*?|Tj|TJ|'|\"|Do|sh|EI)(?=\s|$)")
ACTS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE"}


def limit() -> None:
    """Give up memory, time and files before any foreign byte is looked at."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def opened(data: bytes):
    """A reader of an honest scan; leaves with the exit status that says why it is none."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        sys.exit(LOCKED)
    if len(reader.pages) > MOST_PAGES:
        sys.exit(TOO_MANY)
    if not len(reader.pages):
        sys.exit(UNREADABLE)
    root = reader.trailer["/Root"].get_object()
    names = root.get("/Names", {})
    names = names.get_object() if names else {}
    if "/AA" in root or "/JavaScript" in names or "/EmbeddedFiles" in names:
        sys.exit(PROGRAM)
    if acts(root.get("/OpenAction")):
        sys.exit(PROGRAM)
    for page in reader.pages:
        notes = page.get("/Annots")
        notes = notes.get_object() if notes else []
        parts = [note.get_object() for note in list(notes)[:500]]
        if "/AA" in page or any("/AA" in part or acts(part.get("/A")) for part in parts):
            sys.exit(PROGRAM)
    return reader


def acts(action) -> bool:
    """Whether an action of a PDF runs or opens something."""
    action = action.get_object() if action is not None else None
    return isinstance(action, dict) and action.get("/S") in ACTS


def picture(page):
    """The largest picture of a page, decoded small; None when there is none that we can open."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours below is stricter than a warning
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
    """A thumbnail as JPEG, and whether it shows paper and nothing else."""
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
    """The commonest shade: that of the paper."""
    return max(range(256), key=counts.__getitem__)


def look(data: bytes, pdf: bool) -> bytes:
    """What every page of a PDF, or of a JPEG, shows: thumbnail, words, blank or not."""
    rows, thumbs = [], []
    if pdf:
        for page in opened(data).pages:
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
    """A JPEG as a PDF of one A4 page, its way up kept."""
    from PIL import Image

    image = Image.open(BytesIO(data), formats=["JPEG"])
    width, height = (595, 842) if image.height >= image.width else (842, 595)
    out = BytesIO()
    dots = max(image.width / width, image.height / height) * 72
    image.save(out, "PDF", resolution=dots)
    return out.getvalue()


def bind(pack: bytes) -> bytes:
    """A fresh PDF of the pages asked for, in their order."""
    from pypdf import PdfWriter

    head, _end, rest = pack.partition(b"\n")
    asked = json.loads(head)
    files, start = [], 0
    for size, pdf in asked["files"]:
        data = rest[start : start + size]
        files.append(opened(data if pdf else sheet(data)))
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
        answer = bind(data) if sys.argv[1] == "bind" else look(data, sys.argv[1] == "PDF")
    except Exception:  # noqa: BLE001 - any failure of a parser means the same to the sender
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
