"""Keep pictures of pages to look at."""

import os
import re
from pathlib import Path

from playwright.sync_api import Page

SCREENSHOTS = os.environ.get("PALIER_SCREENSHOTS")


def shoot(page: Page, *words: str) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w-]+", "_", "-".join(words)).strip("_")
        page.screenshot(path=folder / f"{name[:150]}.png", full_page=True)
