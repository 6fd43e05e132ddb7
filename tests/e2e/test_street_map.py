"""Streets under the residences: fetched when they are asked for, from a file of ours, in parts."""

import pytest
from playwright.sync_api import expect

from requests.stock_map.models import MapBackground
from tests.requests.stock_map import tiles


@pytest.fixture
def streets(portal, tmp_path, settings):
    """Lay a file of tiles down and choose it, as the console does."""
    (tmp_path / "town.pmtiles").write_bytes(tiles.pmtiles())
    settings.PALIER_MAP_FILES = str(tmp_path)
    row = MapBackground.objects.create(kind="file", file="town.pmtiles", attribution="© Town")
    yield row
    row.delete()


def test_streets_come_when_they_are_asked_for(visitor, streets):
    page = visitor("agent")
    asked, parts, broken = [], [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: parts.append((answer.url, answer.status)))
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto("/map/")
    assert not [url for url in asked if "/vendor/" in url]
    page.click("#map-streets")
    expect(page.locator("#street-map canvas")).to_be_visible()
    expect(page.locator("#map-drawing")).to_be_hidden()
    expect(page.locator("#map-list")).to_be_visible()
    expect(page.locator(".maplibregl-ctrl-attrib")).to_contain_text("© Town")
    expect(page.locator("#street-map-note")).to_be_hidden()
    assert {status for url, status in parts if url.endswith("/streets.pmtiles")} == {206}
    page.click("#map-list")
    assert "box=" in page.url
    assert broken == []
