"""Style sheets: written in parts in ``styles/``, served as one small file each.

A sheet of parts would cost one request a part, and pages may make eight. As a finder, this serves
development, the tests and ``collectstatic`` alike. Reasons: docs/adr/0029-style-sheets.md.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

import rcssmin
from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage

PARTS = settings.BASE_DIR / "styles"
BUILT = settings.BASE_DIR / ".palier" / "styles"

# Name of the static file -> its parts, in the order of the cascade: a later rule wins.
# Of every page; staff pages have parts of their own. Print comes last.
EVERY = (
    "tokens",
    "base",
    "layout",
    "buttons",
    "cards",
    "forms",
    "notices",
    "claim",
    "tables",
    "round",
    "staff",
    "folds",
    "inbox",
    "reading",
)
STAFF = (
    "search",
    "desk",
    "large_text",
    "composer",
    "claim_pane",
    "calls",
    "console",
    "labels",
    "charts",
    "plots",
    "street_map",
)
SHEETS = {
    "css/palier.css": (*EVERY, "print"),
    "css/desk.css": (*EVERY, *STAFF, "print"),
    "css/settings.css": ("tokens", "settings"),
    "css/training.css": ("training",),
}

# Browsers from before 2022 refuse a custom property without even a space (``--if-dark:;``).
EMPTY = re.compile(r"(--[\w-]+:)(?=[;}])")


def joined(name: str) -> str:
    """Return the parts of a sheet as they are written, one after another."""
    return "\n".join((PARTS / f"{part}.css").read_text() for part in SHEETS[name])


def minified(sheet: str) -> str:
    """Return a sheet without comments and white space; selectors and values stay as written."""
    return EMPTY.sub(r"\1 ", rcssmin.cssmin(sheet))


def build(name: str) -> None:
    """Write a sheet to ``BUILT``, unless it is there. Several processes may do so at once."""
    path, sheet = BUILT / name, minified(joined(name))
    if path.is_file() and path.read_text() == sheet:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(sheet)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


class StyleSheetFinder(BaseStorageFinder):
    """Build the sheets of ``SHEETS`` when they are asked for."""

    storage = FileSystemStorage(location=BUILT)

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Return where the sheet was written; nothing for any other file."""
        if path not in SHEETS:
            return []
        build(path)
        return super().find(path, *args, **kwargs)

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every sheet; ``ignore_patterns`` are about files of others."""
        for name in SHEETS:
            build(name)
            yield name, self.storage
