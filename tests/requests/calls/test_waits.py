"""A call: who waits for what is said first and done there; one sentence, before and after."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation import actions as conversation
from requests.jobs import queue
from requests.work_orders import appointments
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.appointment_models import Slot
from tenants.models import Need
from tests import factories, moments

pytestmark = pytest.mark.django_db
DESK = "/calls/"


@pytest.fixture
def house(client, landlord):
    awa = factories.tenant(landlord["dwelling"], civility="Mme")
    factories.contact(awa, "+33639984494")
    nadia = factories.member(landlord["head"], "call_taker")
    client.force_login(nadia.user)
    return {**landlord, "awa": awa, "nadia": nadia}


def filed(house, key="k", **values) -> Claim:
    made = factories.leak(house, now(), key=key, tenant=str(house["awa"].pk), **values)
    queue.drain(tasks.HANDLERS, now)
    made.refresh_from_db()
    return made


@pytest.fixture
def offered(house):
    """A request whose order offers two dates."""
    claim, actor = filed(house), Actor.member(factories.member(house["north"], "agent"))
    company = factories.contractor()
    for days in (2, 3):
        starts = now() + timedelta(days=days)
        Slot.objects.create(contractor=company, starts=starts, ends=starts + timedelta(hours=2))
    order = create_order(
        claim=claim,
        contractor=company,
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=now() + timedelta(days=4),
        actor=actor,
        now=now(),
        contract=None,
    )
    order.spend_limit = 100
    order.save()
    send_order(order=order, actor=actor, now=now())
    assert appointments.offer_dates(order=order, actor=actor, now=now())
    return claim


def screen(client, house):
    return client.get(DESK, {"tel": "06 39 98 44 94"})


def test_the_call_taker_lands_on_calls_and_the_logo_leads_there(client, house):
    assert client.get("/enter/").url == DESK
    assert 'class="brand" href="/enter/"' in client.get(DESK).content.decode()


def test_a_date_is_chosen_during_the_call(client, house, offered):
    filed(house, key="other")
    page = screen(client, house)
    assert page.context["mine"][0] == offered
    said = page.content.decode()
    url = reverse("calls:choose", args=[offered.pk])
    assert said.count(f'formaction="{url}"') == 2
    number = page.context["mine"][0].wait.options[1].number
    answer = client.post(url, {"number": number, "channel": "phone"})
    assert answer.url == reverse("calls:heard", args=[offered.pk])
    offered.refresh_from_db()
    assert offered.state == "planned"
    assert client.get(answer.url).context["claim"].wait is None
    again = client.post(url, {"number": number})
    assert again.status_code == 302
    assert client.post(url, {"number": "x"}).status_code == 302


@pytest.mark.parametrize(("fixed", "state"), [("yes", "closed"), ("no", "in_review")])
def test_finished_work_is_confirmed_or_not(client, house, fixed, state):
    claim, actor = filed(house), Actor.member(factories.member(house["north"], "agent"))
    advance(claim=claim, transition="report_done", actor=actor, now=now())
    claim.refresh_from_db()
    url = reverse("calls:confirm", args=[claim.pk])
    assert f'formaction="{url}"' in screen(client, house).content.decode()
    stale = client.post(url, {"fixed": f"{fixed}:{claim.version - 1}"}, follow=True)
    assert stale.context["claim"].state == "done"
    client.post(url, {"fixed": f"{fixed}:{claim.version}", "channel": "counter"})
    claim.refresh_from_db()
    assert claim.state == state
    assert claim.messages.filter(direction="in", channel="counter").count() == 1


def test_our_question_is_read_out(client, house):
    claim, actor = filed(house), Actor.member(factories.member(house["north"], "agent"))
    asked = conversation.write_step_message(
        claim=claim, text="À quelle hure êtes-vous là ?", actor=actor, now=now()
    )
    advance(
        claim=claim,
        transition="ask",
        actor=actor,
        now=now(),
        text=asked.text,
        message=str(asked.pk),
    )
    assert asked.text in screen(client, house).content.decode()


def sentence_of(answer) -> str:
    said = re.search(r'<p class="say">(.*?)</p>', answer.content.decode(), re.S)
    return " ".join(said.group(1).split())


@pytest.mark.parametrize("hour", [9, 21])
@pytest.mark.parametrize("need", ["", "stairs"])
@pytest.mark.parametrize("category", ["PLO-03", "GAZ-01"])
def test_one_sentence_before_and_after_saving(client, house, hour, need, category):
    if need:
        Need.unscoped.create(tenant=house["awa"], code=need, expires="2099-01-01")
    moment = moments.MOMENT.replace(hour=hour, minute=5, second=0)
    with moments.at(moment):
        client.force_login(house["nadia"].user)
        asked = {"category": category, "where": "dwelling", "who": house["awa"].pk}
        before = sentence_of(client.get("/calls/sentence/", {**asked, "channel": "phone"}))
        typed = {"key": uuid.uuid4(), "channel": "phone", "words": "Ça coule", "phone": ""}
        answer = client.post("/calls/file/", {**asked, **typed}, follow=True)
        after = sentence_of(answer)
        queue.drain(tasks.HANDLERS, now)
        routed = sentence_of(client.get(answer.request["PATH_INFO"]))
    assert before == after == routed
    assert "Traoré" in before


def test_merged_people_are_not_called(client, house):
    twin = factories.tenant(house["dwelling"], last_name="TRAORE", merged_into=house["awa"])
    for typed in ("Traoré", "1 rue du lin 12", "1 rue du lin", "Troaré awa"):
        found = [caller.tenant for caller in client.get(DESK, {"q": typed}).context["callers"]]
        assert found == [house["awa"]], typed
        assert twin not in found


def test_an_address_in_short_finds_who_lives_there(client, house):
    stairs = house["dwelling"].staircase
    stairs.street = "33 boulevard des Bateliers"
    stairs.save()
    for typed in ("33 bd des bateliers", "33 bd des bateliers 12", "33, boulevard des bateliers"):
        found = [caller.tenant for caller in client.get(DESK, {"q": typed}).context["callers"]]
        assert found == [house["awa"]], typed


def test_the_counter_prints_the_receipt(client, house):
    claim = filed(house, channel="counter", words="Le robinet goutte")
    for url in (reverse("calls:done", args=[claim.pk]), reverse("calls:heard", args=[claim.pk])):
        assert reverse("calls:receipt", args=[claim.pk]) in client.get(url).content.decode()
    paper = client.get(reverse("calls:receipt", args=[claim.pk])).content.decode()
    assert claim.spoken_reference in paper
    assert "Le robinet goutte" in paper
    assert claim.token not in paper
    assert "data-print" in paper
    client.force_login(factories.member(house["south"], "agent").user)
    assert client.get(reverse("calls:receipt", args=[claim.pk])).status_code == 404
