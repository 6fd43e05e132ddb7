"""Rules as rows: routing with them, switching, history, rehearsal, and the screens."""

from datetime import timedelta

import pytest

from agencies.models import Desk
from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing import rule_actions
from requests.routing.actions import route_claim
from requests.routing.house_rows import FIRST_POSITION
from requests.routing.models import Rule
from tests.factories import member

TO_TENANCY = {"unit": "agency", "desk": "clientele"}


@pytest.fixture
def manager(landlord):
    return member(landlord["north"], "agency_manager")


def filed(landlord, key="k") -> Claim:
    made = file_claim(
        Filing(channel="web", key=key, category="PLO-03", dwelling=landlord["dwelling"].pk),
        actor=Actor.TENANT,
        now=now(),
    )
    return made


def written(landlord, manager, **changes) -> Rule:
    facts = {
        "rule": None,
        "unit": landlord["north"],
        "name": "Eau",
        "conditions": {"family": ["PLO"]},
        "outcome": TO_TENANCY,
        "by": manager.user,
        "now": now(),
    }
    return rule_actions.save_rule(**{**facts, **changes})


def test_a_draft_does_nothing_and_a_rule_that_is_on_decides(landlord, manager):
    rule = written(landlord, manager)
    first = filed(landlord, "a")
    assert route_claim(claim_id=first.pk, now=now()).rule == "agency_of_the_dwelling"
    rule_actions.switch(rule=rule, on=True, by=manager.user, now=now())
    second = filed(landlord, "b")
    decision = route_claim(claim_id=second.pk, now=now())
    assert decision.rule == str(rule.pk)
    assert decision.rule_version == 2
    assert decision.desk.kind == Desk.Kind.CLIENTELE
    assert decision.considered == ["emergency_when_closed", "danger_without_place", str(rule.pk)]
    assert decision.facts["family"] == "PLO"


def test_a_rule_that_cannot_be_applied_raises_an_alarm_and_the_claim_is_routed(landlord, manager):
    rule = written(landlord, manager, conditions={"colour": ["red"]})
    rule_actions.switch(rule=rule, on=True, by=manager.user, now=now())
    claim = filed(landlord)
    assert route_claim(claim_id=claim.pk, now=now()).rule == "agency_of_the_dwelling"
    rule.refresh_from_db()
    assert rule.failure


def test_an_agency_switches_a_landlord_rule_off_for_itself_only(landlord, manager):
    chief = member(landlord["head"], "head_office")
    rule = written(landlord, chief, unit=None)
    rule_actions.switch(rule=rule, on=True, by=chief.user, now=now())
    rule_actions.switch_here(
        rule=rule, unit=landlord["north"], on=False, by=manager.user, now=now()
    )
    assert list(rule_actions.active_rules(landlord["north"])) == []
    assert list(rule_actions.active_rules(landlord["south"])) == [rule]


def test_own_rules_come_before_the_landlords(landlord, manager):
    chief = member(landlord["head"], "head_office")
    general = written(landlord, chief, unit=None)
    own = written(landlord, manager)
    for rule in (general, own):
        rule_actions.switch(rule=rule, on=True, by=manager.user, now=now())
    assert list(rule_actions.active_rules(landlord["north"])) == [own, general]


def test_every_change_is_kept_and_can_be_undone(landlord, manager):
    rule = written(landlord, manager)
    rule = written(landlord, manager, rule=rule, name="Eau urgente", version=1)
    with pytest.raises(rule_actions.RuleConflict):
        written(landlord, manager, rule=rule, name="Trop tard", version=1)
    back = rule_actions.restore(rule=rule, version=1, by=manager.user, now=now())
    assert (back.name, back.version) == ("Eau", 3)
    assert back.versions.count() == 3


def test_two_rules_of_one_agency_do_not_share_a_name(landlord, manager):
    written(landlord, manager)
    with pytest.raises(rule_actions.RuleConflict):
        written(landlord, manager)


def test_rehearsal_reads_the_facts_that_were_kept(landlord, manager):
    for key in "abc":
        route_claim(claim_id=filed(landlord, key).pk, now=now())
    moved = Claim.objects.system("test").first()
    Claim.objects.system("test").filter(pk=moved.pk).update(
        owner=Desk.objects.get(unit=landlord["north"], kind="clientele")
    )
    result = rule_actions.run_rehearsal(rule=written(landlord, manager), now=now())
    assert result.read == 3
    assert len(result.touched) == 3
    assert len(result.otherwise) == 2
    assert result.saved == [moved.pk]


