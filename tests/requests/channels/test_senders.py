"""Who wrote a mail: read from the undecoded header, so that no display name is an address."""

import base64

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from requests.channels.mail import addresses
from requests.channels.mail import parser as email
from tests.requests.channels import mails
from tests.requests.channels.hostile_senders import (
    ATTACKER,
    HOSTILE,
    OURS,
    PASSED,
    VICTIM,
    with_from,
)
from tests.requests.channels.hostile_senders import word as encoded


def parse(raw: bytes) -> email.ParsedMail:
    return email.parse(raw, authserv_id=OURS, own_host=mails.HOST)


def of(sender: str | bytes) -> email.ParsedMail:
    """One mail whose From line is written to the byte."""
    return parse(with_from(sender))


@pytest.mark.parametrize("sender", HOSTILE)
@pytest.mark.weakness("sender pretended")
def test_a_display_name_is_never_the_sender(sender):
    found = of(sender)
    assert found.sender in (ATTACKER, "")
    assert found.sender or not found.auth
    assert found.text == mails.SAID


def test_there_are_enough_hostile_spellings():
    found = [of(line) for line in HOSTILE]
    unread = sum(not mail.sender for mail in found)
    print(f"{len(HOSTILE)} hostile From lines: 0 as the victim, {unread} unreadable and said so")
    assert len(set(HOSTILE)) == len(HOSTILE) >= 40


NO_TWO_READINGS = {
    "two addresses": f"<{VICTIM}> <{ATTACKER}>",
    "words behind": f"V <{VICTIM}> {ATTACKER}",
    "a quote without an end": f'"V <{VICTIM}>',
    "a comment without an end": f"V ({VICTIM} <{ATTACKER}>",
    "spaces in the address": "V <vic tim@free.example>",
    "an address in an encoded word": encoded(VICTIM),
    "half of it encoded": "=?utf-8?Q?victim?=@free.example",
    "encoded in brackets": f"V <{encoded(VICTIM)}>",
    "an invisible character": "V <vic\u200btim@free.example>",
    "no address": "Marie Dupont",
    "longer than any name": "x" * 5_000 + f" <{VICTIM}>",
}


@pytest.mark.parametrize("sender", NO_TWO_READINGS.values(), ids=NO_TWO_READINGS.keys())
def test_what_cannot_be_read_is_said_and_never_put_together(sender):
    found = of(sender)
    assert (found.sender, found.auth) == ("", "")
    assert found.text == mails.SAID


ONLY_ONE = {
    "no brackets": ("Marie Dupont marie@free.example", "Marie Dupont"),
    "encoded, no brackets": ("=?utf-8?Q?Ren=C3=A9e?= marie@free.example", "Renée"),
    "a bracket without an end": ("Marie <marie@free.example", "Marie"),
    "no beginning": ("Marie marie@free.example>", "Marie"),
    "words behind": ("<marie@free.example> Marie", "Marie"),
    "a group of one": ("Marie: marie@free.example;", "Marie"),
    "a route": ("Marie <@relay.example,@x.example:marie@free.example>", "Marie"),
    "a quoted local part": ('Marie <"marie"@free.example>', "Marie"),
    "a link": ("Marie <mailto:marie@free.example>", "Marie"),
}


@pytest.mark.parametrize(("sender", "name"), ONLY_ONE.values(), ids=ONLY_ONE.keys())
def test_what_can_mean_one_address_only_is_read_and_never_proven(sender, name):
    found = of(sender)
    assert (found.sender, found.sender_name, found.auth) == ("marie@free.example", name, "")


def test_two_from_lines_that_differ_are_unreadable():
    raw = mails.mail(Authentication_Results=PASSED)
    raw = raw.replace(b"From:", f"From: V <{VICTIM}>\r\nFrom:".encode(), 1)
    assert parse(raw).sender == ""
    twice = b"From: =?utf-8?q?Awa_Traor=C3=A9?= <awa@tenant.example>\r\nTo:"
    same = mails.mail().replace(b"To:", twice)
    assert same.count(b"From:") == 2
    assert parse(same).sender == "awa@tenant.example"


NAMES = {
    "=?utf-8?Q?r=C3=A9gie=40agence=2Eexample?= <marie@gmail.example>": "régie@agence.example",
    "=?utf-8?Q?Lef=C3=A8vre=2C_Andr=C3=A9?= <marie@gmail.example>": "Lefèvre, André",
    "Lefèvre, André <marie@gmail.example>": "Lefèvre, André",
    '"Lefèvre, \\"Dédé\\"" <marie@gmail.example>': 'Lefèvre, "Dédé"',
    "marie@gmail.example (Marie D.)": "Marie D.",
    "Marie\t\r\n D. <MARIE@gmail.example>": "Marie D.",
    "<marie@gmail.example>": "",
    "marie@gmail.example": "",
}


