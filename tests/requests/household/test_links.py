"""The private link of a claim ends: with the household, with time, by the tenant and by staff."""

from datetime import timedelta

import pytest
from django.test import Client

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.channels import photo_links
from requests.claims import links
from requests.claims.event_models import Message
from requests.claims.links import Stay, someone_left
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation.actions import write
from requests.jobs import queue
from requests.kit.choices import Channel
from requests.work_orders import appointments
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.appointment_models import Offer
from tests import factories, moments
from tests.requests.fixtures.channels import Provider
from tests.requests.household.conftest import (
    AWA,
    BEN,
    DAY,
    LEA,
    TODAY,
    WORDS,
    file_leak,
    fresh,
    lease,
    line,
    opens,
)
from tests.requests.views.household import signed_in

pytestmark = pytest.mark.long

BEN_LEFT = line("B1", "T2", "Ben", "cotitulaire", ends=TODAY - 3 * DAY)


@pytest.fixture
def claim(people) -> Claim:
    """Awa's leak, filed ten days ago, when all three lived there."""
    with moments.at(moments.MOMENT - 10 * DAY):
        return file_leak(people["author"])


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


def every_page(token: str) -> dict[str, int]:
    """What every page of a private link answers: reading, files, writing, deciding."""
    client = Client()
    reads = ("", "print/", "qr/", "complain/")
    posts = {
        "write/": {"text": "Bonjour, est-ce que vous me lisez ?"},
        "do/withdraw/": {},
        "do/reopen/": {"text": "Encore"},
        "news/": {"news": "needed"},
        "complain/": {"words": "Trop long"},
        "confidential/": {"confidential": "no"},
        "link/new/": {},
        "link/close/": {},
    }
    found = {f"GET {path}": client.get(f"/s/{token}/{path}").status_code for path in reads}
    for path, body in posts.items():
        found[f"POST {path}"] = client.post(f"/s/{token}/{path}", body).status_code
    for path in (f"/proof/of/{token}/", f"/feedback/{token}/"):
        found[f"GET {path[:6]}"] = client.get(path).status_code
        found[f"POST {path[:6]}"] = client.post(path, {"score": "4"}).status_code
    return found


@pytest.mark.weakness("endless link")
def test_who_leaves_takes_no_link_along(people, claim, rents, agent, monkeypatch):
    """Ben copied the link before he left; the import says so days later."""
    sent = Provider()
    monkeypatch.setattr("requests.channels.outbound.email.send", sent)
    copied = claim.token
    assert opens(claim) == 200
    rents(AWA, BEN_LEFT, LEA)
    before = (fresh(claim).state, claim.version, claim.messages.count())
    assert set(every_page(copied).values()) == {410}
    assert (fresh(claim).state, claim.version, claim.messages.count()) == before
    page = Client().get(f"/s/{copied}/").content.decode()
    assert WORDS not in page
    assert claim.spoken_reference not in page
    # Awa gets the new link with the next message, and finds it on her own page.
    write(
        claim=claim,
        text="Le plombier vient",
        direction=Message.Direction.OUT,
        channel=Channel.EMAIL,
        now=now(),
        actor=Actor.member(agent),
    )
    factories.pass_time(minutes=5)
    queue.drain(tasks.HANDLERS, now)
    fresh(claim)
    assert claim.token != copied
    assert opens(claim) == 200
    assert any(claim.token in message.text for message in sent.sent)
    assert claim.token in signed_in(people["author"]).get(f"/my/{claim.pk}/").content.decode()
    assert claim.token not in signed_in(people["occupant"]).get(f"/my/{claim.pk}/").content.decode()
    assert set(every_page(copied).values()) == {410}


def test_the_sweep_renews_within_the_hour(people, claim, rents):
    copied = claim.token
    assert links.sweep(now()) == 0
    rents(AWA, BEN_LEFT, LEA)
    assert links.sweep(now()) == 1
    assert links.sweep(now()) == 0
    assert opens(fresh(claim)) == 200
    assert opens(claim, copied) == 410
    assert claim.events.get(name="link_renewed").why == "quelqu’un a quitté le logement"


def test_a_stay_that_ends_by_itself_ends_the_link_the_day_after(people, claim, rents):
    rents(AWA, line("B1", "T2", "Ben", "cotitulaire", ends=TODAY + 2 * DAY), LEA)
    assert opens(claim) == 200
    with moments.at(moments.MOMENT + 2 * DAY):
        assert opens(claim) == 200
    with moments.at(moments.MOMENT + 3 * DAY):
        assert opens(claim) == 410


def test_the_end_of_the_lease_ends_the_link(people, claim, rents):
    rents(*(line("B1", f"T{n}", "X", ends=TODAY - DAY) for n in (1, 2, 3)))
    assert lease("B1").ends == TODAY - DAY
    assert opens(claim) == 410


def test_a_newcomer_who_left_again_takes_no_link_along(people, claim, rents):
    came = {"starts": TODAY - 8 * DAY}
    rents(AWA, BEN, LEA, line("B1", "T4", "Zoé", "cotitulaire", **came))
    assert opens(claim) == 200
    rents(AWA, BEN, LEA, line("B1", "T4", "Zoé", "cotitulaire", **came, ends=TODAY - DAY))
    assert opens(claim) == 410


