"""An order mail that does not arrive: whoever owns the request is told, and the tenant is not."""

import pytest
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.channels.mailbox_models import Mailbox
from requests.claims.models import Claim
from requests.conversation.thread import AUTHOR, STAFF, thread
from requests.inbound import imap
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.work_orders.actions import advance_order
from requests.work_orders.order_links import revoke
from tests.requests.channels import mails as made

FIRM = "atelier@example.test"


@pytest.fixture
def work():
    return lambda: queue.drain(tasks.HANDLERS, now)


@pytest.fixture
def arrive(work, settings):
    """One raw mail comes in and is read; returns its intake."""
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")

    def come(raw: bytes):
        intake, _new = imap.store(box, raw, now())
        work()
        intake.refresh_from_db()
        return intake

    return come


@pytest.fixture
def sent(order, work, mailoutbox):
    """The mail of a new order, as it left."""
    work()
    (mail,) = (m for m in mailoutbox if m.to == [FIRM])
    return mail


def notes(claim):
    return list(claim.messages.filter(direction="note").values_list("text", flat=True))


def test_a_bounced_order_is_told_to_staff_with_whom_to_call(
    order, sent, arrive, client, landlord, agent
):
    ours = sent.extra_headers["Message-ID"]
    intake = arrive(made.bounce("failed", "5.1.1", ours, "550 user unknown"))
    assert (intake.state, intake.claim) == ("parsed", order.claim)
    assert Delivery.unscoped.get(kind="order").state == "failed_permanent"
    (note,) = notes(order.claim)
    assert order.contractor.phone in note
    assert str(order) in note
    assert order.events.filter(name="mail_failed", facts={"of": "send"}).count() == 1
    arrive(made.bounce("failed", "5.1.1", ours).replace(b"<1@", b"<2@"))
    assert len(notes(order.claim)) == 1
    client.force_login(agent.user)
    page = client.get(reverse("work_order", args=[order.pk])).content.decode()
    assert "Le courriel n’est pas parvenu au prestataire" in page


def test_staff_read_of_order_mails_in_the_thread_and_the_tenant_does_not(order, sent):
    events = list(order.claim.events.all())
    shown = thread(order.claim, events, now(), reader=STAFF)
    (mail,) = (entry for entry in shown if entry.kind == "internal")
    assert str(order) in mail.text
    assert [fate["to"] for fate in mail.outcomes] == [FIRM]
    shown = thread(order.claim, events, now(), reader=AUTHOR)
    assert not any(str(order) in entry.text for entry in shown)


def test_the_claim_page_shows_the_order_mail(order, sent, client, agent):
    client.force_login(agent.user)
    page = client.get(reverse("agency:claim", args=[order.claim_id])).content.decode()
    assert FIRM in page


def test_a_contractor_who_answers_the_mail_is_nobody_of_the_conversation(order, sent, arrive):
    ours = sent.extra_headers["Message-ID"]
    before = order.claim.messages.count()
    raw = made.mail("Oui", sender=FIRM, In_Reply_To=ours, References=ours)
    arrive(raw)
    assert order.claim.messages.count() == before
    assert Claim.objects.system("test").get(pk=order.claim_id).state == order.claim.state


def test_a_cancelled_order_that_never_left_is_only_called_off(order, manager, work, mailoutbox):
    advance_order(order=order, transition="cancel", actor=manager, now=now(), reason="erreur")
    work()
    bodies = [m.body for m in mailoutbox if m.to == [FIRM]]
    assert len(bodies) == 1
    assert Delivery.unscoped.get(kind="order", state="dropped").attempts == 0


def test_a_mail_tried_again_after_a_new_link_carries_the_living_one(
    order, work, mailoutbox, monkeypatch
):
    from requests.channels.outbound import email
    from requests.channels.outbound.receipt import Receipt
    from tests.factories import pass_time

    with monkeypatch.context() as patched:
        patched.setattr(email, "send", lambda mail: Receipt(False, answer="451"))
        work()
    revoke(order=order, actor=Actor.SYSTEM, now=now())
    pass_time(hours=1)
    work()
    living = order.links.get(revoked_at=None).token
    bodies = [m.body for m in mailoutbox if m.to == [FIRM]]
    assert len(bodies) == 2
    assert all(living in body for body in bodies)
