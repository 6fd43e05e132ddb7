"""One entry point: filing writes claim, event and jobs together, once per key."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from portal.actor import Actor
from portal.clock import now
from requests.catalogue.urgency import raise_urgency
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing import actions as filing_module
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.jobs.models import Job
from tests import factories


@pytest.fixture
def filing(landlord) -> Filing:
    return Filing(channel="web", key="k", category="PLO-03", dwelling=landlord["dwelling"].pk)


def test_filing_writes_everything_that_follows(filing):
    claim = file_claim(filing, actor=Actor.TENANT, now=now())
    assert claim.building.code == "A"
    assert ClaimEvent.unscoped.get().name == Event.FILED
    assert set(Job.objects.values_list("kind", flat=True)) == {"route", "notify"}


def test_a_replay_is_harmless(filing):
    assert file_claim(filing, actor=Actor.TENANT, now=now()) == file_claim(
        filing, actor=Actor.TENANT, now=now()
    )
    assert Claim.objects.system("test").count() == 1


def test_the_same_key_with_another_content_is_refused(filing):
    file_claim(filing, actor=Actor.TENANT, now=now())
    with pytest.raises(KeyReused):
        file_claim(replace(filing, words="autre chose"), actor=Actor.TENANT, now=now())


def draw(monkeypatch, *references):
    """Let ``new_reference`` give these, in this order; returns those that are left."""
    left = list(references)
    monkeypatch.setattr(filing_module, "new_reference", lambda: left.pop(0))
    return left


def test_a_reference_that_is_taken_is_drawn_again(filing, monkeypatch):
    left = draw(monkeypatch, "AAAAAA", "AAAAAA", "AAAAAA", "BBBBBB")
    first = file_claim(filing, actor=Actor.TENANT, now=now())
    with transaction.atomic():  # a caller's transaction goes on, with what it wrote
        Job.objects.create(kind="notify", key="of the caller", next_at=now())
        second = file_claim(
            replace(filing, key="other", words="ça coule"), actor=Actor.TENANT, now=now()
        )
    assert (first.reference, second.reference, left) == ("AAAAAA", "BBBBBB", [])
    assert second.messages.count() == second.events.count() == 1
    assert Job.objects.filter(kind="route").count() == 2
    assert Job.objects.filter(key="of the caller").exists()


def test_references_that_are_always_taken_are_an_error_in_the_end(filing, monkeypatch):
    monkeypatch.setattr(filing_module, "new_reference", lambda: "AAAAAA")
    file_claim(filing, actor=Actor.TENANT, now=now())
    with pytest.raises(IntegrityError):
        file_claim(replace(filing, key="other"), actor=Actor.TENANT, now=now())
    assert Claim.objects.system("test").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_filings_that_draw_the_same_reference_at_once(filing, monkeypatch):
    left = draw(monkeypatch, "AAAAAA", "AAAAAA", "BBBBBB")

    def file_second():
        try:
            return file_claim(replace(filing, key="other"), actor=Actor.TENANT, now=now())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = file_claim(filing, actor=Actor.TENANT, now=now())
            waiting = pool.submit(file_second)
            # The first reference is not committed yet: the second filing waits for it.
            until_one_waits_for_a_lock()
        second = waiting.result(timeout=60)
    assert (first.reference, second.reference, left) == ("AAAAAA", "BBBBBB", [])


def until_one_waits_for_a_lock():
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    for _try in range(1_200):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_filing_costs_a_bounded_number_of_queries(filing, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        file_claim(replace(filing, words="ça coule"), actor=Actor.TENANT, now=now())


def with_needs(landlord, *codes, **fields):
    tenant = factories.tenant(landlord["dwelling"], **fields)
    for code in codes:
        tenant.needs.create(code=code, expires="2099-01-01")
    return tenant


@pytest.mark.parametrize(
    ("usual", "needs", "becomes"),
    [
        ("U3", ["infant"], "U2"),
        ("U1", ["stairs"], "U1"),
        ("U0", ["stairs"], "U0"),
        ("U5", ["stairs", "infant"], "U4"),
        ("U3", ["sight", "hearing", "alone"], "U3"),
        ("U3", [], "U3"),
        ("A2", ["infant"], "A2"),
    ],
)
def test_a_need_raises_by_one_class_and_never_to_danger(usual, needs, becomes):
    assert raise_urgency(usual, needs) == becomes


def test_a_need_in_force_raises_the_claim_and_the_event_says_why(filing, landlord):
    tenant = with_needs(landlord, "infant")
    claim = file_claim(replace(filing, tenant=str(tenant.pk)), actor=Actor.TENANT, now=now())
    assert claim.urgency == "U2"
    assert claim.events.get().facts == {
        "usual_urgency": "U3",
        "urgency": "U2",
        "needs": ["infant"],
    }


def test_an_expired_need_changes_nothing(filing, landlord):
    tenant = with_needs(landlord)
    tenant.needs.create(code="infant", expires="2020-01-01")
    claim = file_claim(replace(filing, tenant=str(tenant.pk)), actor=Actor.TENANT, now=now())
    assert claim.urgency == "U3"
    assert claim.events.get().facts == {}


def test_sent_anyway_is_kept_as_a_fact(filing):
    claim = file_claim(replace(filing, sent_anyway=True), actor=Actor.TENANT, now=now())
    assert claim.events.get().facts == {"sent_anyway": True}


def test_me_too_joins_an_open_claim_of_the_same_building_only(filing, landlord):
    building = landlord["dwelling"].staircase.building
    shared = factories.category("ASC-02", "U2", "oncall_contractor", collective=True)
    first = file_claim(
        replace(filing, key="first", category=shared.code, dwelling=None, building=building.pk),
        actor=Actor.TENANT,
        now=now(),
    )
    mine = file_claim(
        replace(filing, key="me", same_as=str(first.pk)), actor=Actor.TENANT, now=now()
    )
    assert mine.follows == first
    assert mine.events.get().facts == {"same_as": str(first.pk)}
    elsewhere = replace(filing, key="far", dwelling=None, same_as=str(first.pk))
    assert file_claim(elsewhere, actor=Actor.TENANT, now=now()).follows is None
    echo = file_claim(
        replace(filing, key="echo", same_as=str(mine.pk)), actor=Actor.TENANT, now=now()
    )
    assert echo.follows is None


def test_a_known_tenant_with_needs_stays_within_the_budget(
    filing, landlord, django_assert_max_num_queries
):
    tenant = with_needs(landlord, "infant")
    with django_assert_max_num_queries(20):
        file_claim(
            replace(filing, words="ça coule", tenant=str(tenant.pk)), actor=Actor.TENANT, now=now()
        )
