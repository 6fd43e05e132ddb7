"""Begun by SMS, continued by phone, answered by e-mail, closed by letter: one thread, one promise.

In a browser, against a real SMTP server, a real IMAP server over a socket, and the SMS
provider's fake. What one channel says, the next one knows.
"""

from datetime import date
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import expect

from portal.clock import now
from requests.channels import gsm7, signatures
from requests.channels.mailbox_models import Mailbox
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.inbound import imap
from requests.jobs import queue
from requests.notifications import events as notifications
from requests.promises.models import Promise
from requests.tasks import HANDLERS
from tenants.models import Lease, Occupancy, Tenant
from tests import factories
from tests.e2e.chromium import signed_in
from tests.e2e.pages import fr
from tests.requests.channels import mails as made
from tests.requests.fixtures.sms_provider import TOKEN, FakeProvider
from tests.requests.inbound.imap_server import ImapServer

NUMBER, AWA, OURS = "+33639981234", "awa@tenant.example", "palier@bailleur.example"


@pytest.fixture
def provider(settings, live_server):
    """The SMS provider's fake; it talks to the portal that runs."""
    with FakeProvider() as running:
        settings.PALIER_URL = live_server.url
        settings.PALIER_HTTP_HOSTS = ["127.0.0.1"]
        settings.PALIER_HTTP_PRIVATE = True
        settings.PALIER_SMS_URL = f"http://127.0.0.1:{running.port}/2010-04-01"
        settings.PALIER_SMS_ACCOUNT = "AC1"
        settings.PALIER_SMS_TOKEN = TOKEN
        settings.PALIER_SMS_FROM = "+33700000000"
        yield running


