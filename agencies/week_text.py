"""A week of opening hours as people write it: one line a day, « 8 h 30 – 12 h 30, 13 h 30 – 17 h ».

Pure.
"""

import re
from datetime import time

Span = tuple[time, time]
HOUR = r"(\d{1,2})\s*(?:(?:h|:|\.)\s*(\d{2})?)?\s*(am|pm|a\.m\.|p\.m\.)?"
SPAN = re.compile(rf"{HOUR}\s*(?:-|–|—|à|a|to|/)\s*{HOUR}", re.IGNORECASE)
CLOSED = frozenset({"", "ferme", "fermé", "fermée", "closed", "-", "–", "—"})


class Unreadable(ValueError):
    """The text is not a day's hours."""


def parse_day(text: str) -> list[Span]:
    """Return the spans of one day, in order; none for a closed day. Raises Unreadable."""
    text = re.sub(r"[\u00a0\u202f]", " ", text).strip().lower()
    if text in CLOSED:
        return []
    spans, rest = [], text
    for found in SPAN.finditer(text):
        rest = rest.replace(found.group(0), "", 1)
        first, last = _time(*found.groups()[:3]), _time(*found.groups()[3:])
        if first >= last:
            raise Unreadable(text)
        spans.append((first, last))
    if not spans or re.sub(r"[\s,;&+]|et|and|puis", "", rest):
        raise Unreadable(text)
    spans.sort()
    if any(one[1] > after[0] for one, after in zip(spans, spans[1:], strict=False)):
        raise Unreadable(text)
    return spans


def _time(hour: str, minute: str | None, half: str | None) -> time:
    number = int(hour)
    if half:
        number = number % 12 + (12 if half.startswith("p") else 0)
    try:
        return time(number, int(minute or 0))
    except ValueError as error:
        raise Unreadable(hour) from error
