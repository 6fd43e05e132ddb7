"""Decode bytes: what a mail declares, then UTF-8, then Windows-1252. Pure.

Names of character sets are those of the WHATWG Encoding Standard (webencodings), as in every
webmail. What it excludes stays excluded: UTF-7 hides markup from every filter.
"""

import codecs
import re

import webencodings
from webencodings import Encoding

# Names that mail programs write and the standard does not list. Western synonyms need no line:
# UTF-8 and Windows-1252 are tried for every unknown name.
UNLISTED = {"ks_c_5601": "euc-kr", "latin9": "iso-8859-15"}
WINDOWS = re.compile(r"^(?:x-)?(?:windows|cp|win)-?(125\d)$")
# In the standard, but no character sets.
NO_TEXT = {"replacement", "x-user-defined"}
UTF8, WESTERN = webencodings.lookup("utf-8"), webencodings.lookup("windows-1252")
# A declared Western set is most often UTF-8 that nobody relabelled: valid UTF-8 wins there.
DOUBTED = {"windows-1252", "iso-8859-15"}
MANY_BYTES = {"euc-kr", "gb18030", "shift_jis", "iso-2022-jp", "euc-jp", "big5"}
# A question mark may stand within, unescaped; the last word may be cut off by a limit of length.
WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,4000}?)(?:\?=|\?$|$)")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def encoding(declared: str) -> Encoding | None:
    """Return the encoding of a declared character set; None when unknown or no character set."""
    name = declared.strip().strip("\"'").lower().replace("charset=", "")[:60]
    name = UNLISTED.get(name, WINDOWS.sub(r"windows-\1", name))
    found = webencodings.lookup(name) if name.isascii() else None
    if found is None or found.name in NO_TEXT:
        return None
    # The standard decodes GBK as GB 18030, its superset; Python's own GBK is narrower.
    return webencodings.lookup("gb18030") if found.name == "gbk" else found


def decode(data: bytes, declared: str = "") -> str:
    """Return the text of ``data``; never raises, never leaves a NUL or a lone surrogate.

    A byte order mark is believed before the declaration and left out, as the standard says.
    """
    return (
        CONTROLS.sub("", _decode(data, encoding(declared)))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def _decode(data: bytes, declared: Encoding | None) -> str:
    order = [declared, UTF8]
    if declared is not None and declared.name in DOUBTED:
        order = [UTF8, declared]
    for candidate in filter(None, order):
        try:
            return webencodings.decode(data, candidate, "strict")[0]
        except UnicodeError:
            continue
    many = declared if declared is not None and declared.name in MANY_BYTES else None
    for candidate in filter(None, [many, UTF8]):
        text = candidate.codec_info.decode(data, "replace")[0]
        # Cut in the middle of a character, or one bad byte: not another alphabet.
        if text.count("\ufffd") * 50 <= sum(c > "\x7f" for c in text):
            return text
    try:
        return WESTERN.codec_info.decode(data, "strict")[0]
    except UnicodeError:
        return data.decode("iso-8859-15")


def header(value: str | bytes, declared: str = "") -> str:
    """Return a header as text on one line.

    Encoded words (RFC 2047) and bare 8-bit bytes decoded; ``declared`` is the character set of the
    body, which a header that is not UTF-8 most often shares.
    """
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
    text = "".join(decode(data, name) if name else _bare(data, declared) for name, data in pieces)
    return " ".join(text.split())


def _bare(data: bytes, declared: str) -> str:
    if b"\x1b$" in data or b"\x1b(" in data:  # Japanese in seven bits, as it was before RFC 2047
        return decode(data, "iso-2022-jp")
    try:
        return CONTROLS.sub("", data.decode())
    except UnicodeError:
        return decode(data, declared)


def _word(how: bytes, data: bytes) -> bytes:
    if how in b"bB":
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
        return codecs.decode(kept + b"=" * (-len(kept) % 4), "base64")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))
