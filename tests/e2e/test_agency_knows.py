"""What the agent is proposed knows the order, the dates and the sender; in a browser."""

import re

import pytest
from playwright.sync_api import expect

from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.identity import authors
from requests.work_orders.appointment_models import Offer
from requests.work_orders.appointments import publish_slots
from tests import factories
from tests.e2e.chromium import signed_in
from tests.e2e.live_house import work
from tests.e2e.pages import fr, press
from tests.e2e.shots import shoot
from tests.requests.fixtures.work import later
from tests.requests.proposals.helpers import again, ordered


@pytest.mark.django_db(transaction=True)
def test_a_proposal_knows_the_order_and_dates_are_read_before_they_leave(live_server, house, sent):
    claim = factories.leak(house, now(), contact_email="awa@tenant.example")
    work()
    agent = factories.member(house["north"], "agent")
    order = ordered(again(claim), agent)
    publish_slots(
        order.contractor,
        [(later(days=n, hours=1), later(days=n, hours=3)) for n in (1, 2)],
    )
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/work/{order.pk}/")
        page.get_by_role("link", name=fr("Offer dates")).click()
        expect(page.locator(".quote")).to_contain_text("Choisissez la date de la visite")
        expect(page.locator("ol li")).not_to_have_count(0)
        shoot(page, "offer-preview")
        before = len(sent)
        press(page, "Offer these dates")
        shoot(page, "offer-undo")
        press(page, "Undo")
        assert not Offer.unscoped.exists()
        page.goto(f"{live_server.url}/work/{order.pk}/offer/")
        press(page, "Offer these dates")
        work()
        assert len(sent) > before
        page.goto(f"{live_server.url}/agency/{claim.pk}/")
        expect(page.get_by_role("main")).to_contain_text(fr("The tenant is choosing a date."))
        # Dates are with the tenant: no visit is proposed beside them.
        assert not page.get_by_text(re.compile("nous venons", re.I)).count()


@pytest.mark.django_db(transaction=True)
def test_one_click_links_all_of_one_sender_and_another_says_it_is_not_them(
    live_server, house, sent
):
    awa = factories.tenant(house["dwelling"], last_name="Traoré")
    factories.contact(awa, "+33639980011")
    for number in range(2):
        factories.leak(
            house,
            now(),
            key=f"s{number}",
            channel="sms",
            contact_phone="+33639980011",
            tenant=None,
            category="ADM-14",
        )
    work()
    first, second = Claim.objects.system("test").order_by("filed_at", "pk")
    agent = factories.member(house["north"], "agent")
    with signed_in(live_server.url, agent.user) as page:
        page.goto(f"{live_server.url}/agency/{first.pk}/")
        guess = page.locator("#guess")
        expect(guess).to_contain_text(second.spoken_reference)
        shoot(page, "guess")
        with page.expect_navigation():
            guess.get_by_role("button", name=re.compile("^C’est")).click()
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.tenant == second.tenant == awa
        press(page, "Undo")
        page.goto(f"{live_server.url}/agency/{first.pk}/")
        with page.expect_navigation():
            page.locator("#guess").get_by_role("button", name=re.compile("^Ce n’est pas")).click()
        expect(page.locator("#guess")).to_have_count(0)
        assert authors.ruled_out(first) == {str(awa.pk)}
        assert ClaimEvent.unscoped.filter(name="not_author").count() == 1
