"""Short legal references of the catalogue, spelt out for the person who reads them. Pure."""

from django.utils.translation import gettext_lazy as _

# How the catalogue begins a reference, and what it stands for. Other parts (deadlines of other
# landlords, contracts) are not law and stay out.
TEXTS = (
    ("D87-712", _("decree 87-712 of 26 August 1987")),
    ("D87-713", _("decree 87-713 of 26 August 1987")),
    ("D2002-120", _("decree 2002-120 of 30 January 2002")),
    ("L89", _("law of 6 July 1989, article")),
    ("CCH", _("building and housing code")),
)


def spoken_sources(source: str) -> list[str]:
    """« D87-712 IV-a [v]; OPH31 U2 [v] » → ["decree 87-712 of 26 August 1987 IV-a"]."""
    found = []
    for part in source.replace("[v]", "").replace("[k]", "").split(";"):
        for short, words in TEXTS:
            if part.strip().startswith(short):
                found.append(f"{words} {part.strip()[len(short) :].strip()}".strip())
    return found
