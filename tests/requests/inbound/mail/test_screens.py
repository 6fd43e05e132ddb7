"""Mail on the screens of staff: merged claims, originals, the webhook, the tray."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from portal.actor import Actor
from portal.clock import now
from requests.channels import signatures
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.workflow import NotAllowed
from requests.conversation.actions import write
from requests.inbound import health as channel_health
from requests.inbound import imap
from requests.inbox import triage
from requests.notifications.models import Delivery
from tests.factories import member
from tests.requests.channels import mails as made
from tests.requests.inbound.mail.helpers import AWA, KEY, answer, came_in, claims

# 4 · mail to a merged claim


def test_mail_to_a_merged_claim_goes_on_in_the_other_one(
    told, arrive, make_claim, clock, landlord, work, mails
):
    claim, sent = told
    other = make_claim(contact_email=AWA)
    agent = member(landlord["north"], "agent")
    event = triage.merge(claim=claim, into=other, actor=Actor.member(agent), now=clock())
    assert (event.name, event.facts["into"]) == (Event.MERGE, str(other.pk))
    clock.forward(minutes=2)
    work()
    assert other.spoken_reference in mails.sent[-1].text
    assert arrive(answer(sent)).claim == other
    assert came_in(other) == ["Il coule encore."]
    stranger = make_claim(contact_email="bob@other.example")
    with pytest.raises(NotAllowed):
        triage.merge(claim=other, into=stranger, actor=Actor.member(agent), now=clock())
    with pytest.raises(NotAllowed):
        triage.merge(claim=other, into=claim, actor=Actor.member(agent), now=clock())


def test_merging_is_offered_for_the_same_person_only_and_is_taken_back(
    told, make_claim, landlord, client, work
):
    claim, _sent = told
    other = make_claim(contact_email=AWA)
    work()
    client.force_login(member(landlord["north"], "agent").user)
    page = f"/agency/{claim.pk}/"
    assert other.spoken_reference in client.get(page).content.decode()
    claim.refresh_from_db()
    data = {"into": str(make_claim(contact_email="x@y.example").pk), "version": claim.version}
    assert client.post(f"{page}merge/", data).status_code == 422
    data["into"] = str(other.pk)
    assert client.post(f"{page}merge/", data).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "merged"
    assert other.spoken_reference in client.get(page).content.decode()
    assert claim.spoken_reference in client.get(f"/agency/{other.pk}/").content.decode()
    event = claim.events.get(name=Event.MERGE)
    client.post("/agency/undo/", {"events": str(event.pk)})
    claim.refresh_from_db()
    assert claim.state == "received"


def test_the_original_is_always_in_sight_but_not_of_another_agency(told, arrive, client, landlord):
    claim, sent = told
    intake = arrive(answer(sent))
    client.force_login(member(landlord["north"], "agent").user)
    assert f"/agency/tray/{intake.pk}/" in client.get(f"/agency/{claim.pk}/").content.decode()
    assert "Il coule encore." in client.get(f"/agency/tray/{intake.pk}/").content.decode()
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(f"/agency/tray/{intake.pk}/").status_code == 404


# The signed webhook


def post(client, body, key=KEY, at=None, slug="agence", **headers):
    at = int(time.time()) if at is None else at
    return client.post(
        f"/hooks/mail/{slug}/",
        body,
        content_type="message/rfc822",
        headers={
            "X-Palier-Timestamp": str(at),
            "X-Palier-Signature": signatures.sign(key, at, body),
            **headers,
        },
    )


def test_a_signed_mail_is_stored_before_it_is_read(client, box):
    raw = made.mail()
    assert post(client, raw).status_code == 202
    intake = Intake.unscoped.get()
    assert (intake.state, bytes(intake.raw), intake.mailbox) == ("new", raw, box)
    late, early = int(time.time()) - 301, int(time.time()) + 310
    for bad in (
        post(client, raw, key="another"),
        post(client, raw, at=late),
        post(client, raw, at=early),
        post(client, raw, slug="nope"),
        post(client, raw, **{"X-Palier-Signature": "sha256=é"}),
        client.post("/hooks/mail/agence/", raw, content_type="message/rfc822"),
    ):
        assert bad.status_code == 401
    assert client.get("/hooks/mail/agence/").status_code == 405
    assert Intake.unscoped.count() == 1


def test_a_mail_over_the_limit_leaves_its_beginning_and_an_answer(
    client, box, clock, work, mails, monkeypatch
):
    monkeypatch.setattr("requests.inbound.imap.LARGEST", 50_000)
    monkeypatch.setattr("requests.inbound.imap.HEAD_OF_LARGE", 20_000)
    raw = made.mail("Bonjour.\n" + "x" * 100_000)
    assert post(client, raw, key="another").status_code == 401
    assert not Intake.unscoped.exists()
    assert post(client, raw).status_code == 202
    clock.at = now()
    work()
    intake = Intake.unscoped.get()
    assert (intake.truncated, intake.state, len(intake.raw)) == (True, "parsed", 20_000)
    assert any("trop lourde" in m.text for m in mails.sent)
    monkeypatch.setattr("requests.inbound.views.LARGEST_POST", 60_000)
    assert post(client, made.mail("y" * 100_000)).status_code == 413


def test_a_mail_of_28_megabytes_is_kept_whole(client, box):
    raw = made.mail("x" * 28_000_000)
    assert post(client, raw).status_code == 202
    assert bytes(Intake.unscoped.get().raw) == raw


@pytest.mark.django_db(transaction=True)
def test_a_mail_posted_ten_times_at_once_is_one_message(box, client, clock, work, mails):
    raw, answers = made.mail(), []

    def send():
        try:
            answers.append(post(Client(), raw).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [202] * 10
    clock.at = now()
    work()
    assert Intake.unscoped.get().state == "parsed"
    assert claims().count() == 1
    assert Message.unscoped.filter(direction="in").count() == 1


# The tray


@pytest.fixture
def lost(box, clock):
    intake, _new = imap.store(box, made.mail(), clock())
    Intake.unscoped.filter(pk=intake.pk).update(state="failed", error="<b>cassé</b>")
    return intake


def test_the_tray_shows_error_and_raw_text_as_text(client, landlord, lost):
    client.force_login(member(landlord["north"], "agent").user)
    page = client.get("/agency/tray/").content.decode()
    assert "&lt;b&gt;cassé" in page
    assert page.count('aria-current="page"') == 1
    shown = client.get(f"/agency/tray/{lost.pk}/").content.decode()
    assert "Message-ID: &lt;1@tenant.example&gt;" in shown
    assert client.get("/agency/tray/?view=x&page=-1").status_code == 200
    client.force_login(member(landlord["north"], "caretaker").user)
    assert client.get("/agency/tray/").status_code == 403


def test_attaching_by_hand_needs_a_claim_that_one_may_see(client, landlord, lost, make_claim, work):
    claim = make_claim()
    work()
    client.force_login(member(landlord["south"], "agent").user)
    url = f"/agency/tray/{lost.pk}/attach/"
    assert client.post(url, {"reference": claim.reference}).status_code == 422
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(url, {"reference": claim.spoken_reference.lower()}).status_code == 302
    assert came_in(claim) == [made.SAID]
    client.post(url, {"reference": claim.reference})
    assert len(came_in(claim)) == 1
    lost.refresh_from_db()
    assert (lost.state, lost.claim) == ("parsed", claim)
    assert lost.sorted_by is not None


def test_a_new_claim_or_a_reason_to_set_aside(client, landlord, lost, clock, box):
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{lost.pk}/discard/", {"reason": ""}).status_code == 422
    assert client.post(f"/agency/tray/{lost.pk}/discard/", {"reason": "Pub"}).status_code == 302
    lost.refresh_from_db()
    assert (lost.state, lost.error) == ("discarded", "Pub")
    assert client.post(f"/agency/tray/{lost.pk}/file/").status_code == 302
    client.post(f"/agency/tray/{lost.pk}/file/")
    assert claims().get().channel == "email"


def test_what_left_and_what_did_not_is_told_by_channel(told, clock):
    moment = clock()
    one = Delivery.unscoped.get()
    Delivery.unscoped.filter(pk=one.pk).update(state="delivered", sent_at=moment)
    states = [
        ("sent", moment - timedelta(days=1), moment),
        ("queued", None, moment - timedelta(hours=2)),
        ("failed_temporary", None, moment),
        ("failed_permanent", None, moment),
        ("failed_permanent", None, moment - timedelta(days=2)),  # no news any more
        ("suppressed", None, moment - timedelta(days=9)),
    ]
    for number, (state, sent_at, created_at) in enumerate(states):
        Delivery.unscoped.create(
            event=one.event,
            claim=one.claim,
            recipient=f"{number}@example.test",
            channel="email",
            state=state,
            sent_at=sent_at,
            created_at=created_at,
            due_at=moment,
        )
    found = channel_health.sent_by_channel(moment)
    assert (
        found["email"].items()
        >= {
            "last": moment,
            "waiting": 2,
            "oldest": moment - timedelta(hours=2),
            "failed": 1,
            "held": 1,
        }.items()
    )
    assert found["letter"] == {"waiting": 0, "oldest": None, "failed": 0, "held": 0, "last": None}


def test_the_health_page_says_what_waits(client, landlord, box, told, clock):
    Mailbox.objects.filter(pk=box.pk).update(host="imap.example", errors=3, last_error="refused")
    claim, _sent = told
    held = Delivery.unscoped.get()
    Delivery.unscoped.filter(pk=held.pk).update(state="suppressed", reason="cap")
    client.force_login(member(landlord["north"], "agent").user)
    page = client.get("/agency/channels/").content.decode()
    assert "refused" in page
    assert "palier@bailleur.example" in page
    assert claim.spoken_reference in page
    assert client.post(f"/agency/channels/{held.pk}/release/").status_code == 302
    held.refresh_from_db()
    assert held.state == "queued"
    client.force_login(member(landlord["south"], "agent").user)
    assert client.post(f"/agency/channels/{held.pk}/release/").status_code == 404
    write(claim=claim, text="x", direction="note", channel="web", actor=Actor.SYSTEM, now=clock())
