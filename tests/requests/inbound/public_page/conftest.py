"""Fixtures of these tests."""

import pytest

from portal.dev import phonecatcher
from tests.requests.inbound.public_page.helpers import PAGE, SECRET


@pytest.fixture
def provider(settings, tmp_path):
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
    settings.PALIER_PAGE_ID, settings.PALIER_PAGE_TOKEN = PAGE, "token"
    settings.PALIER_PAGE_SECRET, settings.PALIER_PAGE_VERIFY = SECRET, "word"
    with phonecatcher.Catcher(tmp_path / "phones") as running:
        settings.PALIER_PAGE_URL = f"{running.base}/v23.0"
        yield running


@pytest.fixture
def read(landlord, provider, clock, work, monkeypatch):
    """Read what was posted and answer it; the door's clock is the test's."""
    monkeypatch.setattr("requests.inbound.webhook_views.now", clock)
    return work
