"""Walk the tree of a mail within limits: text, HTML, files, delivery reports. Pure.

The standard library's parser survives almost everything when given bytes; what could make it
slow or deep is counted beforehand, and such a mail is then shown flat instead.
"""

import base64
import codecs
import contextlib
import copy
import mimetypes
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote_to_bytes

from portal.file_types import HEAD, MEDIA_TYPES, FileType, recognise
from requests.channels.mail import charsets

MOST_BYTES = 40 * 1024 * 1024
MOST_BOUNDARIES = 40
MOST_PARTS = 300
MOST_HEADER = 256 * 1024
LONG_FIELD = 8 * 1024
MOST_TEXT = 400_000
FLAT = 200_000
PIECE = 64 * 1024
LARGEST_FILE = 20 * 1024 * 1024
BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
BOUNDARY = re.compile(rb"boundary\s*=\s*\"?([^\";\r\n]{1,200})", re.IGNORECASE)
# Names that are written with a space before the colon, by programs that ignore RFC 5322, 2.2.
SPACED = re.compile(
    rb"(?im)^(from|sender|reply-to|to|cc|subject|date|message-id|in-reply-to|references|received|"
    rb"return-path|mime-version|content-[a-z-]{1,30}|x-[a-z-]{1,40})[ \t]+:"
)
SHOWN = {
    "text/plain": "plain",
    "text/html": "html",
    "text/enriched": "enriched",
    "text/richtext": "enriched",
}
TYPES = {"image/heic": ".heic", "image/heif": ".heif", "image/jpeg": ".jpg", "image/webp": ".webp"}


class AsItCame(Compat32):
    """The library's lenient policy, but bare 8-bit bytes of a header are read as text.

    The library would make them ``Header`` objects, which lose what they were.
    """

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Return ``value`` as text, however its bytes were written."""
        if value.isascii():
            return value
        return charsets.decode(value.encode("utf-8", "surrogateescape"))


POLICY = AsItCame()


@dataclass(frozen=True)
class File:
    """One attachment as it came. ``cid`` names an image shown inside the text."""

    name: str
    content_type: str
    data: bytes
    cid: str = ""


@dataclass
class Parts:
    """What a mail is made of. ``problems`` says what was cut or could not be read."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    enriched: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    report: str = ""
    feedback: str = ""
    is_report: bool = False
    trace: list[str] = field(default_factory=list)
    too_big: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def tidy(raw: bytes) -> bytes:
    """Return ``raw`` with headers that a strict reader would take for text made readable.

    A byte order mark or blanks before the first header, and « Subject : » with a space.
    """
    raw = raw[:MOST_BYTES].removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    end = re.search(rb"\r?\n\r?\n", raw[:MOST_HEADER])
    head = raw[: end.start() if end else MOST_HEADER]
    if SPACED.search(head):
        raw = SPACED.sub(rb"\1:", head) + raw[len(head) :]
    if raw.startswith(b"From "):  # mbox
        raw = raw.partition(b"\n")[2]
    return raw


def read(raw: bytes) -> tuple[Message, bool]:
    """Parse what ``tidy`` returned.

    True when it was too deep or too large and only its head was parsed.
    """
    flat = _hostile(raw)
    if not flat:
        try:
            return _parse(raw), False
        except Exception:  # the library's parser has bugs of its own: show the mail flat
            flat = True
    head = raw[:MOST_HEADER]
    end = re.search(rb"\r?\n\r?\n", head)
    head = b"\n".join(
        line[:LONG_FIELD] for line in head[: end.start() if end else None].splitlines()[:2_000]
    )
    kept = re.sub(rb"(?im)^(?:content-type|mime-version):.*\n?", b"", head)
    try:
        return _parse(kept + b"\n\n"), True
    except Exception:
        return Message(), True


def _parse(raw: bytes) -> Message:
    """Feed the library piece by piece: given all at once it keeps four bytes for each of ours."""
    parser = BytesFeedParser(policy=POLICY)
    for start in range(0, len(raw), PIECE):
        parser.feed(raw[start : start + PIECE])
    return parser.close()


