"""Reading mails: every behaviour on mails of our own making, and mutations that must not crash."""

import ast
import quopri
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests.channels.mail import html, quotes
from requests.channels.mail import parser as email
from tests.requests.channels import mails

ALL = mails.all_cases()


def parse(raw: bytes) -> email.ParsedMail:
    return email.parse(raw, authserv_id="mx.bailleur.example", own_host=mails.HOST)


def test_there_are_enough_mails():
    assert len({case.name for case in ALL}) == len(ALL) >= 600


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_mail_is_read(case):
    begun = time.process_time()
    found = parse(case.raw)
    assert time.process_time() - begun < 10  # far above what is needed, far below a hang
    want = dict(case.want)
    if "names" in want and (names := want.pop("names")) is not None:
        assert [file.name for file in found.files] == names
    if "robot" in want:
        assert bool(found.automatic) is want.pop("robot"), found.automatic
    if "bounce" in want:
        assert (found.bounce.kind if found.bounce else "") == want.pop("bounce")
    for name, value in want.items():
        assert getattr(found, name) == value, name
    assert "\0" not in found.text + found.folded + found.subject + found.sender + found.html
    (found.text + found.folded + found.subject + found.html + found.trace).encode()


@pytest.mark.parametrize("case", mails.html_cases(), ids=str)
def test_html_is_harmless(case):
    clean = parse(case.raw).html.lower()
    for word in (
        "script",
        "spy.example",
        "onclick",
        "onerror",
        "javascript:",
        "style",
        "hx-",
        "<img",
    ):
        assert word not in clean
    assert "data-" not in clean


@pytest.mark.parametrize("case", mails.quote_cases(), ids=str)
def test_folding_deletes_nothing(case):
    found = parse(case.raw)
    body = case.raw.partition(b"\r\n\r\n")[2]
    if b"quoted-printable" in case.raw:
        body = quopri.decodestring(body)
    whole = body.decode().replace("\u00a0", " ")
    assert sorted((found.text + found.folded).split()) == sorted(whole.split()) or (
        sorted("".join((found.text + found.folded).split())) == sorted("".join(whole.split()))
    )


def test_a_file_that_is_too_big_is_named_and_not_kept():
    raw = mails.parts(
        mails.TEXT,
        mails.part(
            'Content-Type: image/jpeg; name="grande.jpg"', b"\xff\xd8\xff" + b"x" * 21_000_000
        ),
    )
    found = parse(raw)
    assert (found.too_big, found.files) == (["grande.jpg"], [])
    assert found.text == mails.SAID


def test_photos_of_telephones_keep_their_bytes():
    found = parse(mails.parts(mails.TEXT, mails.part("Content-Type: image/heic", mails.HEIC)))
    assert found.files[0].data == mails.HEIC
    assert found.files[0].content_type == "image/heic"


def test_copies_for_two_mailboxes_are_the_same_mail():
    one = mails.mail(Received="by a", Delivered_To="a@b.example")
    two = mails.mail(Received="by c", Delivered_To="d@b.example", eol=b"\n")
    assert email.message_id_of(one) == "1@tenant.example"
    assert email.identity(one) == email.identity(two)
    assert email.message_id_of(mails.mail(message_id=None)) == ""


@pytest.mark.parametrize("message_id", ["<1@tenant.example>", None])
@pytest.mark.parametrize(
    "other",
    [
        {"body": "autre"},
        {"subject": "Autre"},
        {"sender": "Eve <eve@other.example>"},
        {"To": "siege@bailleur.example"},
        {"Date": "Wed, 25 Nov 2026 10:02:00 +0100"},
    ],
    ids=lambda row: next(iter(row)),
)
def test_what_differs_in_anything_its_author_wrote_is_another_mail(message_id, other):
    one = email.identity(mails.mail(message_id=message_id))
    assert one != email.identity(mails.mail(message_id=message_id, **other))


def test_texts_without_headers_are_the_same_only_by_their_bytes():
    texts = [b"Fuite au 3e", b"Fuite au 4e", b"Bonjour: fuite\n\nau 3e", b"Bonjour: fuite\n\nau 4e"]
    assert len({email.identity(raw) for raw in texts}) == 4
    assert email.identity(texts[0]) == email.identity(bytes(texts[0]))
    assert parse(texts[2]).text == "Bonjour: fuite\n\nau 3e"
    # The body begins at the first line that is no header, with or without an empty line.
    head = b"From: a@b.example\nSubject: x\n"
    assert email.identity(head + b"au 3e") != email.identity(head + b"au 4e")


def test_plain_text_is_always_there():
    page = html.sanitise("<p>Un</p><p>Deux <a href='https://x.example/y'>ici</a></p>")
    assert html.to_text(page) == "Un\n\nDeux ici (https://x.example/y)"
    assert quotes.split("") == ("", "")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_mail(raw):
    assert isinstance(parse(raw), email.ParsedMail)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=1_000))
def test_folding_any_text_keeps_every_word(text):
    shown, folded = quotes.split(text)
    assert sorted((shown + folded).split()) == sorted(text.split()) or not text.strip()


def test_the_mail_parser_is_asked_by_its_public_names():
    """Private names of the standard library change without a word from one Python to the next."""
    root = Path(__file__).resolve().parents[3]
    found = []
    for app in ("portal", "agencies", "tenants", "requests"):
        for path in (root / app).rglob("*.py"):
            source = path.read_text()
            tree = ast.parse(source)
            modules = {
                getattr(node, "module", None) or alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import | ast.ImportFrom)
                for alias in node.names
            }
            if not any(name.partition(".")[0] == "email" for name in modules):
                continue
            found += [f"{path.name}: {name}" for name in modules if name.startswith("email._")]
            found += [
                f"{path.name}:{node.lineno} {node.attr}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and node.attr.startswith("_")
                and not node.attr.startswith("__")
                and getattr(node.value, "id", "") not in ("self", "cls")
            ]
    assert not found


def test_a_photo_cut_short_keeps_what_came():
    """Base64 whose length is one more than a multiple of four, as a cut leaves it."""
    raw = mails.part("Content-Type: image/jpeg; name=p.jpg", b"\xff\xd8\xff" + b"x" * 300)
    whole = mails.parts(mails.TEXT, raw.rstrip()[:-3])
    (photo,) = parse(whole).files
    assert photo.data.startswith(b"\xff\xd8\xffxxx")
    assert photo.content_type == "image/jpeg"