def test_neighbours_and_the_next_household_end_nobodys_link(people, claim, rents):
    factories.dwelling(claim.staircase, "13")
    gone = line("B9", "T9", "Nil", home="k-13", ends=TODAY - DAY)
    rents(AWA, BEN, LEA, gone)
    assert opens(claim) == 200


@pytest.mark.weakness("endless link")
def test_a_year_after_closing_the_link_opens_and_reopens_nothing(people, claim, agent):
    advance(claim=claim, transition="report_done", actor=Actor.member(agent), now=now())
    advance(claim=claim, transition="say_fixed", actor=Actor.TENANT, now=now())
    with moments.at(moments.MOMENT + timedelta(days=364)):
        assert opens(claim) == 200
    for days in (366, 4 * 366):
        with moments.at(moments.MOMENT + timedelta(days=days)):
            assert set(every_page(claim.token).values()) == {410}
            page = signed_in(people["author"]).get(f"/my/{claim.pk}/")
            assert page.status_code == 200
            assert "/link/new/" not in page.content.decode()
            again = signed_in(people["author"]).post(f"/my/{claim.pk}/link/new/")
            assert again.status_code == 404
    assert fresh(claim).state == "closed"


def test_the_author_closes_the_link_and_makes_another(people, claim):
    author, former = signed_in(people["author"]), claim.token
    assert author.post(f"/my/{claim.pk}/link/close/").status_code == 302
    assert set(every_page(former).values()) == {410}
    page = author.get(f"/my/{claim.pk}/").content.decode()
    assert former not in page
    assert author.get(f"/my/{claim.pk}/qr/").status_code == 410
    author.post(f"/my/{claim.pk}/link/new/")
    assert fresh(claim).token != former
    assert opens(claim) == 200
    assert opens(claim, former) == 410


def test_who_holds_the_link_closes_it_too(claim):
    former = claim.token
    answer = Client().post(f"/s/{former}/link/close/", follow=True)
    assert answer.status_code == 410
    assert opens(claim) == 410


def test_staff_close_it_with_a_reason_and_make_another(claim, agent):
    client, former = Client(), claim.token
    client.force_login(agent.user)
    assert client.post(f"/agency/{claim.pk}/link/close/", {"why": ""}).status_code == 422
    assert opens(claim) == 200
    client.post(f"/agency/{claim.pk}/link/close/", {"why": "Téléphone perdu"})
    assert opens(claim) == 410
    assert claim.events.get(name="link_closed").why == "Téléphone perdu"
    page = client.get(f"/agency/{claim.pk}/").content.decode()
    assert "Téléphone perdu" in page
    assert former not in page
    client.post(f"/agency/{claim.pk}/link/new/")
    assert opens(fresh(claim)) == 200
    assert opens(claim, former) == 410


def test_links_of_visits_and_photos_end_with_it(claim, agent, rents):
    contract = factories.contract(factories.contractor())
    hours = [(now() + timedelta(days=n), now() + timedelta(days=n, hours=2)) for n in (2, 3, 4)]
    appointments.publish_slots(contract.contractor, hours)
    actor = Actor.member(agent)
    order = create_order(
        claim=claim,
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=now() + timedelta(days=3),
        actor=actor,
        now=now(),
    )
    send_order(order=order, actor=actor, now=now())
    appointments.offer_dates(order=order, actor=actor, now=now())
    visit, photos = Offer.unscoped.get().token, photo_links.make(claim.reference, now())
    pages = (f"/visit/{visit}/", f"/photos/{photos}/")
    assert [Client().get(page).status_code for page in pages] == [200, 200]
    rents(AWA, BEN_LEFT, LEA)
    assert [Client().get(page).status_code for page in pages] == [410, 410]
    with moments.at(moments.MOMENT + timedelta(minutes=5)):
        links.sweep(now())
        posts = ("", "call/", "change/")
        assert [Client().get(page).status_code for page in pages] == [410, 410]
        assert {Client().post(pages[0] + post).status_code for post in posts} == {410}
        assert Client().get(f"/visit/{Offer.unscoped.get().token}/").status_code == 200


def test_an_invented_link_is_unknown_not_ended(claim):
    assert opens(claim, "invented") == 404


STAYS = [Stay(1, 7, TODAY, None), Stay(2, 7, TODAY, TODAY), Stay(3, 8, TODAY, TODAY)]


@pytest.mark.parametrize(
    ("seen", "later", "gone"),
    [
        ([1], 0, False),
        ([1, 2], 0, False),  # the last day counts
        ([1, 2], 1, True),
        ([1], 1, True),  # somebody of the same lease came and went
        ([3], 0, False),
        ([4], 0, False),  # of another home: the place was corrected
        (None, 1, True),
    ],
)
def test_someone_left(seen, later, gone):
    assert someone_left(STAYS, seen, made=TODAY, today=TODAY + later * DAY) is gone
