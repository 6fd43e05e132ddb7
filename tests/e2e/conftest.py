"""One Chromium and one portal for each module of browser tests."""

import os
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from portal.dev import browser as chromium
from requests.filing.actions import Filing, file_claim
from requests.jobs import queue
from requests.routing.actions import route_claim
from requests.tasks import HANDLERS
from tests import databases, factories, moments
from tests.e2e import site
from tests.e2e.chromium import playwright_loop, signed_in
from tests.e2e.live_house import house, sent
from tests.e2e.walker import Walker
from tests.factories import pass_time
from tests.portal.static_files import static_files
from tests.requests.fixtures.smtp import sink

__all__ = ["house", "sent", "sink", "static_files"]

# Playwright's loop lives in this thread; Django takes that for asynchronous code.
ALLOW = "DJANGO_ALLOW_ASYNC_UNSAFE"

# Nothing is expected to fail, so patience costs no time: a busy machine may take long.
PATIENCE = 60_000  # ms
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def db():
    """By its name alone it asks for the test database; browser tests only copy that one."""


@pytest.fixture(scope="module")
def portal(db, seeded, django_db_blocker):
    """The address of a running portal on a database of its own."""
    name = f"{connection.settings_dict['NAME']}_demo"
    with django_db_blocker.unblock():
        databases.copy(seeded, name)
        with databases.use(name), moments.at(), site.server() as url:
            yield url
        databases.drop(name)


@pytest.fixture(scope="module")
def browser():
    """Chromium, closed with the module so that no loop outlives it."""
    former = os.environ.get(ALLOW)
    os.environ[ALLOW] = "1"
    with playwright_loop() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        yield opened
        opened.close()
    if former is None:
        del os.environ[ALLOW]
    else:
        os.environ[ALLOW] = former


@pytest.fixture
def visitor(browser, portal):
    """Make a page for a person: ``visitor("agent")``, or no role for somebody without account."""
    contexts = []

    def open_page(role: str = "", *, javascript: bool = True, width: int = 1280):
        context = browser.new_context(
            base_url=portal,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if role:
            cookies = site.signed_in(role).cookies
            context.add_cookies(
                [{"name": c.key, "value": c.value, "url": portal} for c in cookies.values()]
            )
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def drain():
    """Let two minutes pass, so that what was held goes out, and do the due work of the outbox."""

    def work() -> None:
        for _round in range(2):  # what a job queues for later is done too
            pass_time(minutes=2)
            queue.drain(HANDLERS, lambda: now() + timedelta(minutes=2))

    return work


@pytest.fixture
def letters():
    """What was sent to an address, oldest first."""

    def sent_to(address: str) -> list[str]:
        return [m.body for m in mail.outbox if address in m.to]

    return sent_to


@pytest.fixture(scope="module")
def walker(browser, portal):
    made = Walker(browser, portal)
    yield made
    for page in made.pages.values():
        page.context.close()


@pytest.fixture
def agency_page(live_server, transactional_db, monkeypatch):
    """A signed-in agent of the north with three claims, in a real browser."""
    # Playwright's loop runs in this thread; the queries below are still plain ones.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    stock = factories.landlord()
    agent = factories.member(stock["north"], "agent")
    for number in range(3):
        claim = file_claim(
            Filing(
                channel="web",
                key=str(number),
                category="PLO-03",
                dwelling=stock["dwelling"].pk,
                words=f"Fuite {number}",
            ),
            actor=Actor.TENANT,
            now=now(),
        )
        route_claim(claim_id=claim.pk, now=now())
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/agency/")
        yield page
