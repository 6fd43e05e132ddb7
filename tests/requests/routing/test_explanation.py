"""Why a claim is where it is: told from what was kept, even after the rule changed."""

import pytest

from agencies.models import Desk
from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.routing import rule_actions
from requests.routing.actions import route_claim
from requests.routing.explanation import why
from tests.factories import member


@pytest.fixture
def manager(landlord):
    return member(landlord["north"], "agency_manager")


def routed(landlord, key="k"):
    claim = file_claim(
        Filing(channel="web", key=key, category="PLO-03", dwelling=landlord["dwelling"].pk),
        actor=Actor.TENANT,
        now=now(),
    )
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    return claim


def switched_on(manager, name, conditions):
    rule = rule_actions.save_rule(
        rule=None,
        unit=manager.unit,
        name=name,
        conditions=conditions,
        outcome={"unit": "agency", "desk": "clientele"},
        by=manager.user,
        now=now(),
    )
    return rule_actions.switch(rule=rule, on=True, by=manager.user, now=now())


def test_each_rule_is_told_with_the_one_condition_that_failed(client, landlord, manager):
    urgent = switched_on(manager, "Eau urgente", {"family": ["PLO"], "urgency": ["U1", "U2"]})
    applied = switched_on(manager, "Toute l'eau", {"family": ["PLO"]})
    claim = routed(landlord)
    # Changed since: what is told is what the rule said when it was asked.
    rule_actions.save_rule(
        rule=urgent,
        unit=manager.unit,
        name="Chauffage",
        conditions={"family": ["CHA"]},
        outcome=urgent.outcome,
        by=manager.user,
        now=now(),
    )
    safety, _placeless, first, second = why(claim, manager)["steps"]
    assert str(safety["condition"])
    assert not safety["applied"]
    assert first["name"] == "Eau urgente"
    assert first["version"] == 2
    assert str(first["condition"]) in {"Urgence", "Urgency"}
    assert [w[:2] for w in first["wanted"]] == ["U1", "U2"]
    assert second["applied"]
    assert second["name"] == applied.name

    client.force_login(member(landlord["north"], "agent").user)
    page = client.get(f"/agency/{claim.pk}/why/").content.decode()
    assert "Eau urgente" in page
    assert "U1" in page
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(f"/agency/{claim.pk}/why/").status_code == 404


def test_who_changed_it_is_named_and_often_makes_a_rule(client, landlord, manager):
    desk = Desk.objects.get(unit=landlord["north"], kind="caretakers")
    for key in "abc":
        claim = routed(landlord, key)
        advance(
            claim=claim,
            transition=Event.HAND_OVER,
            actor=Actor.member(manager),
            now=now(),
            desk=desk.pk,
            reason="Le gardien a la clé",
            due=now().isoformat(),
        )
    client.force_login(manager.user)
    page = client.get(f"/agency/{claim.pk}/why/")
    text = page.content.decode()
    assert "Le gardien a la clé" in text
    assert "Sonia" in text
    (amended,) = page.context["amended"]
    assert amended["number"] == 3
    composed = client.get(f"/agency/rules/new/?{amended['query']}").content.decode()
    assert 'value="agency:caretakers" selected' in composed


def test_a_rule_that_fails_is_an_alarm_on_both_pages_and_the_default_acts(
    client, landlord, manager
):
    switched_on(manager, "Règle cassée", {"colour": ["red"]})
    assert routed(landlord).decisions.get().rule == "agency_of_the_dwelling"
    client.force_login(manager.user)
    assert "notice--danger" in client.get("/agency/rules/").content.decode()
    client.force_login(member(landlord["head"], "head_office").user)
    health = client.get("/health/").content.decode()
    assert "Règle cassée" in health


def test_a_rule_that_proposes_and_cannot_be_read_says_so(client, landlord, manager):
    rule = switched_on(manager, "Illisible", {"colour": ["red"]})
    rule.outcome = {"propose": "visit", "with": ""}
    rule.save()
    claim = routed(landlord)
    client.force_login(manager.user)
    assert "notice--danger" in client.get("/agency/rules/").content.decode()
    assert "Illisible" not in client.get(f"/agency/{claim.pk}/").content.decode()
    client.force_login(member(landlord["head"], "head_office").user)
    assert "Illisible" in client.get("/health/").content.decode()


def test_a_healthy_rule_is_no_alarm(client, landlord, manager):
    switched_on(manager, "Règle saine", {"family": ["PLO"]})
    routed(landlord)
    client.force_login(member(landlord["head"], "head_office").user)
    assert "Règle saine" not in client.get("/health/").content.decode()
