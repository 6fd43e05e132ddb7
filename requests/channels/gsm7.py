"""The GSM 03.38 alphabet: what an SMS can carry without tripling its price. Pure.

One character outside it turns the whole message into UCS-2: 70 characters a part, not 160.
"""

import unicodedata
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # each counts twice
SPELLED = {
    "œ": "oe",
    "Œ": "OE",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "’": "'",
    "‘": "'",
    "…": "...",
    "–": "-",
    "—": "-",
    "•": "-",
    "·": "-",
    "→": "->",
    "°": "o",
    "×": "x",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "⁄": "/",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ħ": "H",
    "ħ": "h",
    "ı": "i",
    "ŋ": "ng",
    "þ": "th",
    "ð": "d",
    "′": "'",
    "″": '"',
    "−": "-",
    "‑": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u200b": "",
    "\t": " ",
}


def unsupported_characters(text: str) -> list[str]:
    """Return characters outside the alphabet, each once, in order, to check a template."""
    return [c for c in dict.fromkeys(text) if c not in BASIC and c not in EXTENDED]


def to_gsm7(text: str) -> str:
    """Replace letters so that French and most Latin text fits the alphabet; keep other scripts.

    « ê » becomes "e", « œ » "oe", « – » "-". Arabic or Cyrillic is better sent in three parts
    than turned into question marks.
    """
    out = []
    for char in unicodedata.normalize("NFC", text):
        if char in BASIC or char in EXTENDED:
            out.append(char)
            continue
        spelled = SPELLED.get(char)
        if spelled is None:
            plain = unicodedata.normalize("NFKD", char)
            spelled = "".join(c for c in plain if c in BASIC)
        out.append(spelled if spelled or char in SPELLED else char)
    return "".join(out)


@dataclass(frozen=True)
class Length:
    """``units`` of a text, how many the ``parts`` it costs can hold, and in which alphabet."""

    units: int
    parts: int
    most: int
    cheap: bool


def length(text: str, *, more: int = 0) -> Length:
    """Return how long the text is as it stands, with ``more`` units beside it.

    Parts are counted as the network fills them (3GPP TS 23.040, 9.2.3.24.1): an escape and its
    character, or the two halves of an emoji, never stand in two parts.
    """
    cheap = not unsupported_characters(text)
    if cheap:
        costs, one, many = [2 if c in EXTENDED else 1 for c in text], 160, 153
    else:
        costs, one, many = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67
    units = sum(costs) + more
    parts = 1 if units <= one else _parts(costs, more, many)
    return Length(units, parts, one if parts == 1 else parts * many, cheap)


def _parts(costs: list[int], more: int, many: int) -> int:
    """Return how many parts of ``many`` units hold the characters, none of which is cut."""
    parts, used = 1, 0
    for cost in [*costs, *[1] * more]:
        if used + cost > many:
            parts, used = parts + 1, 0
        used += cost
    return parts


def count_parts(text: str) -> int:
    """Return how many SMS the text costs."""
    return length(text).parts


def alphabet() -> dict:
    """Return the tables, for a script that spells and counts as this module does."""
    return {
        "basic": "".join(sorted(BASIC)),
        "extended": "".join(sorted(EXTENDED)),
        "spelled": SPELLED,
    }
