"""Short legal references of the catalogue, written out for tenants. Pure.

[v] after a reference: checked against its text; [k]: to be checked, so tenants do not see it.
"""

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


def source_texts(source: str) -> list[str]:
    """Return references in words: « D87-712 IV-a [v]; OPH31 U2 [v] » → ["decree 87-712 … IV-a"]."""
    found = []
    for part in source.replace("[v]", "").split(";"):
        if "[k]" in part:
            continue
        for short, words in TEXTS:
            if part.strip().startswith(short):
                found.append(f"{words} {part.strip()[len(short) :].strip()}".strip())
    return found
