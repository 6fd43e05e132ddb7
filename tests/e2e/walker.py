"""Going from page to page as each person, with one page of the browser per person."""

import pytest
from django.test import Client
from playwright.sync_api import Page

from agencies.models import Desk, Residence, Unit
from requests.incidents.models import Incident
from requests.planned_works.models import PlannedWorks
from requests.routing.models import Rule
from tests.e2e.checks import AXE
from tests.e2e.pages import Filing
from tests.e2e.places import places
from tests.e2e.urls import FILING, VISITOR, client_for

PLACES = [place for place in places() if not place.third_party]


def named(case) -> str:
    return str(case) or "visitor"


def report(found: list[str]) -> None:
    """Fail with one finding per line, the first forty of them."""
    if found:
        more = [f"… {len(found) - 40} more"] if len(found) > 40 else []
        pytest.fail("\n".join(found[:40] + more), pytrace=False)


class Walker:
    """One page of the browser per person, reused; remembers what the browser complained of."""

    def __init__(self, browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.pages: dict[str, Page] = {}
        self.drawn: dict[str, tuple[int, str]] = {}
        self.clients: dict[str, Client] = {}
        self.complaints: list[str] = []
        self.contrasts: set[str] = set()  # the drawings whose contrast a page was judged by
        self.names = frozenset(
            str(name)
            for model, column in (
                (Unit, "name"),
                (Desk, "name"),
                (Residence, "name"),
                (Rule, "name"),
                (Incident, "title"),
                (PlannedWorks, "title"),
            )
            for name in model.objects.values_list(column, flat=True)
        )

    def page(self, role: str) -> Page:
        if role not in self.pages:
            # A service worker would tell the size of a file unpacked, not as it travels.
            context = self.browser.new_context(
                base_url=self.url,
                locale="fr-FR",
                timezone_id="Europe/Paris",
                service_workers="block",
            )
            context.add_init_script(AXE)
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
            page.on("requestfailed", self._failed)
        return self.pages[role]

    def _failed(self, request) -> None:
        # Going to the next page cuts the news of who reads a claim; nothing was lost.
        if not request.url.endswith("/here/"):
            self.complaints.append(f"failed: {request.url}")

    def _console(self, message) -> None:
        is_ours = "blocked by Playwright" in message.text
        if message.type in ("error", "warning") and not is_ours:
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

    def draw(self, role: str, width: int, theme: str) -> None:
        """Give the page this width and colour scheme, without loading it again."""
        page, (was_wide, was_theme) = self.page(role), self.drawn.get(role, (0, ""))
        if width != was_wide:
            page.set_viewport_size({"width": width, "height": 800})
        if theme != was_theme:
            page.emulate_media(color_scheme=theme)
        self.drawn[role] = (width, theme)

    def speak(self, role: str, language: str) -> None:
        self.page(role).context.add_cookies(
            [{"name": "django_language", "value": language, "url": self.url}]
        )
