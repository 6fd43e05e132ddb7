"""Separate what somebody wrote now from quotes and signatures. Nothing is deleted. Pure.

Programs open a quote in three ways: by a sentence (« Le …, Paul a écrit : »), by a head of fields
(« De : … Envoyé : … ») or by a line (« ----- Message d'origine ----- »). Their words are in
``quote_words``, for the programs tenants use: Gmail, Outlook, iPhone, Android, Thunderbird, Yahoo,
Zoho, Proton, and the webmails of Orange, Free (Zimbra), SFR, Bouygues and La Poste.
"""

import re
from collections.abc import Iterable

from requests.channels.mail import quote_words as words

LOOKED = 4_000  # lines
MOST_HEADING = 400  # characters
HEADING_LINES = 4
CONTINUED = 2  # lines by which one field of a head may be wrapped


def _any(choices: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(set(choices), key=len, reverse=True))


_VERB = rf"(?:{_any(words.WROTE)})"
_DASH = r"\-\u2010-\u2015_=*~"
_ADDRESS = r"[^\s<>()\[\]]{1,80}@[^\s<>()\[\]]{3,120}"
_BETWEEN = rf"(?:<(?:mailto:)?{_ADDRESS}>|\((?:mailto:)?<?{_ADDRESS}>?\)|\[mailto:{_ADDRESS}\])"
_TIME = r"(?<!\d)[0-2]?\d\s?[:.hH]\s?[0-5]\d(?!\d)"
_DATED = re.compile(r"[\d@]")
_LEAD = rf"^[{_DASH}\s]{{0,12}}"
_END = rf"\s?[:：]?[\s{_DASH}]*$"
_FLAGS = re.IGNORECASE | re.DOTALL
# « Le 3 mai 2026, Paul a écrit : »; « Op 3 mei 10:02 schreef Paul <…>: » has its verb inside.
_OPENED = re.compile(rf"{_LEAD}(?:{_any(words.OPENERS)})\b.{{6,}}?\s{_VERB}{_END}", _FLAGS)
_INSIDE = re.compile(
    rf"{_LEAD}(?:{_any(words.OPENERS)})\b.*\b(?:{_any(words.WROTE_INSIDE)})\s.*[:：]$", _FLAGS
)
_UNMISTAKABLE = re.compile(
    rf"(?:{_TIME}|{_BETWEEN}).*(?:{_any(words.WROTE_ANYWHERE)}).{{0,60}}?\s?[:：]?$", _FLAGS
)
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[/.-]\d{1,2}(?!\d)")
# In any language: a time of day and then an address in brackets before the colon.
_SENT_BY = re.compile(rf"{_TIME}.*{_BETWEEN}\s?[:：]$", _FLAGS)
_FRENCH_OR_ENGLISH = re.compile(rf"{_LEAD}(?:le|on)\b", re.IGNORECASE)
_BY = re.compile(rf"{_BETWEEN}[\s,]*{_VERB}\s?[:：]$", _FLAGS)
_NOTES = re.compile(
    r"(?:wrote on|a écrit sur) \d{1,2}[/.]\d{1,2}[/.]\d{2,4}.{0,20}:$", re.IGNORECASE
)
_QUOTING = re.compile(rf"^(?:{_any(words.QUOTING)})\s.{{2,120}}:$", re.IGNORECASE)
_ANY_END = re.compile(rf"(?:[:：]|{_VERB}|[{_DASH}]{{2,}})$", re.IGNORECASE)
_LONGEST_END = max(map(len, (*words.WROTE, "--")))  # a heading may be long, its end is not
_MARK = r"[>\s*|]*"
_AFTER = r"\s?\*?\s?[:：]\s?\*?"
_FIELD = re.compile(
    rf"^{_MARK}(?P<label>{_any((*words.FROM, *words.SENT, *words.OTHER))}){_AFTER}", re.IGNORECASE
)
_FIRST = re.compile(rf"^{_MARK}(?:{_any((*words.FROM, *words.SENT))}){_AFTER}", re.IGNORECASE)
_RULE = re.compile(
    rf"^[>\s]*[{_DASH}]{{2,}}\s?(?:{_any(words.ORIGINAL)})\s?:?\s?[{_DASH}]{{2,}}$", re.IGNORECASE
)
_FORWARDED = re.compile(rf"^[>\s]*(?:{_any(words.FORWARDED)})\s?:$", re.IGNORECASE)
_MESSAGE_OF = re.compile(r"^[>\s]*Message du\s?:?\s?\d{1,2}/\d{1,2}/\d{2,4}", re.IGNORECASE)
_LINE = re.compile(r"^_{10,}$|^-{20,}$")
_STROKE = re.compile(rf"^[{_DASH}]{{5,}}$")
_SIGNATURE = re.compile(rf"^(?:{'|'.join(words.SIGNATURES)})", re.IGNORECASE)


