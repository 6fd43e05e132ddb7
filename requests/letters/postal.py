"""Fit an address into the six lines of 38 characters that sorting machines read. Pure.

Source: NF Z 10-011 (AFNOR 2013), and the abbreviations of La Poste (SNA). The first line names the
person, the last one the town or the country; when it does not fit, what stands between is
shortened and joined, never the end. What still does not fit is refused with a reason.
"""

import re

from django.utils.translation import gettext as _

LINES, LONGEST = 6, 38
# A word by its abbreviation, without regard to accents or capitals.
SHORT = {
    "allée": "ALL",
    "allee": "ALL",
    "appartement": "APT",
    "avenue": "AV",
    "bâtiment": "BAT",
    "batiment": "BAT",
    "boulevard": "BD",
    "chemin": "CHE",
    "docteur": "DR",
    "escalier": "ESC",
    "étage": "ETG",
    "etage": "ETG",
    "faubourg": "FG",
    "général": "GAL",
    "general": "GAL",
    "impasse": "IMP",
    "lotissement": "LOT",
    "maréchal": "MAL",
    "marechal": "MAL",
    "monseigneur": "MGR",
    "passage": "PAS",
    "place": "PL",
    "président": "PDT",
    "president": "PDT",
    "professeur": "PR",
    "quartier": "QUA",
    "résidence": "RES",
    "residence": "RES",
    "route": "RTE",
    "saint": "ST",
    "sainte": "STE",
    "square": "SQ",
}
WORD = re.compile(r"\w+")
# « 44000 NANTES »; a home's number and street are not to be joined with what stands before.
TOWN = re.compile(r"^(?:[A-Z]{1,3}[- ])?\d{4,5}\b.*[^\W\d]")
STREET = re.compile(r"^\d{1,4}\s?(?:bis|ter|quater|[a-z])?\b[ ,]", re.IGNORECASE)


class DoesNotFit(ValueError):
    """An address that no envelope can show; ``str()`` says which line, and what to do."""


def fit(lines: list[str]) -> list[str]:
    """Return at most six lines of at most 38 characters. Raises DoesNotFit."""
    kept = [" ".join(line.split()) for line in lines]
    kept = [line for line in kept if line]
    if not kept:
        raise DoesNotFit(_("The letter has no address."))
    # The town's line, and a country's behind it, stay whole and last.
    end = next((n for n in (len(kept) - 1, len(kept) - 2) if n > 0 and TOWN.match(kept[n])), None)
    end = len(kept) - 1 if end is None else end
    above = [part for line in kept[:end] for part in _wrapped(line)]
    below = [_shortened(line) for line in kept[end:]]
    for line in below:
        if len(line) > LONGEST:
            raise _too_long(line)
    while len(above) + len(below) > LINES:
        # What is joined as it stands reads best; abbreviations make room for more.
        joined = _joined(above) or _joined([above[0], *(_shortened(line, 0) for line in above[1:])])
        if joined is None:
            said = _("The address has more than 6 lines of 38 characters. Shorten it.")
            raise DoesNotFit(said)
        above = joined
    return above + below


def _too_long(line: str) -> DoesNotFit:
    said = _("“%(line)s” is longer than the 38 characters of an envelope’s line. Shorten it.")
    return DoesNotFit(said % {"line": line})


def _shortened(line: str, most: int = LONGEST) -> str:
    """Return the line with usual abbreviations, from its beginning, until it has ``most``."""
    while len(line) > most:
        found = next((w for w in WORD.finditer(line) if w[0].lower() in SHORT), None)
        if found is None:
            break
        line = line[: found.start()] + SHORT[found[0].lower()] + line[found.end() :]
    return line


def _wrapped(line: str) -> list[str]:
    """Return the line in as many as it needs. Raises DoesNotFit for a word that is too long."""
    line, parts = _shortened(line), []
    while len(line) > LONGEST:
        at = line.rfind(" ", 0, LONGEST + 1)
        if at <= 0:
            raise _too_long(line)
        parts.append(line[:at])
        line = line[at + 1 :]
    return [*parts, line]


def _joined(lines: list[str]) -> list[str] | None:
    """Return the lines with the two shortest neighbours on one; None when none fit.

    The name stays alone, and nothing stands before the number of a street.
    """
    pairs = [
        (len(lines[n]) + len(lines[n + 1]), n)
        for n in range(1, len(lines) - 1)
        if len(lines[n]) + 1 + len(lines[n + 1]) <= LONGEST and not STREET.match(lines[n + 1])
    ]
    if not pairs:
        return None
    _size, at = min(pairs)
    return [*lines[:at], f"{lines[at]} {lines[at + 1]}", *lines[at + 2 :]]


# How wide characters are at most in the letter's type, in parts of its height.
NARROW, WIDE, CAPITAL, OTHER = 0.36, 1.0, 0.74, 0.62


def type_size(lines: list[str], width: float, largest: float = 10.0) -> float:
    """Return the height of type, in points, by which the widest line takes ``width`` mm."""
    widest = max((sum(map(_breadth, line)) for line in lines), default=1.0)
    points = width / (widest * 25.4 / 72)
    return min(largest, int(points * 10) / 10)


def _breadth(char: str) -> float:
    if char in " iIjlt.,'’:;!|()-":
        return NARROW
    if char in "mwMW@%œŒæÆ—" or ord(char) > 0x24F:
        return WIDE
    return CAPITAL if char.isupper() else OTHER
