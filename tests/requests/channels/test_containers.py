"""What people pack without knowing it is opened: winmail.dat, S/MIME, forwarded mails, uuencode."""

import pathlib
import random
from email.message import EmailMessage

import pytest

from requests.channels.mail import parser, rtf, smime, tnef, uuencode
from tests.requests.channels import packs

PHOTO = packs.picture()


def mail(text: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Awa Ndiaye <awa@free.example>"
    message["Subject"] = "Fuite"
    if text:
        message.set_content(text)
    return message


def inside(text: str, *names: str) -> bytes:
    message = mail(text)
    for name in names:
        message.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename=name)
    return message.as_bytes()


def with_winmail(data: bytes, text: str = "") -> parser.ParsedMail:
    message = mail(text)
    message.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return parser.parse(message.as_bytes())


def names(found: parser.ParsedMail) -> list[str]:
    return [file.name for file in found.files]


def test_the_files_of_a_winmail_take_its_place_in_their_order():
    pack = packs.winmail(
        packs.attached("évier 2.jpg", PHOTO), packs.attached("bail.pdf", b"%PDF-1.4\n")
    )
    message = mail("Voir les photos.")
    message.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="avant.jpg")
    message.add_attachment(pack, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    message.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="après.jpg")
    found = parser.parse(message.as_bytes())
    assert found.text == "Voir les photos."
    assert names(found) == ["avant.jpg", "évier 2.jpg", "bail.pdf", "après.jpg"]
    assert found.files[1].data == PHOTO
    assert [file.content_type for file in found.files[1:3]] == ["image/jpeg", "application/pdf"]


def test_the_words_of_a_winmail_are_read_when_the_mail_has_none():
    props = packs.properties(
        packs.long_property(0x0017, 1),
        packs.named_property("urgent"),
        packs.unicode_property(0x1000, "L’évier fuit.\r\nMerci."),
    )
    assert with_winmail(packs.winmail(message=props)).text == "L’évier fuit.\nMerci."
    body = packs.attribute(1, 0x0002800C, "Le robinet goutte à côté.".encode("cp1252") + b"\0")
    assert with_winmail(packs.winmail(body)).text == "Le robinet goutte à côté."
    source = b"<p>Odeur de <b>gaz</b></p><script>x()</script>"
    html = packs.properties(packs.variable(0x102, 0x1013, source))
    found = with_winmail(packs.winmail(message=html))
    assert found.text == "Odeur de gaz"
    assert "script" not in found.html


def test_compressed_rtf_is_read():
    source = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}"
        rb"\htmlrtf {\htmlrtf0 Plus d'eau chaude \'e0 l'\'e9tage\u8230 ?"
        rb"\htmlrtf }\htmlrtf0 \par Awa}"
    )
    props = packs.properties(packs.variable(0x102, 0x1009, packs.compressed(source)))
    assert with_winmail(packs.winmail(message=props)).text == "Plus d'eau chaude à l'étage…\nAwa"