def split(text: str) -> tuple[str, str]:
    """Return ``(visible, folded)``. When nothing would stay visible, all of it does."""
    lines = text.strip("\n").split("\n")
    head, rest = lines[:LOOKED], lines[LOOKED:]
    visible, folded = _quote(head)
    visible, folded = _stroke(visible, folded)
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
    """Return how many lines the quote's heading takes when one starts here, else None.

    0: the heading itself belongs to what is folded, and answers do not stand below it.
    """
    line = lines[number].strip()
    if not line or len(line) > 1_000:
        return None
    size = _sentence(lines, number)
    if size is not None:
        return size
    if _RULE.match(line) or _MESSAGE_OF.match(line) or _FORWARDED.match(line):
        return 0
    near = [item.strip() for item in lines[number : number + 20] if item.strip()]
    if _LINE.match(line) and len(near) > 2 and _FIRST.match(near[1]) and _fields(near[1:]) >= 2:
        return 0
    if _FIRST.match(line) and _fields(near) >= 3:
        return 0
    return None


def _sentence(lines: list[str], number: int) -> int | None:
    """Return the lines of a sentence that opens a quote, as wrapped as programs wrap it."""
    joined = ""
    for size in range(1, HEADING_LINES + 1):
        if number + size > len(lines):
            return None
        following = lines[number + size - 1].strip()
        if not following or (size > 1 and following[:3].lower() in ("le ", "on ")):
            return None  # another sentence, not a heading that was wrapped
        joined = f"{joined} {following}".strip()
        if len(joined) > MOST_HEADING:
            return None
        if _ANY_END.search(joined, max(0, len(joined) - _LONGEST_END)) and _is_heading(joined):
            return size
    return None


def _is_heading(text: str) -> bool:
    """Return whether a text that ends like one opens a quote.

    A verb alone proves nothing: people write « Le voisin du 3e a écrit : » themselves.
    """
    if _QUOTING.match(text) or _UNMISTAKABLE.search(text):
        return True
    if not _DATED.search(text):
        return False
    if _SENT_BY.search(text) or _BY.search(text) or _NOTES.search(text):
        return True
    exact = re.search(_TIME, text) or re.search(_ADDRESS, text)
    if exact and _INSIDE.match(text):
        return True
    ours = _FRENCH_OR_ENGLISH.match(text)
    return bool(_OPENED.match(text) and (exact or (ours and _DAY.search(text))))


def _fields(near: list[str]) -> int:
    """Return how many different fields a quoted head has; each may be wrapped."""
    labels: set[str] = set()
    wrapped = 0
    for item in near:
        found = _FIELD.match(item)
        if found:
            labels.add(found["label"].lower())
            wrapped = 0
        elif wrapped < CONTINUED and labels:
            wrapped += 1
        else:
            break
    return len(labels)


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


def _stroke(visible: list[str], folded: list[str]) -> tuple[list[str], list[str]]:
    """Fold the stroke that a program draws above its quote."""
    end = len(visible)
    while end and not visible[end - 1].strip():
        end -= 1
    if folded and end and _STROKE.match(visible[end - 1].strip()):
        return visible[: end - 1], visible[end - 1 :] + folded
    return visible, folded


def _signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Fold from the first signature mark among the last 25 lines."""
    for number in range(max(0, len(lines) - 25), len(lines)):
        if len(lines[number]) < 300 and _SIGNATURE.match(lines[number].strip(" \t*")):
            return lines[:number], lines[number:]
    return lines, []
