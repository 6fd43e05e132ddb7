"""Where a landlord without history begins: the catalogue's words and phrases of the product."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from requests.suggestions.model import Sample

FILE = Path(__file__).with_name("phrases.csv")
URGENT = "U0"  # danger to life (product.md, rule 4)


@cache
def phrases() -> tuple[Sample, ...]:
    """Short typical phrasings, in French with and without mistakes."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Sample(row["text"], row["category"], row["danger"] == "1")
            for row in csv.DictReader(file)
        )


def samples(categories: Iterable) -> list[Sample]:
    """Samples of ``categories`` (objects with the catalogue's French columns) and their phrases.

    The catalogue's own words are learnt from and not measured on: nobody writes like them.
    """
    known, found = set(), []
    for row in categories:
        known.add(row.code)
        danger = row.urgency == URGENT
        whole = f"{row.label_fr}. {row.plain_language_fr}. {row.safety_advice_fr}"
        for text in (row.label_fr, row.plain_language_fr):
            found.append(Sample(text, row.code, danger, held=False))
        found.append(Sample(whole, row.code, danger, held=False))
    return found + [phrase for phrase in phrases() if phrase.category in known]
