"""The built-in rules are rows like the others, and a proposal knows what is under way."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from agencies.models import Desk
from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.incidents import actions as incidents
from requests.kit.choices import State
from requests.notifications import events
from requests.proposals.queries import proposal_for
from requests.proposals.rules import CALL
from requests.routing import rule_actions
from requests.routing.actions import route_claim
from requests.routing.house_proposals import HOUSE_RULES, HOUSE_STEPS, TAKEN
from requests.routing.house_rows import CONCERNED, row_key, write_missing_rows
from requests.routing.models import Rule
from requests.work_orders import appointments
from requests.work_orders.appointments import offer_dates
from tests import factories
from tests.requests.proposals.helpers import again, ordered


@pytest.fixture
def agent(landlord, client):
    made = factories.member(landlord["north"], "agent")
    client.force_login(made.user)
    return made


@pytest.fixture
def manager(landlord):
    return factories.member(landlord["north"], "agency_manager")


def filed(landlord, key="k", **values) -> Claim:
    usual = {"category": "PLO-03", "dwelling": landlord["dwelling"].pk}
    filing = Filing(channel="web", key=key, contact_email="a@example.test", **{**usual, **values})
    claim = file_claim(filing, actor=Actor.TENANT, now=now())
    route_claim(claim_id=claim.pk, now=now())
    return again(claim)


def in_review(claim, agent) -> Claim:
    """Take the claim in charge, and let the time pass in which that is undone."""
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=now())
    return again(claim)


def proposed(claim, member):
    return proposal_for(again(claim), member, list(claim.events.all()), now())


def test_every_house_rule_has_its_row_its_sentence_and_its_rehearsal():
    assert set(HOUSE_RULES) == set(HOUSE_STEPS) == set(TAKEN) == set(CONCERNED)


def test_rows_are_written_once_and_stay_as_people_set_them(landlord):
    assert write_missing_rows() == 0  # whoever migrates has written them
    Rule.objects.filter(pk=row_key("visit")).update(active=False, name="Aller voir")
    Rule.objects.filter(pk=row_key("call")).delete()
    assert write_missing_rows() == 1
    kept = Rule.objects.get(pk=row_key("visit"))
    assert (kept.active, kept.name) == (False, "Aller voir")


def test_it_is_seen_switched_off_here_and_nobody_else_is_concerned(
    client, landlord, agent, manager
):
    claim = in_review(filed(landlord), agent)
    assert proposed(claim, agent).transition == Event.PLAN
    client.force_login(manager.user)
    page = unescape(client.get("/agency/rules/").content.decode())
    for row in Rule.objects.filter(outcome__propose="house"):
        assert row.name in page
    assert client.post(reverse("rules:switch", args=[row_key("visit"), "off"])).status_code == 302
    assert proposed(claim, agent) is None
    south = factories.member(landlord["south"], "agent")
    home = factories.home_of(landlord["south"])
    other = in_review(filed(landlord, "south", dwelling=home.pk), south)
    assert proposed(other, south).transition == Event.PLAN


def test_it_is_narrowed_by_conditions_and_rehearsed(client, landlord, agent, manager):
    head = factories.member(landlord["head"], "head_office")
    claim, other = in_review(filed(landlord), agent), filed(landlord, "other")
    rule = Rule.objects.get(pk=row_key("visit"))
    outcome, by = rule.outcome, head.user
    rule_actions.save_rule(
        rule=rule,
        unit=None,
        name=rule.name,
        conditions={"channel": ["phone"]},
        outcome=outcome,
        by=by,
        now=now(),
    )
    assert proposed(claim, agent) is None
    rule_actions.restore(rule=rule, version=1, by=by, now=now())
    visit = now() + timedelta(days=2)
    actor = Actor.member(agent)
    advance(claim=claim, transition=Event.PLAN, actor=actor, now=now(), visit_at=visit)
    result = rule_actions.run_rehearsal(rule=Rule.objects.get(pk=rule.pk), now=now())
    assert set(result.touched) == {claim.pk, other.pk}
    assert result.otherwise == [other.pk]
    client.force_login(head.user)
    page = client.get(f"/agency/rules/{rule.pk}/")
    assert page.status_code == 200
    assert client.get(f"/agency/rules/{rule.pk}/change/").status_code == 200


def test_the_text_of_a_proposal_quotes_the_promise_that_stands_after_it(client, landlord, agent):
    claim = filed(landlord)
    page = client.get(f"/agency/{claim.pk}/").content.decode()
    form = re.search(
        r'<form method="post" action="([^"]+)">(?:(?!</form>).)*data-key="a"', page, re.S
    )
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(0))
    values = {name: unescape(value) for name, value in fields}
    assert client.post(unescape(form.group(1)), values).status_code == 302
    claim = again(claim)
    told = Message.unscoped.get(claim=claim, direction="out").text
    assert claim.state == State.IN_REVIEW
    assert events.date_words(claim.promise_at) in told
    assert claim.events.get(name=Event.TAKE_CHARGE).facts["proposed"]["kept"]


def test_no_visit_is_proposed_beside_an_order_or_dates_that_were_offered(client, landlord, agent):
    claim = in_review(filed(landlord), agent)
    order = ordered(claim, agent)
    assert proposed(claim, agent) is None
    page = unescape(client.get(f"/agency/{claim.pk}/").content.decode())
    assert "Prestataire\xa0: Plomberie Le Goff." in page
    starts = now() + timedelta(days=2)
    appointments.publish_slots(order.contractor, [(starts, starts + timedelta(hours=2))])
    assert offer_dates(order=order, actor=Actor.member(agent), now=now())
    page = unescape(client.get(f"/agency/{claim.pk}/").content.decode())
    assert "Le locataire choisit une date." in page
    assert proposed(claim, agent) is None


def test_a_danger_is_called_and_never_given_a_visit_days_ahead(landlord, agent):
    factories.category("ELE-09", "U1", "contractor_direct")
    claim = in_review(filed(landlord, category="ELE-09"), agent)
    assert proposed(claim, agent).transition == CALL


def test_nobody_must_be_home_for_the_common_parts(landlord, agent):
    factories.common_fault()
    stairs = landlord["dwelling"].staircase
    claim = filed(landlord, category="COM-01", dwelling=None, staircase=stairs.pk)
    claim = in_review(claim, agent)
    assert "Votre présence n’est pas nécessaire." in proposed(claim, agent).text


def test_a_claim_of_an_incident_waits_for_what_is_done_for_all(landlord, agent):
    factories.common_fault()
    stairs = landlord["dwelling"].staircase
    place = {"category": "COM-01", "dwelling": None, "staircase": stairs.pk}
    claims = [in_review(filed(landlord, key, **place), agent) for key in "ab"]
    incidents.open_incident(
        building=stairs.building,
        family=claims[0].category.family,
        title="Panne",
        text="On arrive.",
        actor=Actor.member(agent),
        now=now(),
        claims=claims,
    )
    assert [proposed(claim, agent) for claim in claims] == [None, None]


def test_late_news_respect_the_limit_of_the_order(landlord, agent):
    claim = in_review(filed(landlord), agent)
    limit = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=5)
    ordered(claim, agent, respond_by=limit)
    Claim.objects.system("test").filter(pk=claim.pk).update(promise_at=now() - timedelta(hours=1))
    found = proposed(claim, agent)
    assert (found.transition, found.values["promise_at"]) == (Event.INFORM, limit)


def test_no_visit_is_proposed_beside_one_that_is_set(landlord, agent):
    """Planned, then something was asked and answered: the visit of before still stands."""
    claim, member = in_review(filed(landlord), agent), Actor.member(agent)
    assert proposed(claim, agent).transition == Event.PLAN
    starts = now() + timedelta(days=2)
    steps = (
        (Event.PLAN, {"visit_at": starts, "visit_until": starts + timedelta(hours=2)}),
        (Event.ASK, {"text": "Le digicode ?"}),
        (Event.TENANT_ANSWERED, {}),
    )
    for step, facts in steps:
        advance(claim=claim, transition=step, actor=member, now=now(), **facts)
    claim = again(claim)
    assert claim.state == State.IN_REVIEW
    assert proposed(claim, agent) is None
    # Cancelled, it stands no more.
    advance(claim=claim, transition=Event.PLAN, actor=member, now=now(), visit_at=starts)
    advance(claim=claim, transition=Event.UNPLAN, actor=Actor.SYSTEM, now=now())
    assert proposed(again(claim), agent).transition == Event.PLAN


def test_after_a_hand_over_the_claim_is_in_the_other_list_alone(client, landlord, agent):
    head = factories.member(landlord["head"], "head_office")
    claim = filed(landlord)
    inbox = reverse("agency:inbox")

    def listed(member, view="todo") -> bool:
        client.force_login(member.user)
        page = client.get(inbox, {"view": view})
        return claim.pk in [c.pk for _n, _h, _c, rows in page.context["groups"] for c in rows]

    assert (listed(agent), listed(head)) == (True, False)
    advance(
        claim=claim,
        transition=Event.HAND_OVER,
        actor=Actor.member(agent),
        now=now(),
        desk=Desk.objects.get(unit=landlord["head"], kind="legal").pk,
        reason="Assurance",
        due=(now() + timedelta(days=1)).isoformat(),
    )
    assert (listed(agent), listed(head)) == (False, True)
    assert listed(agent, "all")
    assert proposed(claim, agent) is None
    assert proposed(claim, head).transition == Event.TAKE_CHARGE
    client.force_login(agent.user)
    page = unescape(client.get(f"/agency/{claim.pk}/").content.decode())
    assert f"{landlord['head'].begins} suit maintenant cette demande." in page
