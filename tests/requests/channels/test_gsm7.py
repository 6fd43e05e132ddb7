"""Parts of a text message, against a coder written from 3GPP TS 23.038 and 23.040."""

import random

import pytest

from requests.channels import gsm7

# 23.038, 6.2.1: the default alphabet, in its order; ESC at 0x1B. 6.2.1.1: its extension.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    "\f": 10,
    "^": 20,
    "{": 40,
    "}": 41,
    "\\": 47,
    "[": 60,
    "~": 61,
    "]": 62,
    "|": 64,
    "€": 101,
}


def coded(text: str) -> list[bytes]:
    """Code ``text`` into the user data of its parts, none of which cuts a character."""
    if all(c in EXTENSION or (c in DEFAULT and c != "\x1b") for c in text):
        pieces = [
            bytes([27, EXTENSION[c]]) if c in EXTENSION else bytes([DEFAULT.index(c)]) for c in text
        ]
        one, many = 160, 153  # 140 octets; 6 of them are the header that joins parts
    else:
        pieces = [c.encode("utf-16-be") for c in text]
        one, many = 140, 134
    if sum(map(len, pieces)) <= one:
        return [b"".join(pieces)]
    parts = [b""]
    for piece in pieces:
        if len(parts[-1]) + len(piece) > many:
            parts.append(b"")
        parts[-1] += piece
    return parts


def test_the_alphabet_is_that_of_the_standard():
    assert len(DEFAULT) == 128
    assert set(DEFAULT) - {"\x1b"} == gsm7.BASIC
    assert set(EXTENSION) == gsm7.EXTENDED


def test_every_text_costs_the_parts_that_the_network_sends():
    chance = random.Random(23038)
    cheap, dear = DEFAULT.replace("\x1b", "") + "€[]{}^~|" * 4, "aé€œ👩🔧語 "
    for turn in range(1500):
        letters = cheap if turn % 2 else dear
        text = "".join(
            chance.choice(letters)
            for _n in range(
                chance.choice([1, 69, 70, 71, 133, 134, 135, 153, 159, 160, 161, 306, 307, 460])
            )
        )
        assert gsm7.count_parts(text) == len(coded(text)), text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 151 + "€", 3),  # both escapes stand at a seam
        ("語" * 70, 1),
        ("語" * 66 + "👩" + "語" * 66, 3),
    ],
)
def test_what_stands_at_a_seam(text, parts):
    assert gsm7.count_parts(text) == parts == len(coded(text))


@pytest.mark.parametrize(
    ("text", "spelled"),
    [("½ heure", "1/2 heure"), ("Łódź", "Lódz"), ("20 m²", "20 m2"), ("« œuf »", '" oeuf "')],
)
def test_letters_are_spelled_so_that_they_say_the_same(text, spelled):
    found = gsm7.to_gsm7(text)
    assert found.replace("ó", "o") == spelled.replace("ó", "o")
