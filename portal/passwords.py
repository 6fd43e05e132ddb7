"""Which passwords are refused beside the short ones: those that people here guess first.

No list of leaked passwords is shipped: an installation may name one of its own, as a file of
prefixes of SHA-1 in ``PALIER_BREACHED``, one a line, sorted, all of one length (the first
characters of each line of the lists that are published).
"""

import hashlib
import mmap
import re
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.text import plain

# What is left of a password once these are taken out must be as long as this.
LEFT = 6
WORDS = (
    "motdepasse password passe azerty qwerty bonjour bienvenue soleil doudou chouchou jetaime "
    "palier logement locataire bailleur gardien residence loyer agence admin accueil secret "
    "printemps automne hiver janvier fevrier mars avril juin juillet aout septembre octobre "
    "novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche france paris nantes "
    "lyon marseille lille toulouse bordeaux rennes"
)
# Rows of a French and of an English keyboard, and the alphabet: walked for four keys or more.
ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghij")
STEPS = 4


class GuessableValidator:
    """Refuses a password that is little more than words, names, keys in a row and a year."""

    def validate(self, password: str, user=None) -> None:
        """Raise ValidationError for a password that somebody who knows the house would try."""
        left = re.sub(r"[^a-z0-9@.]", "", plain(password))
        for word in sorted(self.words(user), key=len, reverse=True):
            left = left.replace(word, "")
        left = _without_walks(re.sub(r"[^a-z0-9]", "", left))
        left = re.sub(r"(19|20)\d\d|\d{2,}$|^\d+|(.)\2{2,}", "", left)
        if len(left) < LEFT:
            raise ValidationError(self.get_help_text(), code="password_guessable")

    def words(self, user) -> set[str]:
        """Return what stands for nothing: common words, the landlord's, and the person's own."""
        house = import_string(settings.PALIER_LANDLORD)()
        own = f"{house.name} {getattr(user, 'first_name', '')} {getattr(user, 'last_name', '')} "
        own += re.sub(r"[@.+_-]", " ", getattr(user, "email", "") or "")
        return {word for word in [*plain(own).split(), *WORDS.split()] if len(word) > 2}

    def get_help_text(self) -> str:
        return _("Not only common words, names, keys in a row or a year: add words of your own.")


def _without_walks(text: str) -> str:
    """Remove runs of neighbouring keys, forwards and backwards."""
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), STEPS - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], "")
    return text


class BreachedValidator:
    """Refuses what stands in the installation's own list of leaked passwords, if it has one."""

    def validate(self, password: str, user=None) -> None:
        """Raise ValidationError for a listed password."""
        if settings.PALIER_BREACHED and is_listed(Path(settings.PALIER_BREACHED), password):
            raise ValidationError(
                _("This password was leaked somewhere: others try it. Choose another."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return ""


def is_listed(path: Path, password: str) -> bool:
    """Search the sorted file by halves; a file of millions of lines costs some twenty reads."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        width = lines.find(b"\n") + 1
        wanted, low, high = digest[: width - 1], 0, len(lines) // width
        while low < high:
            middle = (low + high) // 2
            found = lines[middle * width : middle * width + width - 1].upper()
            if found == wanted:
                return True
            low, high = (middle + 1, high) if found < wanted else (low, middle)
    return False
