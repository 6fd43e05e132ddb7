"""The demonstration's pages: logins and caught mails, as text; nothing of it elsewhere."""

import asyncio
import importlib.util
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from django.urls import reverse

from portal.dev import mailcatcher
from portal.templatetags.palier import breakable

pytestmark = pytest.mark.django_db


@pytest.fixture
def caught(settings, tmp_path):
    """Keeps a mail as the catcher does; returns its name."""
    settings.PALIER_HOME = tmp_path
    (tmp_path / "mail").mkdir()
    keeper = mailcatcher.Keeper(tmp_path / "mail")

    def keep(raw: bytes) -> str:
        envelope = SimpleNamespace(
            mail_from="portal@example.test", rcpt_tos=["awa@example.test"], original_content=raw
        )
        assert asyncio.run(keeper.handle_DATA(None, None, envelope)).startswith("250")
        return mailcatcher.names(tmp_path / "mail")[0]

    return keep


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"] = "Votre demande été"
    message["From"] = "Palier <portal@example.test>"
    message.set_content("Bonjour <b>Awa</b>, voyez http://localhost/s/abc/")
    message.add_alternative(
        "<style>p{}</style><p>Bonjour</p><script>alert(1)</script><img src=x onerror=alert(2)>",
        subtype="html",
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="reçu.pdf")
    return message.as_bytes()


def test_a_caught_mail_is_listed_and_read_as_text(client, caught):
    name = caught(mail())
    assert "Votre demande été" in client.get(reverse("demo:mails")).content.decode()
    page = client.get(reverse("demo:mail", args=[name])).content.decode()
    assert "Bonjour &lt;b&gt;Awa&lt;/b&gt;" in page
    assert 'href="http://localhost/s/abc/"' in page
    assert "alert(" not in page
    assert "onerror" not in page
    assert "reçu.pdf" in page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?nope?q?x?=\r\nContent-Type: text/plain; charset=nope\r\n\r\nbonjour",
        b"Content-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<",
    ],
)
def test_an_odd_mail_is_still_shown(client, caught, raw):
    name = caught(raw)
    assert client.get(reverse("demo:mails")).status_code == 200
    assert client.get(reverse("demo:mail", args=[name])).status_code == 200


@pytest.mark.parametrize("name", ["x", "20260101T000000000000Z-00000000", "..-mail"])
def test_an_unknown_mail_is_not_found(client, caught, name):
    assert client.get(f"/demo/mail/{name}/").status_code == 404


def test_the_logins_are_listed(client):
    page = client.get(reverse("demo:logins")).content.decode()
    assert breakable("sonia@demo.palier.example") in page
    assert "demo-palier-2026" in page


def test_nothing_of_it_outside_a_demonstration(settings):
    settings.DEMO = False
    outside = importlib.util.module_from_spec(importlib.util.find_spec("requests.urls"))
    outside.__spec__.loader.exec_module(outside)
    assert not [path for path in outside.urlpatterns if str(path.pattern).startswith("demo/")]
