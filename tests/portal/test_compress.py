"""Texts are compressed for those who accept it; other files are left as they are."""

import gzip

import pytest

pytestmark = pytest.mark.django_db


def test_pages_and_style_sheets_are_compressed(client):
    for path in ("/", "/static/css/palier.css", "/static/img/sprite.svg"):
        answer = client.get(path, headers={"accept-encoding": "gzip, br"})
        assert answer.headers["Content-Encoding"] == "gzip", path
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert gzip.decompress(body) != b""
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_fonts_and_those_who_do_not_ask_get_the_plain_file(client, db):
    assert "Content-Encoding" not in client.get("/").headers
    font = client.get("/static/fonts/atkinson-400.woff2", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in font.headers
    font.close()