def _hostile(raw: bytes) -> bool:
    boundaries = {found[1].strip() for found in BOUNDARY.finditer(raw)}
    if len(boundaries) > MOST_BOUNDARIES or len(boundaries) * len(raw) > 400_000_000:
        return True
    if sum(raw.count(b"--" + mark) for mark in boundaries if mark) > 2 * MOST_PARTS:
        return True
    lower = raw[:5_000_000].lower()
    if lower.count(b"message/") > 2 * MOST_BOUNDARIES:
        return True
    end = re.search(rb"\r?\n\r?\n", raw[:MOST_HEADER])
    if len(raw) > MOST_HEADER and end is None:
        return True
    fields = re.finditer(rb"(?im)^content-[a-z-]{1,30}:[^\n]*(?:\n[ \t][^\n]*)*", raw)
    return any(found.end() - found.start() > LONG_FIELD for found in fields)


def undecoded_headers(message: Message) -> dict[str, list[str]]:
    """Return every header by lower-case name, in order, as it was sent.

    Bytes beyond ASCII are text where they are UTF-8; ``charsets.header`` decodes the others.
    """
    found: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:2_000]:
        text = str(value)
        with contextlib.suppress(UnicodeError):
            text = text.encode("utf-8", "surrogateescape").decode()
        found.setdefault(name.lower(), []).append(text)
    return found


def charset_of_text(message: Message) -> str:
    """Return the character set that the first text of the mail declares; "" when none does."""
    for number, part in enumerate(walk(message)):
        if number >= MOST_PARTS:
            break
        if _type(part).startswith("text/") and (declared := _charset(part)):
            return declared
    return ""


def walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """Yield the leaves, in order; a forwarded message is one leaf."""
    if not message.is_multipart() or _type(message).startswith("message/") or depth > 40:
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from walk(part, depth + 1)


def collect(message: Message) -> Parts:
    """Sort the leaves into text, HTML, files and reports."""
    found = Parts(is_report=_type(message) == "multipart/report")
    names: dict[str, int] = {}
    size = 0
    for number, part in enumerate(walk(message)):
        if number >= MOST_PARTS:
            found.problems.append("too many parts")
            break
        try:
            _sort(part, found, names)
        except Exception as error:
            found.problems.append(f"part {number + 1}: {error!r}"[:200])
        if not part.is_multipart():
            part.set_payload("")  # read: a mail of 30 MB is not kept three times
        size = sum(map(len, (*found.plain, *found.html, *found.enriched)))
        if size > 4 * MOST_TEXT:
            found.problems.append("too much text")
            break
    return found


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception:
        return "application/octet-stream"


def _disposition(part: Message) -> str:
    value = part.get("Content-Disposition")
    return str(value).partition(";")[0].strip().lower() if value is not None else ""


