"""Where a landlord without history begins: the catalogue's words and phrases of the product."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from requests.suggestions.classifier import Sample

FOLDER = Path(__file__).parent
URGENT = "U0"  # danger to life (docs/principles.md, C4)


@cache
def _file(name: str, source: str) -> tuple[Sample, ...]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return tuple(
            Sample(row["text"], row["category"], row["danger"] == "1", source)
            for row in csv.DictReader(file)
        )


def phrases() -> tuple[Sample, ...]:
    """Return short typical phrasings, in French with and without mistakes."""
    return _file("phrases.csv", "phrase")


def calibration() -> tuple[Sample, ...]:
    """Return texts as tenants write them, to calibrate the model; it never learns from them."""
    return _file("calibration.csv", "calibration")


def samples(categories: Iterable) -> list[Sample]:
    """Return samples of ``categories`` (with the catalogue's French columns) and their phrases."""
    known, found = set(), []
    for row in categories:
        known.add(row.code)
        danger = row.urgency == URGENT
        whole = f"{row.label_fr}. {row.plain_language_fr}. {row.safety_advice_fr}"
        for text in (row.label_fr, row.plain_language_fr):
            found.append(Sample(text, row.code, danger, "catalogue"))
        found.append(Sample(whole, row.code, danger, "catalogue"))
    return found + [s for s in (*phrases(), *calibration()) if s.category in known]