@pytest.fixture
def house(transactional_db, settings, tmp_path, monkeypatch):
    """A landlord, and Awa, whose number and address are verified."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "secret")
    # The day and hour at which this runs must not matter; quiet hours have tests of their own.
    monkeypatch.setattr("requests.channels.quiet_hours.next_allowed", lambda at, *_more: at)
    settings.MEDIA_ROOT = tmp_path
    settings.PALIER_REPLY_TO = OURS
    stock = factories.landlord()
    factories.category("ADM-14", "A1", "crc")
    awa = Tenant.objects.system("test").create(first_name="Awa", last_name="Traoré")
    factories.contact(awa, NUMBER, verified=True)
    factories.contact(awa, AWA, verified=True)
    lease = Lease.unscoped.create(
        dwelling=stock["dwelling"], reference="B1", bill_code="X1", starts=date(2014, 1, 1)
    )
    Occupancy.unscoped.create(lease=lease, tenant=awa, capacity="holder", starts=lease.starts)
    return stock


@pytest.fixture
def server(house):
    """A real IMAP server that holds our mailbox."""
    with ImapServer() as running:
        Mailbox.objects.create(
            slug="agence",
            address=OURS,
            host="127.0.0.1",
            port=running.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
            authserv_id="mx.bailleur.example",
        )
        yield running


def work() -> None:
    """Two minutes pass: what was held goes out, what came in is read."""
    for _round in range(3):
        factories.pass_time(minutes=2)
        queue.drain(HANDLERS, now)


def the_claim() -> Claim:
    return Claim.objects.system("test").get()


@pytest.mark.django_db(transaction=True)
def test_sms_then_phone_then_mail_then_letter_is_one_thread(
    live_server, house, provider, sink, server
):
    # By SMS, as the provider posts it.
    path = "/hooks/sms/provider/"
    form = {"MessageSid": "SM1", "From": NUMBER, "To": "+33700000000", "Body": "Ça fuit ici"}
    sign = signatures.sign_form(TOKEN, live_server.url + path, form)
    posted = httpx2.post(
        live_server.url + path,
        content=urlencode(form),
        headers={
            "X-Twilio-Signature": sign,
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert posted.status_code == 200
    work()
    claim = the_claim()
    promised = notifications._when(claim.promise_at.isoformat())
    first = provider.posts[0][2]
    assert first["To"] == NUMBER
    assert claim.reference in first["Body"]
    assert gsm7.to_gsm7(promised) in first["Body"]

    agent = factories.member(house["north"], "agent")
    claim_page = f"{live_server.url}/agency/{claim.pk}/"
    # The call-taker and the agent work in one browser each; one after the other is enough here.
    taker = factories.member(house["head"], "call_taker")
    with signed_in(live_server.url, taker.user) as page:
        page.goto(f"{live_server.url}/calls/?tel=0639981234")
        expect(page.locator("section[aria-labelledby=mine]")).to_contain_text(
            claim.spoken_reference
        )
        page.fill("#heard_text", "Je rappelle : ça coule plus fort.")
        with page.expect_navigation():
            page.keyboard.press("F1")
        claim.refresh_from_db()
        assert notifications._when(claim.promise_at.isoformat()) == promised

    with signed_in(live_server.url, agent.user) as page:
        # The agent answers by e-mail, which the tenant prefers for this.
        page.goto(claim_page)
        expect(page.locator(".thread .msg")).to_have_count(2)
        assert page.input_value("#message_channel") == "sms"
        page.select_option("#message_channel", "email")
        page.fill("#message_text", "Nous envoyons un plombier. Avez-vous coupé l'eau ?")
        with page.expect_navigation():
            page.get_by_role("button", name=fr("Send the reply"), exact=True).click()
        work()
        sent = sink.mails[-1]
        assert sent["To"] == AWA
        words = sent.get_body(("plain",)).get_content()
        assert "Avez-vous coupé l'eau ?" in words
        claim.refresh_from_db()
        assert notifications._when(claim.promise_at.isoformat()) in words

        # Her mail answers ours, and comes by IMAP.
        server.box[1] = made.mail(
            "Oui, l'eau est coupée.\n\nLe mar. 24 nov. 2026 à 10:02, Palier a écrit :\n> Nous",
            sender=f"Awa <{AWA}>",
            In_Reply_To=sent["Message-ID"],
            Authentication_Results="mx.bailleur.example; dmarc=pass header.from=tenant.example",
        )
        assert imap.poll(now) == 1
        work()
        page.goto(claim_page)
        expect(page.locator(".thread .msg")).to_have_count(4)
        last = page.locator(".thread .msg").last
        expect(last).to_contain_text("Oui, l'eau est coupée.")
        expect(last.locator("details")).to_have_count(1)
        expect(last.locator(".msg__mark")).to_have_count(0)
        expect(page.locator(".msg--out .msg__fate")).to_have_count(1)

        # The work is finished; her letter says that it is fixed.
        page.get_by_text(fr("Other steps")).click()
        page.get_by_role("link", name=fr("Work is finished")).click()
        with page.expect_navigation():
            page.get_by_role("button", name=fr("Work is finished")).click()
        work()
        page.goto(claim_page)
        page.get_by_text(fr("The tenant’s words"), exact=True).click()
        page.select_option("#noted_channel", "letter")
        page.fill("#noted_text", "Madame, Monsieur, c'est réparé. Merci.")
        page.select_option("#noted_fixed", "yes")
        with page.expect_navigation():
            page.get_by_role("button", name=fr("Note it")).click()

    claim = the_claim()
    assert claim.state == "closed"
    entries = claim.messages.exclude(direction="note")
    assert [(m.direction, m.channel) for m in entries if m.text] == [
        ("in", "sms"),
        ("in", "phone"),
        ("out", "email"),
        ("in", "email"),
        ("in", "letter"),
    ]
    closing = claim.events.get(name=Event.SAY_FIXED)
    assert (closing.actor, closing.facts["channel"]) == (agent.user, "letter")
    assert not Promise.objects.filter(claim=claim, kept_at=None, ended_at=None).exists()
    # The tenant's own page tells the same story.
    told = httpx2.get(f"{live_server.url}/s/{claim.token}/").text
    for words in ("Ça fuit ici", "ça coule plus fort", "plombier", "coupée", "c&#x27;est réparé"):
        assert words in told
