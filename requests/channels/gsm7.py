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
    """Return how long the text is as it stands, with ``more`` units beside it."""
    cheap = not unsupported_characters(text)
    if cheap:
        units, one, many = sum(2 if c in EXTENDED else 1 for c in text), 160, 153
    else:
        units, one, many = len(text.encode("utf-16-be")) // 2, 70, 67
    units += more
    parts = 1 if units <= one else -(-units // many)
    return Length(units, parts, one if parts == 1 else parts * many, cheap)


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