@pytest.mark.parametrize(("sender", "name"), NAMES.items(), ids=NAMES)
def test_names_are_read_as_people_write_them(sender, name):
    found = of(sender)
    assert (found.sender_name, found.sender) == (name, "marie@gmail.example")


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(max_size=60), st.sampled_from("BQ"))
@example("victim@free.example (", "Q")
@example('"<victim@free.example>,', "B")
def test_whatever_a_display_name_decodes_to_the_address_is_the_one_in_brackets(name, how):
    data = name.encode("utf-8", "replace")
    word = base64.b64encode(data).decode()
    if how == "Q":
        word = "".join(f"={byte:02X}" for byte in data)
    for written in (f"=?utf-8?{how}?{word}?=", f'"=?utf-8?{how}?{word}?="'):
        (found,) = addresses.authors([f"{written} <{ATTACKER}>"])
        assert found.address == ATTACKER


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_characters="\r\n"), max_size=60))
@example("victim@free.example, ")
@example('x" <victim@free.example>, "y')
def test_any_bytes_before_it_give_that_address_or_an_unreadable_sender(name):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    (found,) = addresses.authors([f'"{quoted}" <{ATTACKER}>'])
    assert found.address == ATTACKER
    for person in addresses.authors([f"{name} <{ATTACKER}>"]):
        # Whoever else is named stands in the header as an address, to the letter.
        assert person.address in ("", ATTACKER) or person.address in name.lower()


def test_other_headers_are_hints_and_prove_nothing():
    raw = mails.mail(
        From=None,
        Reply_To="Awa <awa@tenant.example>",
        Return_Path="<bounce@tenant.example>",
        Authentication_Results=PASSED,
    )
    found = parse(raw)
    assert (found.sender, found.auth) == ("", "")
    assert found.hints == [
        ("Reply-To", "awa@tenant.example"),
        ("Return-Path", "bounce@tenant.example"),
    ]
    assert parse(mails.mail(Reply_To="x@y.example")).hints == []


TOLERATED = {
    "a space before the colon": lambda raw: raw.replace(b"From:", b"From :").replace(
        b"Subject:", b"Subject :"
    ),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "a blank": lambda raw: b" " + raw,
    "a blank line": lambda raw: b" \r\n" + raw,
}


@pytest.mark.parametrize("how", TOLERATED.values(), ids=TOLERATED.keys())
def test_headers_are_read_though_a_strict_reader_would_not(how):
    raw = how(mails.mail())
    found = parse(raw)
    assert (found.sender, found.subject, found.text) == ("awa@tenant.example", "Fuite", mails.SAID)
    assert email.message_id_of(raw) == "1@tenant.example"
    assert email.identity(raw) == email.identity(mails.mail())


def test_a_bare_subject_is_read_in_the_character_set_of_the_body():
    raw = mails.mail("Вода".encode("koi8-r"), "text/plain; charset=koi8-r", subject="x")
    raw = raw.replace(b"Subject: x", b"Subject: " + "Вода течет".encode("koi8-r"))
    assert parse(raw).subject == "Вода течет"


def test_recipients_are_read_through_groups_and_lists():
    given = ["Voisins: a@b.example, C <c@d.example>; e@f.example", "undisclosed-recipients:;"]
    assert addresses.addresses(given) == ["a@b.example", "c@d.example", "e@f.example"]


RESULTS = {
    # Our server repeats the envelope sender, whose local part is any text the sender likes.
    "quoted": 'spf=pass smtp.mailfrom="x; dmarc=pass header.from=free.example"@evil.example',
    "quoted, with a quote": r'spf=pass smtp.mailfrom="\"; dmarc=pass ; x=\""@evil.example',
    "encoded": "spf=pass smtp.mailfrom==?utf-8?Q?=3B_dmarc=3Dpass_?=@evil.example",
    "a comment": "spf=pass (of (a; dmarc=pass) b) smtp.mailfrom=evil.example",
    "a comment with an escape": r"spf=pass (\); dmarc=pass) smtp.mailfrom=evil.example",
    "a quote without an end": 'spf=pass smtp.mailfrom="evil; dmarc=pass',
    "a comment without an end": "dmarc=pass header.from=free.example; spf=pass (",
}


@pytest.mark.parametrize("results", RESULTS.values(), ids=RESULTS.keys())
def test_words_of_the_sender_within_our_servers_verdict_prove_nothing(results):
    raw = mails.mail(sender=VICTIM, Authentication_Results=f"{OURS}; {results}")
    assert parse(raw).auth == ""


def test_a_folded_and_quoted_verdict_of_our_server_is_read():
    results = f'{OURS};\r\n dkim=pass (2048 (x) bit)\r\n header.d="free.example"'
    assert parse(mails.mail(sender=VICTIM, Authentication_Results=results)).auth == "pass"
