"""A passkey in a real browser: added, then enough to log in, and a second factor to a password."""

import os
import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from portal.models import User
from tests import factories
from tests.e2e.chromium import signed_in

SCREENSHOTS = os.environ.get("PALIER_SCREENSHOTS")
PASSWORD = "une longue phrase de passe"


@pytest.fixture
def agent(transactional_db, monkeypatch) -> User:
    """An agent whose address is proved."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    user = factories.member(factories.landlord()["north"], "agent").user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def plug_in(page: Page) -> tuple:
    """Give the browser an authenticator that recognises its person: (session, number)."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]


def shoot(page: Page, name: str) -> None:
    if SCREENSHOTS:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(SCREENSHOTS) / f"passkey-{name}-{width}.png", full_page=True)


def log_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/accounts/login/")


def test_a_passkey_is_added_logs_in_and_seconds_a_password(live_server, agent):
    with signed_in(live_server.url, agent) as first:
        complaints = []
        context = first.context.browser.new_context(base_url=live_server.url, locale="fr-FR")
        context.add_cookies(first.context.cookies())
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text))
        devtools, key = plug_in(page)

        page.goto("/accounts/2fa/webauthn/add/")
        shoot(page, "add")
        devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
        page.get_by_role("button", name="Ajouter cet appareil").click()
        expect(page.get_by_role("alert")).to_contain_text("Aucune clé d’accès")
        shoot(page, "failed")
        devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
        page.get_by_label("Nom de l’appareil").fill("Mon ordinateur")
        page.get_by_role("button", name="Ajouter cet appareil").click()
        page.wait_for_url(re.compile("recovery-codes"))
        assert Authenticator.objects.filter(user=agent, type="webauthn").count() == 1
        page.goto("/accounts/2fa/webauthn/")
        expect(page.get_by_text("Mon ordinateur").first).to_be_visible()
        shoot(page, "list")
        page.goto("/accounts/2fa/")
        shoot(page, "index")

        log_out(page)
        shoot(page, "login")
        page.goto("/accounts/login/?next=/account/")
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
        page.wait_for_url(re.compile(r"^[^?]*/account/$"))

        agent.set_password(PASSWORD)
        agent.save()
        log_out(page)
        page.get_by_label(re.compile("^(E-mail|Adresse|Courriel)")).first.fill(agent.email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_url(re.compile("/2fa/authenticate/"))
        shoot(page, "second")
        page.get_by_role("button", name="Utiliser une clé d’accès").click()
        page.wait_for_url(re.compile("/agency/"))
        page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/account/")
        shoot(page, "confirm")
        page.get_by_role("button", name="Confirmer avec une clé d’accès").click()
        page.wait_for_url(re.compile(r"^[^?]*/account/$"))
        assert not [line for line in complaints if "Content Security Policy" in line], complaints
