"""Words that must not be kept in free text: health, origin, religion, opinions, offences.

Pure, and only a warning: the person corrects, or confirms that the word means something else
("canalisation malade"). The list is short on purpose; a long one would be clicked away.
"""

import re

from portal.text import plain

# Beginnings of plain words; "\\b" goes before each. Grouped by reason, in the order of the law.
SENSITIVE = (
    # health
    r"malad\w*",
    r"cancer\w*",
    r"depress\w*",
    r"handicap\w*",
    r"alcool\w*",
    r"drogu\w*",
    r"toxicoman\w*",
    r"seropositi\w*",
    r"schizo\w*",
    r"psychiatr\w*",
    r"enceinte",
    r"disabled",
    r"pregnant",
    r"mental(?:ly)? ill\w*",
    r"alcoholic\w*",
    # origin
    r"african\w*",
    r"africain\w*",
    r"arabe\w*",
    r"maghrebin\w*",
    r"gitan\w*",
    r"tzigane\w*",
    r"d'origine",
    r"sans.papiers",
    # religion, opinions
    r"musulman\w*",
    r"muslim\w*",
    r"juif|juive\w*",
    r"jewish",
    r"catholique\w*",
    r"islam\w*",
    r"voile integral",
    r"syndiqu\w*",
    r"vote (?:rn|fn|lfi|ps|lr)",
    # sexual life
    r"homosexuel\w*",
    r"lesbienne\w*",
    r"gay",
    r"transgenre\w*",
    # offences
    r"delinquant\w*",
    r"dealer?s?",
    r"casier judiciaire",
    r"sort(?:ie?)? de prison",
    r"criminal\w*",
    # the national number
    r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dab] ?\d{3} ?\d{3}(?: ?\d{2})?",
)
FOUND = re.compile(r"\b(?:" + "|".join(SENSITIVE) + r")(?!\w)")


def sensitive_words(text: str) -> list[str]:
    """Return the words of ``text`` that look sensitive, plain, once each, in their order."""
    return list(dict.fromkeys(match.group() for match in FOUND.finditer(plain(text))))
