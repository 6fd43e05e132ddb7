"""Every page of the project, for every audience: found by itself, looked at from all sides."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e import checks, site
from tests.e2e.urls import FILING, REDIRECTS, VISITOR, NoValue, Place, addresses, audiences, kind
from tests.e2e.walker import PLACES, Walker, named, report

CASES = [(place, role) for place in PLACES for role in audiences(place)]
SCREENSHOTS = os.environ.get("PALIER_SCREENSHOTS")


def shoot(page: Page, *words: str) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w-]+", "_", "-".join(words)).strip("_")
        page.screenshot(path=folder / f"{name[:150]}.png", full_page=True)


def look(walker: Walker, role: str, path: str, *, full: bool = True) -> list[str]:
    """All findings on one page; ``full`` False is a quicker look for the page's other readers."""
    page = walker.page(role)
    walker.complaints.clear()
    found: list[str] = []

    def add(where: str, lines: list[str]) -> None:
        found.extend(f"{path} [{where}] {line}" for line in lines)

    for language in ("fr", "en") if full else ("fr",):
        walker.speak(role, language)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")
        page.goto(path)
        checks.prepare(page)
        add(language, checks.structure(page, language))
        add(language, checks.untranslated(page, language, walker.names))
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            add(f"{language} {width}", checks.targets(page))
            for scheme in ("light", "dark") if full else ("light",):
                page.emulate_media(color_scheme=scheme)
                add(f"{language} {scheme} {width}", checks.axe(page, colours=scheme == "dark"))
                if language == "fr":
                    shoot(page, role or "visitor", path, scheme, str(width))
        for stress in checks.STRESS:
            add(f"{language} 320", checks.overflow(page, stress))
    add("browser", walker.complaints)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("place", "role"), CASES, ids=named)
def test_page(walker, place: Place, role: str):
    found = []
    full = role in (audiences(place)[0], FILING)
    for path in addresses(place, role)[: None if full else 1]:
        answer = walker.client(role).get(path)
        what = kind(answer)
        assert what != "broken", f"{path} answers {answer.status_code}"
        if role == FILING and kind(walker.client(VISITOR).get(path)) == "page":
            continue  # the same page for somebody who has not begun
        if what == "page":
            found += look(walker, role, path, full=full)
    report(found)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_somebody_sees_it(walker, place: Place):
    """A URL that shows its page to nobody here was not looked at: say why, or prepare it."""
    kinds = {
        kind(walker.client(role).get(path))
        for role in audiences(place)
        for path in addresses(place, role)
    }
    assert kinds & {"page", "fragment", "file", "post-only"} or place.name in REDIRECTS, (
        f"{place} ({place.name}) gives only {kinds}: give tests/e2e/urls.py an object or an "
        "audience that opens it, or add it to REDIRECTS with the reason."
    )


@pytest.mark.parametrize(
    ("role", "path"),
    [(VISITOR, "/nowhere/"), ("agent", "/nowhere/"), ("agent", "/head-office/")],
    ids=named,
)
def test_refusals_are_pages_too(walker, role, path):
    assert walker.client(role).get(path).status_code in (403, 404)
    found = [line for line in look(walker, role, path) if "Failed to load resource" not in line]
    report(found)


def test_an_unknown_argument_is_named():
    """The walk says how to add what it cannot fill."""
    place = Place("x/<int:planet>/", "x:y", ("planet",), site.account)
    with pytest.raises(NoValue, match="x:y:planet.*FILLS"):
        addresses(place, VISITOR)