def test_a_rehearsal_of_many_claims_reads_the_newest_and_says_so(
    client, landlord, manager, monkeypatch
):
    for number, key in enumerate("abc"):
        route_claim(claim_id=filed(landlord, key).pk, now=now())
        rows = Claim.objects.system("test").filter(key=key)
        rows.update(filed_at=now() - timedelta(days=number))
    rule = written(landlord, manager)
    client.force_login(manager.user)
    whole = client.get(f"/agency/rules/{rule.pk}/?months=12").content.decode()
    monkeypatch.setattr(rule_actions, "MOST_TRIED", 2)
    result = rule_actions.run_rehearsal(rule=rule, now=now())
    keys = {claim.pk: claim.key for claim in Claim.objects.system("test")}
    assert ([keys[pk] for pk in result.touched], result.read, result.more) == (["a", "b"], 2, True)
    page = client.get(f"/agency/rules/{rule.pk}/?months=12").content.decode()
    assert "les plus récentes" not in whole
    assert "les plus récentes" in page


def test_a_rehearsal_of_an_agency_reads_what_is_of_its_stock(landlord, manager):
    south = Desk.objects.filter(unit=landlord["south"]).first()
    elsewhere, placeless = filed(landlord, "a"), filed(landlord, "b")
    for claim in (elsewhere, placeless):
        route_claim(claim_id=claim.pk, now=now())
    rows = Claim.objects.system("test")
    rows.filter(pk=elsewhere.pk).update(owner=south)  # another agency's desk has it
    rows.filter(pk=placeless.pk).update(residence=None)  # ours has it, of no residence
    result = rule_actions.run_rehearsal(rule=written(landlord, manager), now=now())
    assert result.touched == [elsewhere.pk]


# --- screens --------------------------------------------------------------------------------


def test_a_manager_composes_rehearses_and_switches_on(client, landlord, manager):
    route_claim(claim_id=filed(landlord).pk, now=now())
    client.force_login(manager.user)
    answer = client.post(
        "/agency/rules/new/",
        {"name": "Eau", "when_family": ["PLO"], "outcome": "agency:clientele"},
        follow=True,
    )
    rule = Rule.objects.filter(position__lt=FIRST_POSITION).get()
    assert not rule.active
    assert "Plomberie" in answer.content.decode()
    client.post(f"/agency/rules/{rule.pk}/switch/on/")
    rule.refresh_from_db()
    assert rule.active
    client.post(f"/agency/rules/{rule.pk}/restore/1/")
    rule.refresh_from_db()
    assert not rule.active


def test_what_was_chosen_comes_back_with_the_error(client, landlord, manager):
    client.force_login(manager.user)
    answer = client.post("/agency/rules/new/", {"when_urgency": ["U3"]})
    assert answer.status_code == 422
    assert 'value="U3" checked' in answer.content.decode().replace(' id="id_when_urgency_3"', "")


def test_another_agencys_rule_does_not_exist_here(client, landlord, manager):
    rule = written(landlord, manager)
    client.force_login(member(landlord["south"], "agency_manager").user)
    assert client.get(f"/agency/rules/{rule.pk}/").status_code == 404
    assert client.post(f"/agency/rules/{rule.pk}/switch/on/").status_code == 404


def test_an_agent_reads_but_does_not_write(client, landlord, manager):
    rule = written(landlord, manager)
    client.force_login(member(landlord["north"], "agent").user)
    assert client.get("/agency/rules/").status_code == 200
    assert client.get(f"/agency/rules/{rule.pk}/").status_code == 200
    assert client.get("/agency/rules/new/").status_code == 403
    assert client.post(f"/agency/rules/{rule.pk}/switch/on/").status_code == 403


def test_a_manager_may_not_change_the_landlords_rule(client, landlord, manager):
    chief = member(landlord["head"], "head_office")
    rule = written(landlord, chief, unit=None)
    client.force_login(manager.user)
    assert client.get(f"/agency/rules/{rule.pk}/change/").status_code == 403
    assert client.post(f"/agency/rules/{rule.pk}/switch/off/").status_code == 302
    rule.refresh_from_db()
    assert rule.switches.filter(unit=landlord["north"]).exists()


@pytest.mark.parametrize(
    "conditions",
    [
        {"unit_open": [True, False], "family": ["PLO"]},
        {"urgency": ["U3"], "channel": ["web"], "asset": ["dwelling"]},
        {"residence": ["own"]},
    ],
)
def test_what_the_database_leaves_out_of_a_rehearsal_is_never_what_fits(
    landlord, manager, conditions
):
    claim = filed(landlord)
    route_claim(claim_id=claim.pk, now=now())
    if conditions.get("residence") == ["own"]:
        conditions = {"residence": [claim.residence_id]}
    result = rule_actions.run_rehearsal(
        rule=written(landlord, manager, conditions=conditions), now=now()
    )
    assert (result.read, result.touched) == (1, [claim.pk])


def test_a_rehearsal_asks_as_much_of_many_claims_as_of_one(
    landlord, manager, django_assert_num_queries
):
    rule = written(landlord, manager)
    for keys in ("a", "bcdefg"):
        for key in keys:
            route_claim(claim_id=filed(landlord, key).pk, now=now())
        with django_assert_num_queries(3):
            result = rule_actions.run_rehearsal(rule=rule, now=now())
    assert len(result.touched) == 7
