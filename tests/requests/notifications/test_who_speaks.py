"""Mails and text messages come under the landlord's name, and subjects say what they are."""

import pytest
from django.core import mail

from agencies.models import Landlord
from requests.channels.outbound import email, sms
from requests.notifications import events
from requests.notifications.subjects import NEWS
from tests.requests.fixtures.sms_provider import NUMBER

pytestmark = pytest.mark.django_db


def test_every_news_has_its_subject_without_content(make_claim):
    assert set(NEWS) == events.TOLD
    claim = make_claim()
    for event in events.TOLD:
        said = events.subject(claim, "en", event)
        assert said.startswith(f"Your request {claim.spoken_reference}: ")
        assert str(claim.category) not in said
    assert len({events.subject(claim, "fr", event) for event in events.TOLD}) > 20


def test_a_mail_comes_from_the_landlord_with_its_logo(make_claim, work, ours, mails):
    make_claim()
    work()
    sent = mails.sent[0]
    assert (sent.sender, sent.logo[:4]) == ("Valmer Habitat", b"\x89PNG")
    assert "#7A1F3D" in sent.html
    assert "\nValmer Habitat\n" in sent.text
    assert sent.subject.endswith("bien reçue")


def test_the_mail_itself(settings):
    made = email.Mail(
        to="awa@example.test",
        subject="x",
        text="y",
        html='<img src="cid:logo">',
        message_id="<1@x>",
        sender="Habitat, « Sud »\nx",
        logo=b"\x89PNG",
    )
    assert email.send(made).ok
    message = mail.outbox[0].message()
    assert "localhost" in message["From"]
    assert "\n" not in str(message["From"])
    kinds = [part.get_content_type() for part in message.walk()]
    assert "image/png" in kinds
    assert any(part["Content-ID"] == "<logo>" for part in message.walk())


def test_a_text_message_names_the_landlord_once(make_claim, work, sms_provider, ours):
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    form = sms_provider.posts[0][2]
    assert form["From"] == "+33700000000"
    assert form["Body"].startswith("Valmer Habitat")
    Landlord.objects.update(sms_sender="ValmerHab")
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER, key="two")
    work()
    form = sms_provider.posts[-1][2]
    assert form["From"] == "ValmerHab"
    assert "Valmer Habitat" not in form["Body"]


def test_where_names_are_not_allowed_the_number_sends(sms_provider):
    sms_provider.answers = [(400, 21267)]
    assert sms.send(sms.Sms(NUMBER, "bonjour", "1", "ValmerHab")).ok
    assert [post[2]["From"] for post in sms_provider.posts] == ["ValmerHab", "+33700000000"]
