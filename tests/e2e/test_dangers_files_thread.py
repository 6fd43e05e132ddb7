"""A gas smell goes from a post to on call in one step; files go both ways; one thread for all.

In a browser, as the person on call, the agent and the tenant.
"""

from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader, PdfWriter

from agencies.models import OnCallRung
from portal.clock import now
from requests.claims.models import Claim
from requests.jobs import queue
from requests.tasks import HANDLERS
from tests import factories
from tests.e2e.chromium import signed_in
from tests.e2e.live_house import work
from tests.e2e.pages import fr
from tests.requests.inbound.public_page.conftest import provider
from tests.requests.inbound.public_page.helpers import comment, post

__all__ = ["provider"]
RUNG, AWA = "+33639980001", "awa@tenant.example"


@pytest.mark.django_db(transaction=True)
def test_a_gas_smell_goes_from_a_post_to_on_call_in_one_step(live_server, house, provider, sent):
    OnCallRung.objects.create(position=1, name="Nuit", phone=RUNG, minutes=30)
    # An emergency of everybody's, promised earlier: the danger stands before it all the same.
    factories.leak(house, now(), category=factories.category("PLO-01", "U1", "crc").code)
    assert post(comment(words="Ça sent le gaz dans l'escalier B")).status_code == 200
    queue.drain(HANDLERS, now)
    # The author hears of the number in private, and on call is rung: nobody has touched it yet.
    assert "0 800 47 33 33" in provider.posts[0][1]["message"]["text"]
    ring = next(message for message in sent if message.to == RUNG)
    claim = Claim.objects.system("test").get(category__code="GAZ-01")
    assert claim.reference in ring.text
    with signed_in(live_server.url, factories.member(house["head"], "on_call").user) as page:
        page.goto(f"{live_server.url}/agency/")
        first = page.locator(".inbox__item").first
        expect(first).to_contain_text("Danger")
        expect(first).to_contain_text("gaz")
        expect(page.locator(".inbox__list h2").first).to_contain_text("Danger")
        expect(page.locator(".inbox__item")).to_have_count(2)
        first.click()
        expect(page.locator(".thread")).to_contain_text("Ça sent le gaz dans l'escalier B")
        expect(page.locator("#panel-heading .notice--danger")).to_contain_text("gaz")
        with page.expect_navigation():
            page.locator("form[action*='/take_charge/'] button").first.click()
    claim.refresh_from_db()
    assert claim.state == "in_review"
    factories.pass_time(minutes=60)
    queue.drain(HANDLERS, now)
    assert [message.to for message in sent].count(RUNG) == 1


def receipt() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_receipt_reaches_its_tenant_and_both_read_one_thread(live_server, house, sent):
    claim = factories.leak(house, now(), contact_email=AWA, words="Ma quittance, svp")
    work()
    agent = factories.member(house["north"], "agent")
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/agency/{claim.pk}/")
        # What the portal sent by itself is there: nobody writes it again.
        expect(page.locator(".thread .told")).to_have_count(1)
        expect(page.locator(".thread .told .msg__fate")).to_contain_text(AWA)
        page.fill("#message_text", "Voici votre quittance.")
        page.set_input_files(
            "#message_attached",
            [{"name": "quittance.pdf", "mimeType": "application/pdf", "buffer": receipt()}],
        )
        with page.expect_navigation():
            page.get_by_role("button", name=fr("Send the reply"), exact=True).click()
        expect(page.locator(".thread .msg--out")).to_contain_text("quittance.pdf")
        work()
        page.reload()
        staff = page.locator(".thread > li time").evaluate_all("all => all.map(t => t.dateTime)")
    mail = sent[-1]
    assert [name for name, *_rest in mail.files] == ["quittance.pdf"]
    assert len(PdfReader(BytesIO(mail.files[0][1])).pages) == 1

    with signed_in(live_server.url, factories.account(AWA)) as page:
        page.goto(f"{live_server.url}/s/{claim.token}/")
        lines = page.locator(".thread > li")
        expect(lines).to_have_count(3)
        expect(lines.nth(0)).to_contain_text("Ma quittance, svp")
        expect(lines.nth(2)).to_contain_text("Voici votre quittance.")
        assert page.locator("body").inner_text().count("Voici votre quittance.") == 1
        own = page.locator(".thread > li time").evaluate_all("all => all.map(t => t.dateTime)")
        assert own == staff == sorted(own)
        with page.expect_download() as download:
            lines.nth(2).locator("a.file").click()
        assert download.value.suggested_filename == "quittance.pdf"
