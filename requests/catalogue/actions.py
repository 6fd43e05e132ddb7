"""Load the product's catalogue into the database without undoing an administrator's edits."""

import csv
from datetime import datetime
from pathlib import Path

from django.db import transaction

from requests.catalogue.models import Category, CategoryVersion, Family

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"
PLAIN = [
    "label_fr",
    "label_en",
    "plain_language_fr",
    "plain_language_en",
    "safety_advice_fr",
    "safety_advice_en",
    "responsible",
    "urgency",
    "ack_hours",
    "resolve_days",
    "handled_by",
    "asset",
    "legal_source",
    "tile",
    "picture",
]


def _rows(name: str):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def product_rows() -> list[dict[str, str]]:
    """Return the product's own categories, one dict of texts each."""
    return list(_rows("categories.csv"))


@transaction.atomic
def load_catalogue() -> int:
    """Create the families and categories that are missing; returns how many were created.

    A category that exists is left alone: its deadlines and words are the landlord's own.
    """
    families = {}
    for row in _rows("families.csv"):
        families[row["code"]], _ = Family.objects.get_or_create(
            code=row["code"],
            defaults={k: row[k] for k in ("label_fr", "label_en", "tile", "picto", "position")},
        )
    known = set(Category.objects.values_list("code", flat=True))
    new = [
        Category(
            code=row["code"],
            family=families[row["family"]],
            public_rank=row["public_rank"] or None,
            sensitive=row["sensitive"] == "1",
            collective=row["collective"] == "1",
            **{name: row[name] for name in PLAIN},
        )
        for row in product_rows()
        if row["code"] not in known
    ]
    Category.objects.bulk_create(new)
    return len(new)


@transaction.atomic
def change_category(*, category: Category, before: dict, by, now: datetime) -> None:
    """Write an edited ``category`` as its next version, and keep what it was.

    ``before``: the old value of each field that changed. The version is counted from the
    database, so that two editors never write the same one.
    """
    stored = Category.objects.select_for_update().get(pk=category.pk)
    category.version = stored.version + 1
    category.save()
    CategoryVersion.objects.create(
        category=category,
        version=category.version,
        at=now,
        by=by,
        changes={name: [str(old), str(getattr(category, name))] for name, old in before.items()},
    )
