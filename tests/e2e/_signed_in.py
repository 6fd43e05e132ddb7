"""A browser page that is already signed in: the session is made on the server's side."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from portal.dev import browser


@contextmanager
def signed_in(server: str, user, *, width: int = 1280) -> Iterator[Page]:
    """A French page of ``width`` pixels with the session of ``user`` at ``server``."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=browser.find(), args=list(browser.ARGUMENTS)
        )
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
        )
        yield context.new_page()
        chromium.close()
