"""A provider that runs for one test, a landlord that trusts it, and a browser between the two."""

import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client

from portal.clock import now
from tests.factories import member
from tests.portal.signon.oidc import CLIENT, SECRET


@dataclass
class Running:
    """The provider's process, as a test sees it."""

    issuer: str

    def do(self, **wishes) -> None:
        httpx2.post(f"{self.issuer}/control", json=wishes).raise_for_status()

    def asked(self) -> dict:
        """What the last browser asked for, and how often the keys were fetched."""
        return httpx2.get(f"{self.issuer}/asked").json()


@pytest.fixture(scope="package")
def process():
    """One process for all tests: making its key takes most of its start."""
    command = [sys.executable, "-m", "tests.portal.signon.oidc"]
    root = django_settings.BASE_DIR
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    yield running.stdout.readline().strip()
    running.terminate()
    running.wait()


@pytest.fixture
def provider(process, settings, landlord) -> Running:
    """The provider, well behaved, with the landlord's settings for it."""
    caches["process"].clear()
    settings.PALIER_HTTP_PRIVATE = True
    settings.PALIER_HTTP_HOSTS = ["127.0.0.1"]
    settings.PALIER_SIGNON_ISSUER = process
    settings.PALIER_SIGNON_CLIENT, settings.PALIER_SIGNON_SECRET = CLIENT, SECRET
    settings.PALIER_SIGNON_NAME = "Val-Habitat"
    found = Running(process)
    usual = {"now": now().timestamp(), "strict": False, "userinfo": "json", "auth": "basic"}
    lies = {"claims": {}, "sign": "", "error": "", "iss": process, "issuer": process, "aud": CLIENT}
    found.do(person={"sub": "u-1", "email": "sonia@example.test"}, **usual, **lies)
    return found


@pytest.fixture
def agent(landlord):
    """An agent whose address the provider knows, not linked yet."""
    user = member(landlord["north"], "agent").user
    user.email = "sonia@example.test"
    user.set_password("une longue phrase de passe")
    user.save()
    return user


def through(client: Client, path: str = "/signon/start/") -> str:
    """Follow the browser to the provider; return the path that it is sent back to."""
    there = client.get(path)
    assert there.status_code == 302, there.content.decode()
    back = httpx2.get(there.url)
    assert back.status_code == 302, back.text
    address = urlsplit(back.headers["location"])
    assert address.netloc == "testserver"
    return f"{address.path}?{address.query}"


def sign_on(client: Client, path: str = "/signon/start/"):
    """Go through the provider and back; return the answer to the browser."""
    return client.get(through(client, path))
