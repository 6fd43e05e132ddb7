"""Test a landlord's rules: they propose a text, one key accepts it, and they never act alone."""

import pytest
from django.utils import translation

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing import rule_actions
from requests.routing.actions import route_claim
from requests.routing.figures import what_rules_did
from requests.routing.forms import labels
from requests.routing.models import Rule
from requests.routing.sentences import sentence
from requests.work_orders.models import WorkOrder
from tests import factories
from tests.requests.fixtures.desk import accept

ORDER = {"propose": "order", "with": "plumbing", "within": 24}


@pytest.fixture
def manager(landlord):
    return factories.member(landlord["north"], "agency_manager")


@pytest.fixture
def agent(landlord, client):
    made = factories.member(landlord["north"], "agent")
    client.force_login(made.user)
    return made


def filed(landlord) -> Claim:
    claim = file_claim(
        Filing(
            channel="web",
            key=str(Claim.objects.system("test").count()),
            category="PLO-03",
            dwelling=landlord["dwelling"].pk,
            contact_email="awa@example.test",
        ),
        actor=Actor.TENANT,
        now=now(),
    )
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    return claim


def written(manager, outcome, **conditions) -> Rule:
    rule = rule_actions.save_rule(
        rule=None,
        unit=manager.unit,
        name="Robinetterie",
        conditions=conditions or {"family": ["PLO"]},
        outcome=outcome,
        by=manager.user,
        now=now(),
    )
    return rule_actions.switch(rule=rule, on=True, by=manager.user, now=now())


def test_an_order_is_proposed_by_name_and_sent_by_one_key(client, landlord, manager, agent):
    factories.contract(factories.contractor())
    rule, claim = written(manager, ORDER), filed(landlord)
    assert WorkOrder.objects.system("test").count() == 0
    page, answer = accept(client, claim)
    assert "Robinetterie" in page
    assert answer.status_code == 302
    order = WorkOrder.objects.system("test").get()
    assert (order.state, order.contractor.name) == ("sent", "Plomberie Le Goff")
    claim.refresh_from_db()
    assert claim.state == "in_review"
    told = Message.unscoped.get(claim=claim, direction="out")
    assert "Plomberie Le Goff" in told.text
    assert what_rules_did([str(rule.pk)])[str(rule.pk)].accepted == {
        "decided": 1,
        "accepted": 1,
        "changed": 0,
        "share": None,
    }


def test_without_a_contract_the_house_proposes_instead(client, landlord, manager, agent):
    written(manager, ORDER)
    page, answer = accept(client, filed(landlord))
    assert "Robinetterie" not in page
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        ({"propose": "visit", "with": ""}, Event.PLAN),
        ({"propose": "answer", "with": "", "text": "Tournez le robinet d'arrêt."}, Event.ANSWER),
        ({"propose": "photo", "with": ""}, Event.ASK),
        ({"propose": "hand_over", "with": "caretakers"}, Event.HAND_OVER),
    ],
)
def test_each_step_is_worded_and_done_by_a_person_only(
    client, landlord, manager, agent, outcome, event
):
    rule, claim = written(manager, outcome), filed(landlord)
    assert not claim.events.filter(name=event).exists()
    page, answer = accept(client, claim)
    assert "Robinetterie" in page
    assert answer.status_code == 302, answer.content.decode()
    done = claim.events.get(name=event)
    assert done.actor == agent.user
    assert done.facts["proposed"] == {"rule": str(rule.pk), "version": 2, "kept": True}


def test_another_step_than_the_proposed_one_counts_as_changed(client, landlord, manager, agent):
    rule, claim = written(manager, {"propose": "photo", "with": ""}), filed(landlord)
    client.post(
        f"/agency/{claim.pk}/take_charge/", {"version": claim.version, "text": "Nous regardons."}
    )
    found = what_rules_did([str(rule.pk)])[str(rule.pk)].accepted
    assert (found["accepted"], found["changed"]) == (0, 1)
    client.force_login(manager.user)
    assert client.get(f"/agency/rules/{rule.pk}/").status_code == 200


def test_a_claim_that_moved_meanwhile_gets_no_order(client, landlord, manager, agent):
    factories.contract(factories.contractor())
    rule, claim = written(manager, ORDER), filed(landlord)
    stale = {
        "version": claim.version - 1,
        "accepted": str(rule.pk),
        "text": "Nous envoyons quelqu'un.",
        "promise_at": "2099-01-01T10:00",
    }
    assert client.post(f"/agency/{claim.pk}/accept-order/", stale).status_code == 409
    assert client.post(f"/agency/{claim.pk}/accept-order/", {}).status_code == 409
    assert not WorkOrder.objects.system("test").exists()


def test_it_sends_no_claim_to_a_desk(landlord, manager):
    written(manager, ORDER)
    assert filed(landlord).decisions.get().rule == "agency_of_the_dwelling"


def test_its_rehearsal_says_where_people_did_otherwise(client, landlord, manager, agent):
    claims = [filed(landlord) for _ in range(3)]
    rule = written(manager, {"propose": "visit", "with": ""})
    client.post(
        f"/agency/{claims[0].pk}/plan/",
        {"version": claims[0].version, "visit_at": "2099-01-01T10:00", "hours": "2"},
    )
    result = rule_actions.run_rehearsal(rule=rule, now=now())
    assert set(result.touched) == {c.pk for c in claims}
    assert set(result.otherwise) == {c.pk for c in claims[1:]}


def test_it_is_composed_as_a_sentence(client, landlord, manager):
    factories.contractor()
    client.force_login(manager.user)
    data = {
        "name": "Eau",
        "when_family": ["PLO"],
        "when_urgency": ["U1", "U2"],
        "outcome": "propose:order:plumbing",
        "within": "24",
    }
    answer = client.post("/agency/rules/new/", data, follow=True)
    assert answer.status_code == 200
    rule = Rule.objects.get(name="Eau")
    assert rule.outcome == ORDER

    with translation.override("en"):
        said = sentence(rule.conditions, rule.outcome, labels(None))
    assert said.startswith("When the family is Plumbing and the urgency is U1")
    assert "propose an order to the contractor for Plomberie within 24 h" in said
    assert said.endswith("and tell the tenant by their channel.")
    shown = client.get(f"/agency/rules/{rule.pk}/change/").content.decode()
    assert 'value="propose:order:plumbing" selected' in shown
    unworded = {"name": "Réponse", "outcome": "propose:answer"}
    assert client.post("/agency/rules/new/", unworded).status_code == 422
