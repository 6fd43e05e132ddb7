"""Fifty people send their edit of one thing at the same moment: one wins, the others lose no word.

Real threads, each with its own connection, on committed rows. Whoever comes too late gets 409 and a
page that still holds what they typed (docs/principles.md, T8, D3).
"""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.planned_works import actions as planned_works
from requests.planned_works.models import PlannedWorks
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import OrderEvent, OrderLink
from requests.work_orders.workflow import OrderStep
from tests import factories, trust
from tests.requests.fixtures.work import later

pytestmark = [pytest.mark.trust, pytest.mark.long, pytest.mark.django_db(transaction=True)]
EDITS = trust.size(8, 50)


@dataclass(frozen=True)
class Edit:
    """What the people of one case send: ``data`` of the sender's number, and what may be kept."""

    client: Client
    url: str
    data: dict
    field: str = "text"
    steps: tuple[str, ...] = ()

    def words(self, number: int) -> str:
        return f"Mot {number:03} de {self.field}"

    def send(self, number: int) -> tuple[int, str]:
        client = Client(headers={"Accept-Language": "fr"})
        client.cookies.update(self.client.cookies)
        data = self.data | {self.field: self.words(number)}
        url = self.url
        if self.steps:
            url = url.format(self.steps[number % len(self.steps)])
        answer = client.post(url, data)
        return answer.status_code, answer.content.decode()


def at_once(edit: Edit, count: int) -> list[tuple[int, str]]:
    """Send ``count`` edits when all senders are ready; return the answers by number."""
    answers: dict[int, tuple[int, str]] = {}
    ready = threading.Barrier(count)

    def send(number: int) -> None:
        try:
            connection.ensure_connection()
            ready.wait(60)
            answers[number] = edit.send(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return [answers[number] for number in range(count)]


@pytest.fixture
def house():
    return factories.landlord()


@pytest.fixture
def agent(house):
    return factories.member(house["north"], "agent")


@pytest.fixture
def desk(agent) -> Client:
    client = Client()
    client.force_login(agent.user)
    return client


def a_claim(house, agent, *steps: str):
    claim = factories.leak(house, now(), words="Ça coule", contact_email="awa@example.test")
    for step in steps:
        advance(claim=claim, transition=step, actor=Actor.member(agent), now=now(), text="x")
    claim.refresh_from_db()
    return claim


def message_at_desk(house, agent, desk) -> Edit:
    claim = a_claim(house, agent, Event.TAKE_CHARGE)
    data = {"version": claim.version, "kind": "out", "channel": "email"}
    return Edit(desk, reverse("agency:message", args=[claim.pk]), data)


def note_of_what_was_said(house, agent, desk) -> Edit:
    claim = a_claim(house, agent, Event.TAKE_CHARGE)
    data = {"version": claim.version, "channel": "phone"}
    return Edit(desk, reverse("agency:noted", args=[claim.pk]), data)


def one_step_at_desk(house, agent, desk) -> Edit:
    claim = a_claim(house, agent, Event.TAKE_CHARGE)
    url = reverse("agency:act", args=[claim.pk, Event.ASK])
    return Edit(desk, url, {"version": claim.version})


def several_steps_at_desk(house, agent, desk) -> Edit:
    claim = a_claim(house, agent, Event.TAKE_CHARGE)
    url = reverse("agency:act", args=[claim.pk, "step"]).replace("/step/", "/{}/")
    data = {"version": claim.version, "reason": "tenant_upkeep"}
    return Edit(desk, url, data, steps=(Event.ASK, Event.ANSWER, Event.REFUSE))


def reopening_by_the_link(house, agent, desk) -> Edit:
    claim = a_claim(house, agent, Event.TAKE_CHARGE, Event.REPORT_DONE)
    advance(claim=claim, transition=Event.SAY_FIXED, actor=Actor.TENANT, now=now())
    return Edit(Client(), reverse("follow_act", args=[claim.token, Event.REOPEN]), {})


def planned_works_changed(house, agent, desk) -> Edit:
    factories.contact(factories.tenant(house["dwelling"]), "awa@example.test")
    starts = now() + timedelta(days=20)
    works = planned_works.announce(
        kind="water",
        title="Coupure d'eau",
        text="Remplissez une bouteille.",
        residence=house["dwelling"].staircase.building.residence,
        starts=starts,
        ends=starts + timedelta(hours=4),
        membership=agent,
        now=now(),
    )
    local = "%Y-%m-%dT%H:%M"
    data = {
        "version": works.version,
        "starts": timezone.localtime(works.starts).strftime(local),
        "ends": timezone.localtime(works.ends).strftime(local),
    }
    return Edit(desk, reverse("planned_change", args=[works.pk]), data)


def planned_works_cancelled(house, agent, desk) -> Edit:
    edit = planned_works_changed(house, agent, desk)
    works = PlannedWorks.objects.get()
    return Edit(desk, reverse("planned_cancel", args=[works.pk]), edit.data, "reason")


def an_order(house, agent):
    contract = factories.contract(factories.contractor())
    actor = Actor.member(agent)
    order = create_order(
        claim=a_claim(house, agent, Event.TAKE_CHARGE),
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="Réparer la fuite",
        respond_by=later(days=3),
        actor=actor,
        now=now(),
    )
    send_order(order=order, actor=actor, now=now())
    order.refresh_from_db()
    return order


def order_cancelled_at_desk(house, agent, desk) -> Edit:
    order = an_order(house, agent)
    url = reverse("work_act", args=[order.pk, OrderStep.CANCEL])
    return Edit(desk, url, {"version": order.version}, "reason")


def order_refused_by_the_contractor(house, agent, desk) -> Edit:
    order = an_order(house, agent)
    link = OrderLink.unscoped.create(order=order, created_at=now())
    url = reverse("job_act", args=[link.token, "impossible"])
    return Edit(Client(), url, {"version": order.version, "reason": "trade"}, "words")


def work_reported_by_the_contractor(house, agent, desk) -> Edit:
    order = an_order(house, agent)
    link = OrderLink.unscoped.create(order=order, created_at=now())
    url = reverse("job_act", args=[link.token, "done"])
    return Edit(Client(), url, {"version": order.version})


FORMS = [
    message_at_desk,
    note_of_what_was_said,
    one_step_at_desk,
    several_steps_at_desk,
    reopening_by_the_link,
    planned_works_changed,
    planned_works_cancelled,
    order_cancelled_at_desk,
    order_refused_by_the_contractor,
    work_reported_by_the_contractor,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_one_edit_wins_and_the_others_keep_their_words(form, house, agent, desk):
    edit = form(house, agent, desk)
    answers = at_once(edit, EDITS)
    assert Counter(status for status, _page in answers) == {302: 1, 409: EDITS - 1}
    for number, (status, page) in enumerate(answers):
        assert status == 302 or edit.words(number) in page, number
    (winner,) = (number for number, (status, _page) in enumerate(answers) if status == 302)
    kept = [*Message.unscoped.values_list("text", flat=True)]
    kept += [str(facts) for facts in ClaimEvent.unscoped.values_list("facts", flat=True)]
    kept += [str(facts) for facts in OrderEvent.unscoped.values_list("facts", flat=True)]
    for works in PlannedWorks.objects.all():
        kept += [works.text, works.cancel_reason]
    everything = "\n".join(kept)
    assert [n for n in range(EDITS) if edit.words(n) in everything] == [winner]