def test_a_dictionary_reference_of_compressed_rtf_is_followed():
    # The example of [MS-OXRTFCP], 3.1.2.
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af3206865"
        "6c090020627705b06c647d0a800fa0"
    )
    assert rtf.decompress(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_a_message_attached_inside_a_winmail_is_read():
    inner = packs.winmail(
        packs.attached("cave.jpg", PHOTO),
        message=packs.properties(packs.unicode_property(0x1000, "La cave est inondée.")),
    )
    found = with_winmail(packs.winmail(packs.attached_message("Cave", inner)), "Pour information.")
    assert found.text == "Pour information."
    assert "La cave est inondée." in found.folded
    assert names(found) == ["cave.jpg"]


@pytest.mark.parametrize("wrap", [packs.signed, packs.in_pieces])
def test_the_mail_inside_an_opaque_signature_is_read(wrap):
    message = mail()
    data = wrap(inside("Ma chaudière est en panne.", "chaudière.jpg"))
    message.add_attachment(data, maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    message.set_param("smime-type", "signed-data")
    found = parser.parse(message.as_bytes())
    assert found.text == "Ma chaudière est en panne."
    assert names(found) == ["chaudière.jpg"]
    assert not found.encrypted


def test_a_signature_cut_on_the_way_gives_what_came():
    whole = smime.signed_content(packs.signed(b"Content-Type: text/plain\r\n\r\n" + b"eau " * 400))
    cut = packs.signed(b"Content-Type: text/plain\r\n\r\n" + b"eau " * 400)[:700]
    assert len(whole) == 28 + 1600
    assert whole.startswith(smime.signed_content(cut))
    assert len(smime.signed_content(cut)) > 400


@pytest.mark.parametrize("kind", ["smime", "pgp", "inline"])
def test_what_only_a_key_opens_is_said(kind):
    message = mail("x")
    if kind == "smime":
        message = mail()
        args = {"maintype": "application", "subtype": "pkcs7-mime", "filename": "smime.p7m"}
        message.add_attachment(packs.enveloped(), **args)
    elif kind == "pgp":
        message.add_attachment(b"Version: 1", maintype="application", subtype="pgp-encrypted")
    else:
        message.set_content("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")
    assert parser.parse(message.as_bytes()).encrypted


def test_photos_inside_a_forwarded_message_are_files_of_the_mail():
    deepest = EmailMessage()
    deepest["Subject"] = "Photos du plafond"
    deepest.set_content("Voici.")
    deepest.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="plafond.jpg")
    middle = mail("Je vous transfère.")
    middle.add_attachment(deepest)
    message = mail("Voyez ma voisine.")
    message.add_attachment(middle)
    message.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="plafond.jpg")
    found = parser.parse(message.as_bytes())
    assert found.text == "Voyez ma voisine."
    for words in ("Je vous transfère.", "Subject: Photos du plafond", "Voici."):
        assert words in found.folded
    assert [name for name in names(found) if name.endswith(".jpg")] == [
        "plafond.jpg",
        "plafond (2).jpg",
    ]
    assert names(found)[0] == "Fuite.eml"


def test_a_mail_that_only_forwards_shows_what_it_forwards():
    message = mail()
    message.add_attachment(EmailMessage())
    message.get_payload()[0].get_payload()[0].set_content("Odeur de gaz dans la cage.")
    assert "Odeur de gaz dans la cage." in parser.parse(message.as_bytes()).text


def test_a_file_uuencoded_in_the_text_is_a_file():
    text = f"Bonjour,\n\n{packs.uuencoded('photo évier.jpg', PHOTO)}\nMerci\n"
    found = parser.parse(
        b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode()
    )
    assert names(found) == ["photo évier.jpg"]
    assert found.files[0].data == PHOTO
    assert found.text == "Bonjour,\n\n\nMerci"


@pytest.mark.parametrize(
    "text", ["begin 644 la semaine\nprochaine, merci.", "begin\nend", "begin 644 x\n\nrien\nend"]
)
def test_words_are_not_taken_for_a_uuencoded_file(text):
    assert uuencode.split(text)[0].strip("\n").splitlines()[-1] == text.splitlines()[-1]


def test_no_mutation_of_a_container_loses_the_mail():
    chance = random.Random(20261130)
    samples = [
        packs.winmail(packs.attached("a.jpg", PHOTO), message=packs.properties()),
        packs.signed(inside("Bonjour", "a.jpg")),
        packs.in_pieces(inside("Bonjour", "a.jpg")),
        packs.uuencoded("a.jpg", PHOTO).encode(),
    ]
    for turn in range(400):
        data = bytearray(samples[turn % len(samples)])
        for _one in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        data = data[: chance.randrange(len(data) // 2, len(data) + 1)]
        for name in ("winmail.dat", "smime.p7m"):
            message = mail("Voir.")
            args = {"maintype": "application", "subtype": "octet-stream", "filename": name}
            message.add_attachment(bytes(data), **args)
            found = parser.parse(message.as_bytes())
            assert found.text.startswith("Voir.")
            assert found.files or turn % 4 in (1, 2) or found.text != "Voir."
        tnef.read(bytes(data))
        smime.signed_content(bytes(data))
        rtf.to_text(b"{\\rtf1" + bytes(data))


def test_the_readers_read_nothing_but_bytes():
    for module in (tnef, smime, rtf, uuencode):
        source = pathlib.Path(module.__file__).read_text()
        assert "django" not in source
        assert "open(" not in source
