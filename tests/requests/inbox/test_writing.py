"""What is written on the claim page: a reply with a step, notes, an order under contract."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.actor import Actor
from portal.clock import now
from portal.dates import moment
from portal.models import User
from requests import tasks
from requests.channels import gsm7
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.complaints import actions as complaints
from requests.incidents import actions as incidents
from requests.jobs import queue
from requests.notifications.events import full_message
from requests.notifications.models import Delivery
from requests.teamwork import absences
from requests.work_orders.models import WorkOrder
from tests import factories
from tests.requests.fixtures.desk import form_of_key, url
from tests.requests.proposals.helpers import again

pytestmark = [pytest.mark.long, pytest.mark.django_db]
NUMBER, MAIL = "+33639981234", "awa@tenant.example"
STATEMENTS = (
    25  # it was 91 on 30 November 2026; exactly, by panel: tests/benchmarks/test_claim_page.py
)


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def agent(client, landlord):
    found = factories.member(landlord["north"], "agent")
    client.force_login(found.user)
    return found


@pytest.fixture
def claim(landlord, agent) -> Claim:
    """A leak, filed by e-mail, whose author also has a mobile number."""
    found = factories.leak(
        landlord, now(), channel="email", contact_email=MAIL, contact_phone=NUMBER
    )
    queue.drain(tasks.HANDLERS, now)
    found.refresh_from_db()
    return found


def write(client, claim, **more):
    claim.refresh_from_db()
    data = {"kind": "out", "channel": "email", "text": "Une photo ?", "version": claim.version}
    return client.post(url("message", claim), data | more)


def toasts(client, claim) -> list[str]:
    return [str(toast["text"]) for toast in client.get(url("claim", claim)).context["toasts"]]


@pytest.mark.parametrize(("then", "event"), [("waiting_tenant", Event.ASK), ("done", Event.ANSWER)])
def test_a_reply_takes_the_step_of_its_button_by_the_channel_chosen(client, claim, then, event):
    assert write(client, claim, then=then, channel="sms").status_code == 302
    claim.refresh_from_db()
    assert claim.state == then
    sent = Message.unscoped.get(direction="out")
    assert (sent.text, sent.channel) == ("Une photo ?", "sms")
    step = claim.events.get(name=event)
    assert step.facts["message"] == str(sent.pk)
    said = toasts(client, claim)[0]
    assert "Reply sent in half a minute." in said
    assert "Next news before" not in said  # nothing is promised while one waits, or at the end
    assert claim.promise_at is None
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)
    left = Delivery.unscoped.get(event=step)
    assert (left.channel, left.recipient) == ("sms", NUMBER)


def test_a_plain_reply_says_the_date_that_stands_after_it(client, claim):
    assert write(client, claim).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "received"
    assert moment(claim.promise_at) in toasts(client, claim)[0]


def test_an_impossible_step_keeps_the_words(client, claim):
    Claim.objects.system("test").filter(pk=claim.pk).update(state="done")
    answer = write(client, claim, then="done")
    assert answer.status_code == 422
    assert "Une photo ?" in answer.content.decode()
    assert not Message.unscoped.filter(direction="out").exists()
    late = write(client, claim, then="x' OR 1")
    assert late.status_code == 422


def test_what_is_finished_promises_nothing(client, claim):
    at = timezone.localtime(now()) + timedelta(days=2)
    typed = f"{at.replace(hour=10, minute=0):%Y-%m-%dT%H:%M}"
    answer = write(client, claim, then="done", promise_at=typed)
    assert answer.status_code == 422
    assert "promises no more news" in answer.content.decode()


def test_a_note_takes_no_step(client, claim):
    assert write(client, claim, kind="note", then="done").status_code == 302
    claim.refresh_from_db()
    assert claim.state == "received"


def test_what_was_sent_is_no_draft_any_more(client, claim):
    """The browser keeps what is typed; the page after says that it was sent, and once only."""
    assert f'data-draft="claim-{claim.pk}"' in client.get(url("claim", claim)).content.decode()
    write(client, claim, kind="note", text="Clé chez le gardien")
    clear = f'data-draft-clear="claim-{claim.pk}"'
    assert clear in client.get(url("claim", claim)).content.decode()
    assert clear not in client.get(url("claim", claim)).content.decode()


def test_who_handled_a_matter_finishes_no_complaint_by_a_reply(client, claim, agent):
    assert write(client, claim, then="done").status_code == 302
    factories.category("ADM-17", "A2", "crc")
    filed = complaints.file(
        about=claim, words="Rien.", channel="web", actor=Actor.TENANT, now=now()
    )
    queue.drain(tasks.HANDLERS, now)
    page = client.get(url("claim", filed))
    offered = [target for target, *_more in page.context["sends"]]
    assert offered == ["waiting_tenant"]
    assert write(client, filed, then="done", channel="web").status_code == 422


def test_an_undone_step_of_a_reply_gives_its_words_back(client, claim):
    write(client, claim, then="waiting_tenant")
    event = claim.events.get(name=Event.ASK)
    back = client.post(reverse("agency:undo"), {"events": event.pk}, follow=True)
    claim.refresh_from_db()
    assert claim.state == "received"
    assert back.context["chosen"]["text"].value() == "Une photo ?"


@pytest.fixture
def marc(landlord, agent):
    found = factories.member(landlord["north"], "agency_manager")
    User.objects.filter(pk=found.user_id).update(first_name="Marc")
    found.user.refresh_from_db()
    return found


def test_a_note_says_who_is_told_of_it(client, claim, marc):
    write(client, claim, kind="note", text="Clé chez le gardien")
    assert toasts(client, claim) == ["Note kept. Only staff read it; nobody is told of it."]
    write(client, claim, kind="note", text="@Marc, regarde")
    assert toasts(client, claim) == ["Note kept. Told that they are named: Marc."]


def test_naming_somebody_who_is_away_warns(client, claim, marc, agent):
    today = timezone.localdate(now())
    absences.enter(
        member=marc,
        first_day=today,
        last_day=today + timedelta(days=3),
        replacement=agent,
        by=agent.user,
        now=now(),
    )
    assert "away until" in client.get(url("claim", claim)).content.decode()
    write(client, claim, kind="note", text="@Marc, regarde")
    told, warning = toasts(client, claim)
    assert "Marc" in told
    assert re.match(r"Marc is away until .*; Sonia stands in\.", warning)


# The order under contract


def test_the_order_of_a_contract_leaves_by_one_key_with_its_text(client, claim):
    factories.contract(factories.contractor())
    _page, address, fields = form_of_key(client, claim, "o")
    assert "Plomberie Le Goff" in fields["text"]
    assert client.post(address, fields).status_code == 302
    order = WorkOrder.objects.system("test").get()
    assert (order.state, order.contractor.name) == ("sent", "Plomberie Le Goff")
    assert order.contract is not None
    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert Message.unscoped.get(direction="out").text == fields["text"].replace("&#x27;", "'")
    # Pressed twice, or after somebody else: nothing more is ordered.
    assert client.post(address, fields).status_code == 409
    assert WorkOrder.objects.system("test").count() == 1
    assert 'data-key="o"' not in client.get(url("claim", claim)).content.decode()


def test_without_contract_or_in_confidence_no_key_orders(client, claim):
    factories.contractor()
    assert 'data-key="o"' not in client.get(url("claim", claim)).content.decode()
    factories.contract(factories.contractor("Autre"))
    Claim.objects.system("test").filter(pk=claim.pk).update(confidential=True)
    assert 'data-key="o"' not in client.get(url("claim", claim)).content.decode()
    data = {"accepted": "contract", "version": claim.version, "text": "x"}
    assert client.post(reverse("agency:accept_order", args=[claim.pk]), data).status_code == 409
    assert not WorkOrder.objects.system("test").exists()


def test_what_an_incident_deals_with_is_not_ordered_again(client, claim, landlord, agent):
    factories.contract(factories.contractor())
    second = factories.leak(landlord, now(), key="second")
    queue.drain(tasks.HANDLERS, now)
    incidents.open_incident(
        building=claim.building,
        family=claim.category.family,
        title="Fuite",
        text="On arrive.",
        actor=Actor.member(agent),
        now=now(),
        claims=[claim, again(second)],
    )
    assert 'data-key="o"' not in client.get(url("claim", claim)).content.decode()


# Steps and the text message


def test_the_form_of_a_step_is_drawn_when_asked_for(client, claim):
    page = client.get(url("claim", claim))
    assert page.context["chosen"] is None
    assert {"refuse", "hand_over"} <= {step.transition for step in page.context["others"]}
    assert 'id="hand_over_desk"' not in page.content.decode()
    opened = client.get(url("claim", claim) + "?view=all&step=hand_over")
    assert opened.context["chosen"].transition == "hand_over"
    assert 'id="hand_over_desk"' in opened.content.decode()
    assert "step=hand_over" not in opened.context["here"]
    part = client.get(url("claim", claim) + "?step=refuse", headers={"X-Panel": "1"})
    assert part.headers["X-Panel"] == "decision"
    assert "<h1" not in part.content.decode()
    assert 'id="refuse_text"' in part.content.decode()
    for strange in ("say_fixed", "nope", "relocate", "close_unanswered"):
        assert client.get(url("claim", claim) + f"?step={strange}").context["chosen"] is None


def test_the_details_of_a_proposal_are_in_the_readers_language(client, claim):
    assert claim.language == "fr"
    page = client.get(url("claim", claim))
    ((_label, said),) = page.context["details"]
    assert re.fullmatch(r"\w+ \d+ [A-Z]\w+, \d+(:\d+)?\s[AP]M", said)
    assert "Bonjour" in page.context["proposal"].text


def test_a_reply_by_sms_is_framed_as_it_leaves(client, claim):
    told = client.get(url("sms", claim)).json()
    assert set(told["frames"]) == {"out", "waiting_tenant", "done"}
    frame = told["frames"]["out"]
    assert claim.token not in str(told)
    text = "Nous venons demain, êtes-vous là ?"
    assert write(client, claim, channel="sms", text=text).status_code == 302
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)
    row = Delivery.unscoped.get(channel="sms")
    left = full_message(claim, [row.text], "sms", "fr")
    shown = frame["before"] + gsm7.to_gsm7(text) + frame["after"]
    assert shown.replace("...", claim.token) == left
    assert gsm7.length(shown, more=frame["hidden"]) == gsm7.length(left)


def test_a_confidential_reply_does_not_travel_by_sms(client, claim):
    Claim.objects.system("test").filter(pk=claim.pk).update(confidential=True)
    frame = client.get(url("sms", claim)).json()["frames"]["out"]
    assert frame["said"] is False


def test_the_page_costs_fewer_statements_than_it_did(client, claim):
    client.get(url("claim", claim))
    with CaptureQueriesContext(connection) as seen:
        client.get(url("claim", claim))
    assert len(seen) <= STATEMENTS


def test_in_a_danger_the_call_begins_with_whom_to_ring(client, landlord, agent):
    gas = factories.leak(landlord, now(), key="g", category="GAZ-01")
    Claim.objects.system("test").filter(pk=gas.pk).update(owner=landlord["north"].desks.first())
    page = client.get(url("claim", gas)).content.decode()
    assert "0 800 47 33 33" in page[page.index('id="panel-call"') :]
