"""Bytes to text: what a mail declares, then UTF-8, then what Western machines wrote. Pure."""

import codecs
import re

# Names that mail programs use and Python does not know, or knows too narrowly.
ALIASES = {
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "utf8mb4": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "default": "",
    "x-user-defined": "",
}
# UTF-7 hides markup from every filter; the others are no character sets.
REFUSED = {
    "utf-7",
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
}
MANY_BYTES = {"cp949", "gb18030", "cp932", "iso2022_jp", "euc_jp", "big5", "iso2022_kr"}
WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def codec(declared: str) -> str:
    """Python's name of a declared character set; "" when unknown or refused."""
    name = declared.strip().strip("\"'").lower().replace("charset=", "")[:60]
    name = ALIASES.get(name, name)
    name = re.sub(r"^(?:x-)?(?:windows|cp|win)-?(125\d)$", r"cp\1", name)
    if not name or "\0" in name:
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    if found.name in REFUSED or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def decode(data: bytes, declared: str = "") -> str:
    """Text of ``data``; never raises, never leaves a NUL or a lone surrogate."""
    return (
        CONTROLS.sub("", _decode(data, codec(declared))).replace("\r\n", "\n").replace("\r", "\n")
    )


def _decode(data: bytes, name: str) -> str:
    # A declared iso-8859-1 is most often UTF-8 that nobody relabelled: valid UTF-8 wins there.
    order = [name, "utf-8"] if name not in ("cp1252", "iso8859-15") else ["utf-8", name]
    for candidate in filter(None, order):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    for candidate in (name if name in MANY_BYTES else "", "utf-8"):
        if not candidate:
            continue
        text = data.decode(candidate, "replace")
        # Cut in the middle of a character, or one bad byte: not another alphabet.
        if text.count("\ufffd") * 50 <= sum(c > "\x7f" for c in text):
            return text
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("iso-8859-15")


def header(value: str | bytes) -> str:
    """A header as people read it: encoded words (RFC 2047) and bare 8-bit bytes, on one line."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    raw = re.sub(rb"[\r\n\t ]+", b" ", raw[:20_000])
    pieces: list[tuple[str, bytes]] = []  # (character set, bytes); neighbours are joined
    end = 0
    for found in WORD.finditer(raw):
        between = raw[end : found.start()]
        if between.strip() or not pieces:
            pieces.append(("", between))
        name = found[1].decode("ascii", "replace").partition("*")[0].lower()
        data = _word(found[2], found[3])
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + data)
        else:
            pieces.append((name, data))
        end = found.end()
    pieces.append(("", raw[end:]))
    text = "".join(decode(data, name) for name, data in pieces)
    return " ".join(text.split())


def _word(how: bytes, data: bytes) -> bytes:
    if how in b"bB":
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
        return codecs.decode(kept + b"=" * (-len(kept) % 4), "base64")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))
