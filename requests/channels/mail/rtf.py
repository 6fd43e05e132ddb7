"""Turn RTF into plain text, and unpack the RTF that Outlook compresses. Pure.

Sources: Rich Text Format Specification 1.9.1, [MS-OXRTFCP] (compression), [MS-OXRTFEX] (RTF that
wraps an HTML: what only repeats its tags is marked ``htmlrtf`` or ``htmltag``).
"""

import re
import struct

# The dictionary that every compressed stream begins with ([MS-OXRTFCP], 2.1.2.1).
DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
COMPRESSED, PLAIN = b"LZFu", b"MELA"
WINDOW = 4096
MOST = 4_000_000  # bytes of an unpacked stream
TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)",
    re.IGNORECASE,
)
# Groups whose words are not the text.
HIDDEN = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "generator", "fldinst"),
    *("filetbl", "listtable", "listoverridetable", "rsidtbl", "themedata", "datastore", "xmlnstbl"),
    *("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"),
    "bkmkstart",
}
BREAKS = {**dict.fromkeys(("par", "line", "sect", "page", "row"), "\n"), "cell": "\t", "tab": "\t"}
SIGNS = {"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "bullet": "•"}
SHOWN = {**BREAKS, **SIGNS, "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " "}
SYMBOLS = {"~": "\u00a0", "_": "-", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}


def decompress(data: bytes) -> bytes:
    """Return the RTF of a compressed stream; what is cut short is returned as far as it goes."""
    if len(data) < 16:
        return b""
    _size, raw, how = struct.unpack_from("<II4s", data)
    if how == PLAIN:
        return data[16 : 16 + raw]
    if how != COMPRESSED:
        return b""
    window = bytearray(DICTIONARY.ljust(WINDOW, b"\0"))
    at, place, out = 16, len(DICTIONARY), bytearray()
    while at < len(data) and len(out) < MOST:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                if at >= len(data):
                    return bytes(out)
                piece, at = data[at : at + 1], at + 1
                window[place] = piece[0]
                place = (place + 1) % WINDOW
                out += piece
                continue
            if at + 2 > len(data):
                return bytes(out)
            word = data[at] << 8 | data[at + 1]
            at += 2
            start = word >> 4
            if start == place:  # the end of the stream
                return bytes(out)
            for step in range((word & 0xF) + 2):
                byte = window[(start + step) % WINDOW]
                out.append(byte)
                window[place] = byte
                place = (place + 1) % WINDOW
    return bytes(out)


def to_text(data: bytes) -> str:
    """Return the words of an RTF; "" when it is none."""
    if not data.lstrip().startswith(b"{\\rtf"):
        return ""
    source = data[:MOST].decode("latin-1")
    page = re.search(r"\\ansicpg(\d{1,5})", source[:2_000])
    encoding = f"cp{page[1]}" if page else "cp1252"
    out: list[str] = []
    waiting = bytearray()  # letters of the code page: one may take two bytes
    stack: list[tuple[bool, int]] = []
    hidden, skip, left, tags = False, 1, 0, False
    first = False  # the next word opens a group

    def flush() -> None:
        if waiting:
            try:
                out.append(waiting.decode(encoding, "replace"))
            except LookupError:
                out.append(waiting.decode("cp1252", "replace"))
            waiting.clear()

    for found in TOKEN.finditer(source):
        word, number, byte, symbol, brace, plain = found.groups()
        if byte is None:
            flush()
        if brace == "{":
            stack.append((hidden, skip))
            first = True
            continue
        if brace == "}":
            hidden, skip = stack.pop() if stack else (False, 1)
            left = 0
        elif word == "htmlrtf":
            tags = number != "0"
        elif word in HIDDEN and first or symbol == "*":
            hidden = True
        elif word == "uc":
            skip = int(number or 1)
        elif hidden or tags:
            pass
        elif word == "u" and number:
            out.append(chr(int(number) % 65536))
            left = skip
        elif word in SHOWN:
            out.append(SHOWN[word])
        elif symbol in SYMBOLS:
            out.append(SYMBOLS[symbol])
        elif byte is not None:
            if left:
                left -= 1
            else:
                waiting.append(int(byte, 16))
        elif plain:
            cut = min(left, len(plain))
            left -= cut
            out.append(plain[cut:].encode("latin-1").decode("cp1252", "replace"))
        first = False
    flush()
    text = "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"\n{3,}", "\n\n", text.replace("\0", "")).strip()
