"""Every page of the project, for every audience: found by itself, looked at from all sides."""

import os
import re
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page

from agencies.models import Desk, Residence, Unit
from tests.e2e import checks, site
from tests.e2e.pages import Filing
from tests.e2e.urls import (
    FILING,
    REDIRECTS,
    VISITOR,
    Place,
    addresses,
    audiences,
    client_for,
    kind,
    places,
)

PLACES = [place for place in places() if not place.third_party]
CASES = [(place, role) for place in PLACES for role in audiences(place)]
SCREENSHOTS = os.environ.get("PALIER_SCREENSHOTS")


def named(case) -> str:
    return str(case) or "visitor"


class Walker:
    """One page of the browser per person, reused; remembers what the browser complained of."""

    def __init__(self, browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.pages: dict[str, Page] = {}
        self.clients: dict[str, Client] = {}
        self.complaints: list[str] = []
        self.names = frozenset(
            str(name)
            for model, column in ((Unit, "name"), (Desk, "name"), (Residence, "name"))
            for name in model.objects.values_list(column, flat=True)
        )

    def page(self, role: str) -> Page:
        if role not in self.pages:
            context = self.browser.new_context(
                base_url=self.url, locale="fr-FR", timezone_id="Europe/Paris"
            )
            page = self.pages[role] = context.new_page()
            if role == FILING:
                self._begin_filing(page)
            elif role != VISITOR:
                for cookie in self.client(role).cookies.values():
                    context.add_cookies(
                        [{"name": cookie.key, "value": cookie.value, "url": self.url}]
                    )
            page.on("console", self._console)
            page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
            page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url}"))
        return self.pages[role]

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text[:200]}")

    def _begin_filing(self, page: Page) -> None:
        """Everything is answered but nothing sent: each filing page shows something."""
        Filing(
            page,
            address="1 rue du Lin, Valmer",
            room="cuisine",
            words="Ça goutte.",
            name="Mina Sow",
            phone="06 39 98 00 00",
        ).begin().until(r"/check/")

    def client(self, role: str) -> Client:
        """Asks first what kind of answer a path gives, as the same person."""
        if role not in self.clients:
            client = self.clients[role] = client_for(role)
            if role == FILING:
                for cookie in self.page(role).context.cookies():
                    client.cookies[cookie["name"]] = cookie["value"]
        return self.clients[role]

    def speak(self, role: str, language: str) -> None:
        self.page(role).context.add_cookies(
            [{"name": "django_language", "value": language, "url": self.url}]
        )


@pytest.fixture(scope="module")
def walker(browser, portal):
    made = Walker(browser, portal)
    yield made
    for page in made.pages.values():
        page.context.close()


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


def report(found: list[str]) -> None:
    """Fail with one finding per line, the first forty of them."""
    if found:
        more = [f"… {len(found) - 40} more"] if len(found) > 40 else []
        pytest.fail("\n".join(found[:40] + more), pytrace=False)


@pytest.mark.parametrize(("place", "role"), CASES, ids=named)
def test_page(walker, place: Place, role: str):
    found = []
    full = role in (audiences(place)[0], FILING)
    for path in addresses(place, role)[: None if full else 1]:
        answer = walker.client(role).get(path)
        what = kind(answer)
        assert what not in ("broken", "absent"), f"{path} answers {answer.status_code}"
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
    assert kinds & {"page", "file", "post-only"} or place.name in REDIRECTS, (
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
    from tests.e2e.urls import NoValue

    place = Place("x/<int:planet>/", "x:y", ("planet",), site.account)
    with pytest.raises(NoValue, match="x:y:planet.*FILLS"):
        addresses(place, VISITOR)
