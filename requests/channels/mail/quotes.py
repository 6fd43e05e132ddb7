"""Separate what somebody wrote now from quotes and signatures. Nothing is deleted. Pure.

Covers the programs tenants use: Gmail, Outlook, iPhone, Android, Thunderbird, Yahoo, and the
webmails of Orange, Free (Zimbra), SFR, Bouygues and La Poste, in French and in English.
"""

import re

LOOKED = 4_000  # lines
_WROTE = re.compile(
    r"^(?:Le|On|El|Am|Il)\b.{6,400}?\b(?:a écrit|ecrit|wrote|escribió|schrieb|ha scritto)"
    r"\s?:?$",
    re.IGNORECASE | re.DOTALL,
)
_WROTE_END = re.compile(r"(?:a écrit|ecrit|wrote|escribió|schrieb|ha scritto)\s?:?$", re.IGNORECASE)
_LABEL = (
    r"(?:de|from|envoyé(?: par| le)?|envoye|sent|date|à|a|to|cc|objet|subject|sujet|"
    r"répondre à|reply-to|expéditeur|destinataire)"
)
_FIELD = re.compile(rf"^[>\s*]*\*?{_LABEL}\s?\*?\s?:\*?\s?\S?", re.IGNORECASE)
_FIRST = re.compile(r"^[>\s*]*\*?(?:de|from|envoyé|date|expéditeur)\s?\*?\s?:", re.IGNORECASE)
_RULE = re.compile(
    r"^[>\s]*[-_=*]{2,}\s?(?:message (?:d'origine|d’origine|original|initial|transféré|transmis)|"
    r"original message|mail original|e-mail d'origine|forwarded message|"
    r"message réacheminé|reply message|courriel original)\s?[-_=*]{2,}$",
    re.IGNORECASE,
)
_MESSAGE_OF = re.compile(r"^[>\s]*Message du \d{1,2}/\d{1,2}/\d{2,4}", re.IGNORECASE)
_LINE = re.compile(r"^_{10,}$|^-{20,}$")
_SIGNATURE = re.compile(
    r"^(?:envoyé (?:de|depuis|à partir de|avec|via|par) (?:mon|ma|l'|l’|la |le |un |une |yahoo|"
    r"outlook|gmail|orange|proton|hotmail|bluemail|free|sfr|laposte|courrier|mail|samsung|android|"
    r"iphone|ipad|webmail|galaxy)|"
    r"sent from (?:my|mail|outlook|yahoo|samsung)|sent with proton|"
    r"(?:télécharge[zr]|obtenir|obtenez|get) outlook (?:pour|for)|"
    r"provenance : courrier pour windows|"
    r"garanti sans virus|sans virus\.\s?www\.avast|"
    r"l'absence de virus dans ce courrier|this email has been checked for viruses|"
    r"je(?: vous)? réponds depuis mon mobile|"
    r"-- ?$|--\s?$)",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, str]:
    """Return ``(visible, folded)``. When nothing would stay visible, all of it does."""
    lines = text.strip("\n").split("\n")
    head, rest = lines[:LOOKED], lines[LOOKED:]
    visible, folded = _quote(head)
    if rest:
        folded += rest
    visible, signature = _signature(visible)
    shown = "\n".join(visible).strip()
    if not shown:
        return text.strip(), ""
    return shown, "\n".join(signature + folded).strip("\n")


def _quote(lines: list[str]) -> tuple[list[str], list[str]]:
    for number, line in enumerate(lines):
        size = _opening(lines, number)
        if size is None:
            continue
        if not line.startswith(">") and size:
            after = lines[number + size :]
            answer = _below(after)
            if answer is not None:
                kept, quoted = answer
                if not kept:
                    return lines[:number], lines[number:]
                above = lines[:number]
                return above + kept, lines[number : number + size] + quoted
            if after and any(item.startswith(">") for item in after):
                return lines, []  # answers between quoted lines make no sense without them
        return lines[:number], lines[number:]
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    marked = any(item.startswith(">") for item in lines[end:])
    return (lines[:end], lines[end:]) if marked else (lines, [])


def _opening(lines: list[str], number: int) -> int | None:
    """Return how many lines the quote's heading takes when one starts here, else None."""
    line = lines[number].strip()
    if not line or len(line) > 1_000:
        return None
    if line[:2].lower() in ("le", "on", "el", "am", "il"):
        joined = ""
        for size in range(1, 5):
            if number + size > len(lines):
                break
            following = lines[number + size - 1].strip()
            if not following or (size > 1 and following[:3].lower() in ("le ", "on ")):
                break  # another sentence, not a heading that was wrapped
            joined = f"{joined} {following}".strip()
            if _WROTE_END.search(joined) and _WROTE.match(joined) and re.search(r"[\d@]", joined):
                return size
    if _RULE.match(line) or _MESSAGE_OF.match(line):
        return 0
    near = [item.strip() for item in lines[number : number + 9] if item.strip()]
    if _LINE.match(line) and len(near) > 2 and _FIRST.match(near[1]) and _FIELD.match(near[2]):
        return 0
    if _FIRST.match(line):
        fields = 0
        for item in near[:6]:
            if not _FIELD.match(item):
                break
            fields += 1
        if fields >= 3:
            return 0
    return None


def _below(after: list[str]) -> tuple[list[str], list[str]] | None:
    """Handle « Le … a écrit : » followed by ``>`` lines and then an answer below them.

    Returns (answer, quoted); None when nothing is marked, or when the answers are in between.
    """
    start = 0
    while start < len(after) and not after[start].strip():
        start += 1
    if start == len(after) or not after[start].startswith(">"):
        return None
    end = start
    while end < len(after) and (not after[end].strip() or after[end].startswith(">")):
        end += 1
    if any(item.startswith(">") for item in after[end:]):
        return None
    return after[end:], after[:end]


def _signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Fold from the first signature mark among the last 25 lines."""
    for number in range(max(0, len(lines) - 25), len(lines)):
        if len(lines[number]) < 300 and _SIGNATURE.match(lines[number].strip(" \t*")):
            return lines[:number], lines[number:]
    return lines, []
