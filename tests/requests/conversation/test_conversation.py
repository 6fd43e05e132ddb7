"""The conversation on screen: outcomes, quotes, unproven senders, mentions, ready replies."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from portal.clock import now
from portal.models import User
from requests.attachments.models import Attachment
from requests.channels.failure_reasons import UNKNOWN, explain_failure
from requests.channels.models import Intake
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.conversation.models import CannedReply, Mention
from requests.notifications.models import Delivery
from tests import factories
from tests.requests.fixtures.desk import make_claim, make_unit, member, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def text_of(client, claim) -> str:
    return client.get(url("claim", claim)).content.decode()


def came(claim, message, **values) -> Intake:
    usual = {
        "channel": "email",
        "external_id": uuid.uuid4().hex,
        "raw": b"x",
        "received_at": now(),
        "state": "parsed",
        "claim": claim,
        "message": message,
        "sender": "awa@tenant.example",
    }
    return Intake.unscoped.create(**usual | values)


def said(claim, **values) -> Message:
    usual = {"claim": claim, "direction": "in", "channel": "email", "text": "Oui", "at": now()}
    return Message.unscoped.create(**usual | values)


@pytest.fixture
def claim(place):
    return make_claim(place[1], place[2], contact_email="awa@tenant.example", token="t" * 20)


def test_an_unproven_mail_is_marked_folded_and_shown_harmless_on_demand(client, claim):
    message = said(claim)
    came(
        claim,
        message,
        folded="> Avant, nous disions",
        html='<p onclick="x()">Oui</p><script>alert(1)</script>',
        belongs=True,
    )
    page = text_of(client, claim)
    assert "Sender not verified" in page
    assert "&gt; Avant, nous disions" in page
    assert "alert(1)" not in page
    page = client.get(url("mail", claim, message.pk)).content.decode()
    assert "<p>Oui</p>" in page
    assert "alert(1)" not in page
    Intake.unscoped.update(verified=True, html="")
    assert "Sender not verified" not in text_of(client, claim)
    assert client.get(url("mail", claim, message.pk)).status_code == 404
    assert client.get(url("mail", claim, uuid.uuid4())).status_code == 404


def test_the_tenant_sees_the_fold_and_what_became_of_our_words_but_no_note(client, claim):
    came(claim, said(claim), folded="> Avant", belongs=True)
    said(claim, direction="note", text="entre nous")
    sent(claim, "delivered")
    page = client.get(f"/s/{claim.token}/").content.decode()
    assert "&gt; Avant" in page
    assert "arrived by e-mail" in page.lower()
    assert "entre nous" not in page


def sent(claim, state, answer="", **values) -> Delivery:
    message = said(claim, direction="out", text="Nous venons")
    event = ClaimEvent.unscoped.create(
        claim=claim,
        name=Event.MESSAGE_OUT,
        at=now(),
        state=claim.state,
        facts={"message": str(message.pk)},
    )
    usual = {
        "event": event,
        "claim": claim,
        "recipient": "awa@tenant.example",
        "channel": "email",
        "text": "x",
        "state": state,
        "answer": answer,
        "due_at": now(),
        "created_at": now(),
    }
    return Delivery.unscoped.create(**usual | values)


@pytest.mark.parametrize(
    ("state", "answer", "shown"),
    [
        ("queued", "", "Leaves by e-mail in a moment"),
        ("sent", "250", "Sent by e-mail"),
        ("delivered", "250", "Arrived by e-mail"),
        ("failed_temporary", "451 4.7.1 try later", "Did not leave by e-mail"),
        ("failed_permanent", "550 5.1.1 user unknown", "this address does not exist"),
        ("suppressed", "", "too many messages"),
    ],
)
def test_each_entry_of_ours_says_what_became_of_it(client, claim, state, answer, shown):
    sent(claim, state, answer)
    assert shown in text_of(client, claim)


@pytest.mark.parametrize(
    ("channel", "answer", "words"),
    [
        ("email", "552 5.2.2 mailbox full", "full"),
        ("email", "TimeoutError()", "did not answer"),
        ("sms", "400 21610 refused", "no more SMS"),
        ("sms", "400 21614 refused", "takes no SMS"),
        ("sms", "ConnectError('x')", "did not answer"),
        ("sms", "no SMS provider is set", "no SMS provider"),
    ],
)
def test_reasons_are_plain_words(channel, answer, words):
    with translation.override("en"):
        assert words in str(explain_failure(channel, answer))
    assert explain_failure(channel, "???") is UNKNOWN


def test_files_of_every_channel_stand_in_one_place(client, claim):
    message = said(claim, channel="sms")
    for name, channel, of in (("fuite.jpg", "sms", message), ("bail.pdf", "letter", None)):
        Attachment.unscoped.create(
            claim=claim,
            message=of,
            kind="document",
            channel=channel,
            name=name,
            file="x",
            content_type="application/pdf",
            size=1,
            sha256="0",
            at=now(),
        )
    page = text_of(client, claim)
    files = page[page.index('id="files"') :]
    assert "2 files in this request" in page
    assert "fuite.jpg" in files
    assert "bail.pdf" in files


def test_a_reply_leaves_by_the_channel_the_tenant_last_used(client, claim):
    page = client.get(url("claim", claim))
    assert page.context["reply"]["channel"].initial == "email"
    claim.contact_phone = "+33612003456"
    claim.save()
    said(claim, channel="sms")
    reply = client.get(url("claim", claim)).context["reply"]
    assert reply["channel"].initial == "sms"
    assert [value for value, _label in reply.fields["channel"].choices][:3] == [
        "sms",
        "email",
        "web",
    ]


def test_mail_that_arrives_while_one_types_is_shown_first_and_the_text_is_kept(client, claim):
    from requests.inbound.replies import Reply, apply_reply

    client.get(url("claim", claim))
    data = {"kind": "out", "channel": "web", "text": "Notre réponse", "version": claim.version}
    intake = came(None, None, state="new", external_id="m1")
    reply = Reply(sender="awa@tenant.example", text="Ça coule plus fort", named=[claim.reference])
    apply_reply(intake_id=intake.pk, reply=reply, now=now())
    first = client.post(url("message", claim), data)
    page = first.content.decode()
    assert first.status_code == 409
    assert "Ça coule plus fort" in page
    assert "Notre réponse" in page
    assert not claim.messages.filter(direction="out").exists()
    again = data | {"version": first.context["reply"]["version"].value()}
    assert client.post(url("message", claim), again).status_code == 302
    assert claim.messages.get(direction="out").text == "Notre réponse"


# Mentions


@pytest.fixture
def marc(place):
    made = factories.member(place[0], "agency_manager").user
    User.objects.filter(pk=made.pk).update(first_name="Marc", last_name="Le Goff")
    made.refresh_from_db()
    return made


def note(client, claim, text):
    claim.refresh_from_db()
    data = {"kind": "note", "channel": "web", "text": text, "version": claim.version}
    return client.post(url("message", claim), data)


def test_a_named_colleague_finds_the_note_and_says_that_they_read_it(client, claim, place, marc):
    assert note(client, claim, "@marc, peux-tu regarder ?").status_code == 302
    assert Mention.objects.get().user == marc
    client.force_login(marc)
    listing = client.get("/agency/?view=mentions")
    assert [c.pk for c in listing.context["page_obj"].object_list] == [claim.pk]
    assert any(c["label"] == "Mentions" and c["count"] == 1 for c in listing.context["chips"])
    assert "A colleague names you" in text_of(client, claim)
    assert client.post(url("mentions_seen", claim)).status_code == 302
    assert not client.get("/agency/?view=mentions").context["page_obj"].object_list
    assert "A colleague names you" not in text_of(client, claim)


def test_an_unclear_name_is_said_at_once_and_the_note_is_kept_in_its_field(
    client, claim, place, marc
):
    answer = note(client, claim, "@zoe ?")
    assert answer.status_code == 422
    assert "@zoe" in answer.content.decode()
    other = factories.member(place[0], "agent").user
    User.objects.filter(pk=other.pk).update(first_name="Marc", last_name="Petit")
    assert note(client, claim, "@Marc ?").status_code == 422
    assert note(client, claim, "@Marc.Petit ?").status_code == 302
    assert Mention.objects.get().user == other


def test_nobody_is_named_who_may_not_see_the_request_nor_by_a_mail_address(client, claim, place):
    south, _desk, _residence = make_unit("sud")
    luc = factories.member(south, "agent").user
    User.objects.filter(pk=luc.pk).update(first_name="Luc")
    assert note(client, claim, "@Luc").status_code == 422
    assert note(client, claim, "voir awa@Luc.example").status_code == 302
    assert not Mention.objects.exists()


# Ready-made replies


def test_a_ready_reply_is_filled_and_put_into_the_form(client, claim, place):
    made = CannedReply.objects.create(
        unit=place[0],
        name="Photo",
        body="Bonjour, numéro {{ reference }}.\nLe {{ who }}.\nFin",
        language=claim.language,
    )
    page = client.get(url("claim", claim))
    assert page.context["canned"][0]["text"] == f"Bonjour, numéro {claim.spoken_reference}.\nFin"
    chosen = client.get(url("claim", claim) + f"?canned={made.pk}").content.decode()
    assert f"numéro {claim.spoken_reference}." in chosen[chosen.index('id="message_text"') :]
    assert client.get(url("claim", claim) + "?canned=999999").status_code == 200
    south, _desk, _residence = make_unit("sud")
    CannedReply.objects.update(unit=south)
    assert client.get(url("claim", claim)).context["canned"] == []


def test_replies_are_edited_from_the_inbox_and_their_variables_checked(client, place):
    data = {"name": "Photo", "language": "fr", "body": "Merci {{ prenom }}"}
    answer = client.post("/agency/replies/", data)
    assert answer.status_code == 422
    assert "{{ prenom }} is not a variable" in answer.content.decode()
    assert client.post("/agency/replies/", data | {"body": "{{ text }}"}).status_code == 422
    data["body"] = "Merci, {{ landlord }}"
    assert client.post("/agency/replies/", data).status_code == 302
    kept = CannedReply.objects.get()
    assert kept.unit == place[0]
    assert client.post("/agency/replies/", data | {"name": "PHOTO"}).status_code == 422
    page = f"/agency/replies/{kept.pk}/"
    assert client.post(page, data | {"name": "Photo du lieu"}).status_code == 302
    kept.refresh_from_db()
    assert kept.name == "Photo du lieu"
    south, _desk, _residence = make_unit("sud")
    member(client, south)
    assert client.get(page).status_code == 404
    assert client.post(f"{page}drop/").status_code == 404
    member(client, place[0])
    assert client.post(f"{page}drop/").status_code == 302
    assert not CannedReply.objects.exists()


def test_two_replies_of_one_place_never_share_a_name():
    CannedReply.objects.create(name="a", body="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        CannedReply.objects.create(name="A", body="y")


# What the tenant said otherwise


def test_a_letter_that_says_fixed_closes_and_names_who_wrote_it_down(client, claim):
    claim.__class__.objects.system("test").filter(pk=claim.pk).update(state="done")
    claim.refresh_from_db()
    data = {"channel": "letter", "text": "C'est réparé.", "fixed": "yes", "version": claim.version}
    stale = client.post(url("noted", claim), data | {"version": claim.version + 1})
    assert stale.status_code == 409
    assert "C&#x27;est réparé." in stale.content.decode()
    assert client.post(url("noted", claim), data | {"text": ""}).status_code == 422
    assert client.post(url("noted", claim), data).status_code == 302
    claim.refresh_from_db()
    event = claim.events.get(name=Event.SAY_FIXED)
    assert (claim.state, event.role, event.facts["channel"]) == ("closed", "tenant", "letter")
    assert event.actor is not None
    entry = claim.messages.get()
    assert (entry.direction, entry.channel, str(entry.pk)) == (
        "in",
        "letter",
        event.facts["message"],
    )
    assert timezone.is_aware(entry.at)


def test_what_is_noted_on_a_waiting_claim_is_the_awaited_answer(client, claim):
    claim.__class__.objects.system("test").filter(pk=claim.pk).update(state="waiting_tenant")
    data = {"channel": "counter", "text": "Voici le code.", "version": claim.version}
    assert client.post(url("noted", claim), data).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "in_review"
