"""PDFs as people and attackers send them, made by hand so that nothing is repaired on the way."""

import zlib
from io import BytesIO

from PIL import Image

GPS = b"Exif\0\0MM\0*GPS 47.2184 N 1.5536 W"


def build(objects: dict[int, bytes], *, root: int = 1, more: bytes = b"") -> bytes:
    """Return a PDF of numbered objects with a right table of places."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 %c \n" % (places.get(number, 0), b"n" if number in places else b"f")
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\n" % (size, root, more)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(body: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(body), head, body)


WORDS = b"BT /F1 24 Tf 20 100 Td (Fuite sous evier) Tj ET"


def page(*, catalog: bytes = b"", leaf: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    """Return a PDF of one page that says something, with additions to its catalog and its page."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return build(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            # The size and the resources are inherited, as in many real files.
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 200] "
            b"/Resources << /Font << /F1 5 0 R >> /XObject << /A 6 0 R >> >> >>",
            3: b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>" % leaf,
            4: stream(WORDS + b" /A Do"),
            5: font,
            6: image(),
            **(more or {}),
        }
    )


def image() -> bytes:
    """A phone's JPEG with the place where it was taken, and a path to a file beside the PDF."""
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=GPS)
    head = b"/Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
    head += b"/Metadata 9 0 R /PieceInfo << /Adobe << /Private (canary-piece) >> >> "
    packed = zlib.compress(out.getvalue())
    return stream(packed, head + b"/Filter [/FlateDecode /DCTDecode]")


PLAIN = page()
XMP = stream(b"<x:xmpmeta>canary-gps 47.2184</x:xmpmeta>", b"/Type /Metadata /Subtype /XML")
LAUNCH = b"<< /S /Launch /F (canary.exe) /Win << /F (canary.exe) >> >>"
SCRIPT = b"<< /S /JavaScript /JS (canary-app.alert\\(1\\)) >>"
BOX = b"/Rect [10 10 90 40]"
EMBEDDED = {
    10: b"<< /Names [(canary.exe) 11 0 R] >>",
    11: b"<< /Type /Filespec /F (canary.exe) /EF << /F 12 0 R >> >>",
    12: stream(b"MZcanary-program", b"/Type /EmbeddedFile"),
}


def noted(*notes: bytes, more: dict[int, bytes] | None = None) -> bytes:
    return page(leaf=b"/Annots [%s]" % b" ".join(notes), more=more)


# What each holds beside its page; "canary" stands in all that must be gone.
HOSTILE = {
    "a script when it opens": page(catalog=b"/OpenAction %s" % SCRIPT),
    "a program when it opens": page(catalog=b"/OpenAction %s" % LAUNCH),
    "a script by name": page(catalog=b"/Names << /JavaScript << /Names [(x) %s] >> >>" % SCRIPT),
    "a script when it is printed": page(catalog=b"/AA << /WP %s >>" % SCRIPT),
    "a script when the page opens": page(leaf=b"/AA << /O %s >>" % SCRIPT),
    "an embedded program": page(catalog=b"/Names << /EmbeddedFiles 10 0 R >>", more=EMBEDDED),
    "an associated file": page(leaf=b"/AF [11 0 R]", more=EMBEDDED),
    "a file pinned to the page": noted(
        b"<< /Subtype /FileAttachment %s /FS 11 0 R >>" % BOX, more=EMBEDDED
    ),
    "a link that starts a program": noted(b"<< /Subtype /Link %s /A %s >>" % (BOX, LAUNCH)),
    "a link that runs a script": noted(
        b"<< /Subtype /Link %s /A << /S /URI /URI (javascript:canary) >> >>" % BOX
    ),
    "a link to a file": noted(
        b"<< /Subtype /Link %s /A << /S /URI /URI (file:///canary) >> >>" % BOX
    ),
    "a link into another file": noted(
        b"<< /Subtype /Link %s /A << /S /GoToR /F (canary.pdf) /D [0 /Fit] >> >>" % BOX
    ),
    "a form that sends itself": page(
        catalog=b"/AcroForm << /Fields [10 0 R] /XFA 11 0 R >>",
        leaf=b"/Annots [10 0 R]",
        more={
            10: b"<< /Subtype /Widget /FT /Btn /T (canary) %s /A << /S /SubmitForm "
            b"/F (https://canary.example) >> /AA << /K %s >> >>" % (BOX, SCRIPT),
            11: stream(b"<xdp:xdp>canary</xdp:xdp>"),
        },
    ),
    "a film": noted(b"<< /Subtype /Screen %s /A << /S /Rendition /JS (canary) >> >>" % BOX),
    "rich media": noted(b"<< /Subtype /RichMedia %s /RichMediaContent (canary) >>" % BOX),
    "a sound": noted(b"<< /Subtype /Sound %s /Sound (canary) >>" % BOX),
    "a note with a script": noted(b"<< /Subtype /Text %s /AA << /E %s >> >>" % (BOX, SCRIPT)),
    "a picture from another file": page(
        leaf=b"/Contents [4 0 R 10 0 R]", more={10: stream(b"", b"/F (canary-passwd)")}
    ),
    "a page of another file": page(
        leaf=b"/Resources << /Font << /F1 5 0 R >> /XObject << /A 10 0 R >> >>",
        more={
            10: stream(b"", b"/Subtype /Form /BBox [0 0 1 1] /Ref << /F (canary.pdf) /Page 0 >>")
        },
    ),
    "a program for the printer": page(
        leaf=b"/Resources << /Font << /F1 5 0 R >> /XObject << /A 10 0 R >> >>",
        more={10: stream(b"canary run", b"/Subtype /PS")},
    ),
    "metadata with a place": page(catalog=b"/Metadata 9 0 R", more={9: XMP}),
    "a map's coordinates": page(leaf=b"/VP [<< /Measure << /GPTS [47.2] /Name (canary) >> >>]"),
    "names of its author": PLAIN.replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Info << /Author (canary) >>"
    ),
    "a ZIP behind it": PLAIN + b"PK\x03\x04 canary.exe",
    "a page of HTML before its end": PLAIN.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%<script>canary\n"),
    "an object that nothing leads to": page(more={10: b"(canary)"}),
}
BROKEN = {
    "a head and an end": b"%PDF-1.4\n%%EOF\n",
    "a program called PDF": b"%PDF-1.4\r\ncalc.exe\r\n%%EOF",
    "no pages": build({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Kids [] /Count 0 >>"}),
    "a tree of pages that is a ring": build(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
        }
    ),
    "a depth of ten thousand": page(leaf=b"/X " + b"[" * 10_000 + b"]" * 10_000),
}
