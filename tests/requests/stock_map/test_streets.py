"""Streets under the residences: what the page may ask, the file in parts, and the console."""

import json

import pytest
from django.urls import reverse

from portal.clock import now
from requests.console.map_forms import MapForm
from requests.stock_map import file_views
from requests.stock_map.models import MapBackground
from tests.factories import leak, member
from tests.requests.stock_map import tiles

Kind = MapBackground.Kind
TILES = "https://tiles.example:8443/{z}/{x}/{y}.png"


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def folder(tmp_path, settings):
    settings.PALIER_MAP_FILES = str(tmp_path)
    (tmp_path / "town.pmtiles").write_bytes(tiles.pmtiles())
    (tmp_path / "no.pmtiles").write_bytes(b"PK\x03\x04 not one")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


@pytest.fixture
def placed(landlord):
    building = landlord["dwelling"].staircase.building
    building.latitude, building.longitude = 47.0, 2.0
    building.save()
    return leak(landlord, now())


@pytest.fixture
def agent(client, landlord, placed):
    client.force_login(member(landlord["north"], "agent").user)
    return client


def sent(**values) -> MapForm:
    return MapForm({"kind": "none", "zoom_limit": "19", "hosts": "", **values})


def policy_of(answer) -> dict[str, str]:
    """Return the directives of the page's policy."""
    parts = answer.headers["Content-Security-Policy"].split(";")
    return dict(part.strip().split(" ", 1) for part in parts if " " in part.strip())


def told(answer) -> dict:
    """Return what the page tells its script."""
    text = answer.content.decode().partition('id="street-map-settings"')[2]
    return json.loads(text.partition(">")[2].partition("</script>")[0])


def test_without_streets_nothing_of_the_library_is_named(agent):
    answer = agent.get(reverse("stock_map"))
    assert "vendor" not in answer.content.decode()
    assert policy_of(answer)["worker-src"] == "'self'"


def test_the_page_may_ask_the_tile_server_and_no_other(agent):
    MapBackground.objects.create(kind=Kind.TILES, address=TILES, attribution="© Someone")
    answer = agent.get(reverse("stock_map"), {"only": "open"})
    policy = policy_of(answer)
    assert policy["connect-src"] == "'self' https://tiles.example:8443"
    assert policy["img-src"].endswith("https://tiles.example:8443")
    assert policy["worker-src"] == "'self' blob:"
    assert "tiles.example" not in policy["script-src"] + policy["style-src"]
    assert told(answer)["places"] == "/map/places.json?only=open"
    other = agent.get("/stock/").headers["Content-Security-Policy"]
    assert "tiles.example" not in other


def test_the_residences_are_those_of_the_page(agent, placed, client, landlord):
    [feature] = agent.get(reverse("stock_map_places")).json()["features"]
    assert feature["geometry"]["coordinates"] == [2.0, 47.0]
    assert feature["properties"]["open"] == 1
    assert feature["properties"]["href"] == f"/stock/residences/{placed.residence_id}/"
    assert agent.get(reverse("stock_map_places"), {"only": "danger"}).json()["features"] == []
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(reverse("stock_map_places")).json()["features"] == []


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-15", (0, 15)),
        ("bytes=90-", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=90-4000", (90, 99)),
        ("bytes=-4000", (0, 99)),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("pages=1-2", None),
        ("bytes=-", None),
        ("", None),
    ],
)
def test_what_a_range_names(header, part):
    assert file_views.part_of(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_end(header):
    with pytest.raises(ValueError, match="bytes"):
        file_views.part_of(header, 100)


def test_the_file_comes_in_parts(agent, folder, settings):
    assert agent.get(reverse("stock_map_file")).status_code == 404
    MapBackground.objects.create(kind=Kind.FILE, file="town.pmtiles")
    whole = b"".join(agent.get(reverse("stock_map_file")).streaming_content)
    assert whole == tiles.pmtiles()
    answer = agent.get(reverse("stock_map_file"), headers={"Range": "bytes=0-126"})
    assert answer.status_code == 206
    assert b"".join(answer.streaming_content) == whole[:127]
    assert answer.headers["Content-Range"] == f"bytes 0-126/{len(whole)}"
    assert answer.headers["Content-Length"] == "127"
    beyond = agent.get(reverse("stock_map_file"), headers={"Range": "bytes=9999999-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    settings.PALIER_MAP_ACCEL = "/map-files/"
    answer = agent.get(reverse("stock_map_file"))
    assert answer.headers["X-Accel-Redirect"] == "/map-files/town.pmtiles"
    assert answer.content == b""


def test_no_other_file_is_handed_out(agent, folder):
    row = MapBackground.objects.create(kind=Kind.FILE, file="secret.txt")
    for name in ("secret.txt", "../town.pmtiles", "no.pmtiles", "/etc/passwd"):
        MapBackground.objects.filter(pk=row.pk).update(file=name)
        assert agent.get(reverse("stock_map_file")).status_code == 404


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, []),
        ({"kind": "tiles", "address": TILES}, []),
        ({"kind": "tiles", "address": "https://tiles.example/a.png"}, ["address"]),
        ({"kind": "tiles", "address": "https://a.example; script-src *"}, ["address"]),
        ({"kind": "tiles", "address": "https://me:secret@a.example/{z}/{x}/{y}"}, ["address"]),
        ({"kind": "style", "address": "javascript:alert(1)"}, ["address"]),
        ({"kind": "style", "address": "https://a.example/s.json"}, []),
        ({"kind": "style", "address": "https://a.example/s", "hosts": "b.example"}, ["hosts"]),
        ({"kind": "file"}, ["file"]),
        ({"kind": "file", "file": "no.pmtiles"}, ["file"]),
        ({"kind": "file", "file": "secret.txt"}, ["file"]),
        ({"kind": "file", "file": "town.pmtiles"}, []),
        ({"zoom_limit": "40"}, ["zoom_limit"]),
    ],
)
def test_what_an_administrator_may_set(db, folder, values, wrong):
    assert list(sent(**values).errors) == wrong


def test_the_console_stores_it_logs_it_and_offers_a_trial(client, landlord, folder):
    client.force_login(member(landlord["head"], "admin").user)
    page = reverse("console:map")
    assert "Try the streets" not in client.get(page).content.decode()
    data = {"kind": "style", "address": "https://a.example/style.json", "zoom_limit": "19"}
    data["hosts"] = "https://fonts.example/\nhttps://fonts.example"
    assert client.post(page, data).status_code == 302
    answer = client.get(page)
    assert "https://a.example https://fonts.example" in answer.headers["Content-Security-Policy"]
    assert (told(answer)["places"], told(answer)["box"][0]) == ("", -5.2)
    client.post(page, {"kind": "file", "file": "town.pmtiles", "zoom_limit": "19"})
    assert MapBackground.objects.get().file == "town.pmtiles"
    assert "town.pmtiles" in client.get(reverse("console:log")).content.decode()