def _payload(part: Message) -> bytes:
    """Return what the library decodes of a part that has no parts."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _bytes(part: Message) -> bytes:
    """Return the content without its transfer encoding; b"" for a part that has parts.

    The library gives up on base64 that was cut short.
    """
    if part.is_multipart():
        return b""
    how = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if how in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _payload(part)
    bare = copy.copy(part)
    del bare["Content-Transfer-Encoding"]  # the library then hands out the bytes as they came
    data = _payload(bare)
    if how.startswith("base64") and not (_type(part).startswith("text/") and _is_prose(data)):
        with contextlib.suppress(ValueError):
            return base64.b64decode(data)
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[:-1] if len(kept) % 4 == 1 else kept
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    if how.startswith("quoted-printable"):
        return quopri.decodestring(data)
    return data


def _is_prose(data: bytes) -> bool:
    """Return whether a text that calls itself base64 is written in clear.

    Base64 has no blank within a line and no letter beyond its alphabet; a footer in clear behind
    it, as lists add one, does not make it prose.
    """
    lines = [line.strip() for line in data[:MOST_TEXT].splitlines() if line.strip()]
    clear = [line for line in lines if not BASE64.fullmatch(line)]
    if clear:
        return lines[0] in clear
    # Letters alone may be either. Programs break base64 into long lines of whole groups.
    return any(len(line) % 4 for line in lines) and max(map(len, lines)) < 60


def _charset(part: Message) -> str:
    try:
        value = part.get_param("charset") or ""
        return value[2] if isinstance(value, tuple) else str(value)
    except Exception:
        return ""


def filename(part: Message) -> str:
    """Return the name given in any known way: RFC 2231, 5987, 2047, bare 8-bit; "" if none."""
    for where, key in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(key, None, where)
            if isinstance(value, tuple):
                return clean_name(charsets.decode(value[2].encode("latin-1"), value[0] or ""))
            if value:
                return clean_name(charsets.header(collapse_rfc2231_value(value)))
        except Exception:
            value = None
        header = str(part.get(where) or "")[:LONG_FIELD]
        loose = re.search(rf"{key}\*(?:0\*)?\s*=\s*\"?([\w-]*)'[\w-]*'([^;\"\s]+)", header, re.I)
        if loose:
            return clean_name(charsets.decode(unquote_to_bytes(loose[2]), loose[1]))
    return ""


def clean_name(name: str) -> str:
    """Return a name for people: no path, no control character, 120 characters at most."""
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\"<>|:*?]", "", name)
    stem, dot, ending = name.strip(" .").rpartition(".")
    return f"{stem[:110]}.{ending[:9]}" if dot and stem else name.strip(" .")[:120]


def _unique(name: str, content_type: str, names: dict[str, int]) -> str:
    if not name:
        kind = "photo" if content_type.startswith("image/") else "document"
        if content_type == "message/rfc822":
            kind = "message"
        ending = TYPES.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
        name = f"{kind}{'.eml' if kind == 'message' else ending}"
    count = names[name.lower()] = names.get(name.lower(), 0) + 1
    if count == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({count}).{ending}" if dot else f"{name} ({count})"


def real_type(declared: str, name: str, data: bytes) -> str:
    """Return the type by the bytes: what phones call octet-stream is often a photo."""
    if name.lower() == "winmail.dat":
        return MEDIA_TYPES[FileType.TNEF]
    found = recognise(data[:HEAD])
    return MEDIA_TYPES.get(found, declared) if found else declared


def _sort(part: Message, found: Parts, names: dict[str, int]) -> None:
    kind, name = _type(part), filename(part)
    attached = _disposition(part) == "attachment"
    if kind == "message/delivery-status" or kind == "message/global-delivery-status":
        found.report += _flat(part)[:MOST_TEXT]
        return
    if kind == "message/feedback-report":
        found.feedback += _flat(part)[:MOST_TEXT]
        return
    if kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/partial"):
        data = _flat(part).encode("utf-8", "surrogateescape")
        found.trace.append(charsets.decode(data[:FLAT]))
        if found.is_report:
            return
        if not name and part.is_multipart():
            inside = next(iter(part.get_payload()), Message())
            subject = charsets.header(str(inside.get("Subject") or ""))
            name = clean_name(subject)[:80] + ".eml" if clean_name(subject) else ""
        _keep(found, names, name, "message/rfc822", data, "")
        return
    data = _bytes(part)
    if kind.startswith("multipart/"):
        kind = "text/plain"  # announced parts that are not there
    if not attached and not name and kind in SHOWN:
        text = charsets.decode(data[:MOST_TEXT], _charset(part))
        getattr(found, SHOWN[kind]).append(text)
        return
    cid = str(part.get("Content-ID") or "").strip("<> \r\n\t")[:200]
    _keep(found, names, name, real_type(kind, name, data), data, cid)


def _keep(found: Parts, names: dict, name: str, kind: str, data: bytes, cid: str) -> None:
    if not data and not name:
        return
    name = _unique(name, kind, names)
    if len(data) > LARGEST_FILE:
        found.too_big.append(name)
    else:
        found.files.append(File(name, kind, data, cid))


def _flat(part: Message) -> str:
    """Return the source of what a part contains."""
    if not part.is_multipart():
        return _bytes(part).decode("utf-8", "surrogateescape")
    texts = []
    for item in part.get_payload():
        if isinstance(item, Message):
            try:
                texts.append(item.as_bytes().decode("utf-8", "surrogateescape"))
            except Exception:  # the library cannot always write what it has read
                lines = [f"{name}: {value}" for name, value in item.items()]
                texts.append("\n".join(lines) + "\n\n" + _flat(item))
    return "\n".join(texts)
