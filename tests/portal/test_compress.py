"""Texts are compressed for those who accept it; other files are left as they are."""

import gzip

import brotli
import pytest

from portal.compress import PADDING

pytestmark = pytest.mark.django_db


PLAIN = {"gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize(
    ("accepts", "page", "rest"),
    [
        ("gzip, deflate, br, zstd", "br", "gzip"),
        ("br", "br", ""),
        ("gzip;q=1.0, br;q=0", "gzip", "gzip"),
        ("gzip", "gzip", "gzip"),
        ("abr, br2", "", ""),
    ],
)
def test_pages_and_style_sheets_are_compressed(client, accepts, page, rest):
    # Django reads static files in parts here; production compresses them beforehand.
    for path, method in (
        ("/", page),
        ("/static/css/palier.css", rest),
        ("/static/img/sprite.svg", rest),
    ):
        answer = client.get(path, headers={"accept-encoding": accepts})
        assert answer.headers.get("Content-Encoding", "") == method, path
        assert "Accept-Encoding" in answer.headers["Vary"]
        if not method:
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert PLAIN[method](body) != b""
        assert answer.streaming or int(answer.headers["Content-Length"]) == len(body)


def test_the_length_of_a_page_is_not_told(client):
    """Two answers of the same words differ in length, whatever compresses them (BREACH)."""
    for accepts in ("gzip", "br"):
        lengths = set()
        for _turn in range(8):
            answer = client.get("/", headers={"accept-encoding": accepts})
            words = answer.headers.get(PADDING, "")
            lengths.add(len(answer.content) + len(words))
        assert len(lengths) > 1, accepts


def test_fonts_and_those_who_do_not_ask_get_the_plain_file(client, db):
    assert "Content-Encoding" not in client.get("/").headers
    font = client.get("/static/fonts/atkinson-400.woff2", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in font.headers
    font.close()
