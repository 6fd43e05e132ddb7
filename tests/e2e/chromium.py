"""Chromium under Playwright, and a page of it that is already signed in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, Playwright, sync_playwright

from portal.dev import browser


@contextmanager
def playwright_loop() -> Iterator[Playwright]:
    """Run Playwright, and close the connections that Django opened under its loop.

    Django keeps those apart from the thread's own, so nothing else can close them.
    """
    with sync_playwright() as playwright:
        yield playwright
        connections.close_all()


@contextmanager
def signed_in(server: str, user, *, width: int = 1280) -> Iterator[Page]:
    """A French page of ``width`` pixels with the session of ``user`` at ``server``."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    with playwright_loop() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find(), args=list(browser.ARGUMENTS)
        )
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
        )
        yield context.new_page()
        chromium.close()
