"""What a rule did is counted as it happens, and equals what a slow query counts."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection

from agencies.models import Desk
from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing import figures
from requests.routing.decision_models import RoutingDecision
from requests.routing.models import RuleCount
from tests import factories

RULES = ["0853d74f-a085-4854-a090-8109584d74c1", "f88c9e9b-c993-5dc7-995d-8fc6c2791c0b"]


def slowly(rule: str) -> tuple[int, int, int, int]:
    """Count what the rule did from all decisions and events."""
    decisions = RoutingDecision.objects.filter(rule=rule)
    moved = ClaimEvent.unscoped.filter(name=Event.HAND_OVER).values("claim")
    proposed = ClaimEvent.unscoped.filter(facts__proposed__rule=rule)
    return (
        decisions.count(),
        decisions.filter(claim__in=moved).count(),
        proposed.count(),
        proposed.filter(facts__proposed__kept=True).count(),
    )


def counted(rule: str) -> tuple[int, int, int, int]:
    names = ("sent", "changed", "decided", "accepted")
    rows = RuleCount.objects.filter(rule=rule).values_list(*names)
    return tuple(map(sum, zip(*rows, strict=True))) or (0, 0, 0, 0)


def filed(landlord, key: str) -> Claim:
    return file_claim(
        Filing(channel="web", key=key, category="PLO-03", dwelling=landlord["dwelling"].pk),
        actor=Actor.TENANT,
        now=now(),
    )


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_a_slow_query(landlord, seed):
    rng, moment = Random(seed), now()
    claims = [filed(landlord, str(number)) for number in range(3)]
    desk = Desk.objects.filter(unit=landlord["north"]).earliest("pk")

    def decide() -> None:
        rule = rng.choice([*RULES, "agency_of_the_dwelling"])
        claim = rng.choice(claims)
        RoutingDecision.objects.create(claim=claim, desk=desk, rule=rule, facts={}, at=moment)

    def happen() -> None:
        facts = {}
        if rng.random() < 0.5:
            facts = {"proposed": {"rule": rng.choice(RULES), "kept": rng.random() < 0.5}}
        name = rng.choice([Event.HAND_OVER, Event.PLAN])
        ClaimEvent.everything.create(
            claim=rng.choice(claims), name=name, at=moment, state="received", facts=facts
        )

    def undo() -> None:
        if event := ClaimEvent.unscoped.order_by("?").first():
            event.undone_at = moment
            event.save(update_fields=["undone_at"])

    def forget() -> None:
        RoutingDecision.objects.filter(pk__in=RoutingDecision.objects.order_by("?")[:1]).delete()

    def save_an_old_object() -> None:
        claim = rng.choice(claims)
        claim.save()

    for _step in range(30):
        rng.choice([decide, decide, happen, happen, undo, forget, save_an_old_object])()
        assert [counted(rule) for rule in RULES] == [slowly(rule) for rule in RULES]
    before = [counted(rule) for rule in RULES]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule_recount()")
    assert [counted(rule) for rule in RULES] == before


@pytest.mark.django_db(transaction=True)
def test_two_transactions_count_without_waiting(landlord):
    claims = [filed(landlord, key) for key in "ab"]
    desk = Desk.objects.filter(unit=landlord["north"]).earliest("pk")
    other = connection.copy()
    sql = (
        "INSERT INTO requests_routingdecision (claim_id, desk_id, rule, rule_version, facts,"
        " considered, at) VALUES (%s, %s, %s, 1, '{}', '[]', now())"
    )
    try:
        with connection.cursor() as one, other.cursor() as two:
            one.execute("BEGIN")
            one.execute(sql, [claims[0].pk, desk.pk, RULES[0]])
            two.execute("SET lock_timeout = '1s'")
            two.execute(sql, [claims[1].pk, desk.pk, RULES[0]])
            one.execute("COMMIT")
    finally:
        other.close()
    assert counted(RULES[0]) == (2, 0, 0, 0)
    assert RuleCount.objects.filter(rule=RULES[0]).count() == 2


def test_the_last_hand_overs_of_the_agency_are_told(landlord):
    member = factories.member(landlord["north"], "agency_manager")
    technical, clientele = (
        Desk.objects.get(unit=landlord["north"], kind=kind) for kind in ("technical", "clientele")
    )
    for number in range(4):
        claim = filed(landlord, str(number))
        owner = technical if number == 3 else clientele
        Claim.objects.system("test").filter(pk=claim.pk).update(owner=owner)
        ClaimEvent.everything.create(
            claim=claim,
            name=Event.HAND_OVER,
            at=now() + timedelta(minutes=number),
            state="received",
        )
    assert [(row["code"], row["number"]) for row in figures.corrections(member, _WORDS)] == [
        ("PLO-03", 3)
    ]
    other = factories.member(landlord["south"], "agency_manager")
    assert figures.corrections(other, _WORDS) == []
    ClaimEvent.unscoped.filter(name=Event.HAND_OVER).update(undone_at=now())
    assert figures.corrections(member, _WORDS) == []


_WORDS: dict = {"category": {}, "outcome": {}}
