"""Films, TIFF and GIF are handed out as they came, but for the place where they were made."""

import io
import random
import time

import pytest
from PIL import Image

from requests.attachments import metadata
from tests.requests.attachments import hostile_files as made

FILMS = {
    name: data
    for name, (_sent_as, data) in made.files().items()
    if name.startswith(("film", "tiff", "gif with"))
}
MARKS = (made.PLACE, b"xmpmeta", *made.SECONDS)


@pytest.mark.parametrize("name", FILMS)
def test_the_place_is_gone_and_nothing_moved(name):
    data = FILMS[name]
    clean = metadata.strip_in_place(data)
    assert len(clean) == len(data)
    assert not [mark for mark in MARKS if mark in clean]
    assert clean[:8] == data[:8]
    if b"mdat" in data[:40]:
        assert clean[: data.index(b"moov")] == data[: data.index(b"moov")]


@pytest.mark.parametrize("name", ["tiff with a place", "gif with XMP"])
def test_the_picture_is_the_same(name):
    before, after = (
        Image.open(io.BytesIO(data)) for data in (FILMS[name], metadata.strip_in_place(FILMS[name]))
    )
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert not dict(after.getexif().get_ifd(0x8825))


def test_a_picture_in_the_container_of_films_stays_whole():
    item = made.box(b"meta", b"\0" * 40)
    exif = b"\0\0\0\6Exif\0\0" + made.PLACE
    whole = made.box(b"ftyp", b"avif" + bytes(4)) + item + made.box(b"mdat", exif)
    clean = metadata.strip_in_place(whole)
    assert clean[: len(whole) - len(exif)] == whole[: len(whole) - len(exif)]
    assert made.PLACE not in clean


def test_other_files_stay_as_they_came():
    for data in (b"", b"PK\x03\x04 GPS", b"%PDF-1.7", b"ID3\x03", b"\0\0\0\x18free"):
        assert metadata.strip_in_place(data) == data


@pytest.mark.parametrize("name", FILMS)
def test_damaged_ones_cost_bounded_time_and_keep_their_length(name):
    rng, began = random.Random(name), time.process_time()
    for _ in range(200):
        data = bytearray(FILMS[name])
        for _flip in range(rng.randint(1, 20)):
            data[rng.randrange(8, len(data))] = rng.randrange(256)
        assert len(metadata.strip_in_place(bytes(data))) == len(data)
    assert time.process_time() - began < 10
