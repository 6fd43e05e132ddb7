"""Voice messages: kept as a sound that a page plays, and written down by a model of the house."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from django.test import Client
from django.urls import reverse

from portal import http
from requests.attachments.models import Attachment
from requests.claims.models import Claim
from tests.factories import category, member
from tests.requests.fixtures.whatsapp import (
    ALWAYS,
    NUMBER,
    came_in,
    envelope,
    message,
    post,
    provider,
    read,
)

__all__ = ["provider", "read"]
OPUS = b"OggS\0\2" + b"\0" * 22 + b"OpusHead" + bytes(range(256)) * 8


@pytest.fixture
def heard(settings, provider):
    """A speech model that answers what it is told to; the list holds the posts it got."""
    posts: list[tuple[str, bytes]] = []
    posts_answer = {"status": 200, "text": "Il y a une odeur de gaz dans la cage d’escalier."}

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append((self.path, body))
            said = json.dumps({"text": posts_answer["text"]}).encode()
            self.send_response(posts_answer["status"])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.PALIER_TRANSCRIBER_URL = f"http://127.0.0.1:{server.server_port}"
    yield posts, posts_answer
    server.shutdown()
    server.server_close()


@pytest.fixture
def note(landlord, provider, read, clock):
    """Send a voice message; returns the claim that it began."""
    category("ADM-14", "A1", "crc")

    def send() -> Claim:
        provider.spoke[NUMBER] = ALWAYS
        provider.media["voice-1"] = ("audio/ogg; codecs=opus", OPUS)
        audio = {"id": "voice-1", "mime_type": "audio/ogg; codecs=opus", "voice": True}
        assert post(envelope(message("1", "audio", audio=audio))).status_code == 200
        read()
        return Claim.objects.system("test").order_by("filed_at").first()

    return send


def test_it_is_a_sound_that_the_page_plays_in_parts(note, landlord):
    claim = note()
    kept = Attachment.unscoped.get()
    assert (kept.name, kept.content_type, kept.is_sound) == ("message vocal.ogg", "audio/ogg", True)
    assert came_in(claim) == ["(message vocal)"]
    client = Client()
    client.force_login(member(landlord["head"], "head_office").user)
    page = client.get(reverse("agency:claim", args=[claim.pk])).content.decode()
    address = reverse("agency:file", args=[kept.pk])
    assert "<audio" in page
    assert f'src="{address}"' in page
    whole = client.get(address)
    assert (whole.status_code, whole["Accept-Ranges"]) == (200, "bytes")
    assert b"".join(whole.streaming_content) == OPUS
    for asked, first, last in (
        ("bytes=0-1", 0, 1),
        ("bytes=100-", 100, len(OPUS) - 1),
        ("bytes=-5", len(OPUS) - 5, len(OPUS) - 1),
    ):
        part = client.get(address, headers={"range": asked})
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {first}-{last}/{len(OPUS)}"
        assert b"".join(part.streaming_content) == OPUS[first : last + 1]
    beyond = client.get(address, headers={"range": f"bytes={len(OPUS)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(OPUS)}")
    assert client.get(address, headers={"range": "lines=1-2"}).status_code == 200


def test_a_model_of_the_house_writes_it_down_and_danger_is_heard(heard, note):
    posts, _answer = heard
    claim = note()
    assert claim.urgency == "U0"
    [text] = came_in(claim)
    assert "odeur de gaz" in text
    assert "machine" in text
    [(path, body)] = posts
    assert path == "/v1/audio/transcriptions"
    assert b'filename="message vocal.ogg"' in body or b"message%20vocal.ogg" in body
    assert OPUS in body


@pytest.mark.parametrize("status", [500, 0])
def test_a_model_that_is_away_costs_nothing(heard, note, settings, status):
    _posts, answer = heard
    answer["status"] = status or 200
    if not status:
        settings.PALIER_TRANSCRIBER_URL = "http://127.0.0.1:9"
    assert came_in(note()) == ["(message vocal)"]
    assert Attachment.unscoped.count() == 1


def test_only_the_named_model_is_asked_without_tls(settings):
    settings.PALIER_HTTP_PRIVATE = False
    settings.PALIER_HTTP_HOSTS = settings.PALIER_HTTP_PRIVATE_HOSTS = [
        "127.0.0.1:9",
        "127.0.0.1:10",
    ]
    settings.PALIER_HTTP_PLAIN_HOSTS = ["127.0.0.1:9"]
    with pytest.raises(httpx2.ConnectError):
        http.request("POST", "http://127.0.0.1:9/v1/audio/transcriptions")
    with pytest.raises(http.Refused):
        http.request("POST", "http://127.0.0.1:10/v1/audio/transcriptions")
