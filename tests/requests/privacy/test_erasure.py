"""An anonymised request keeps its figures and loses its person; an erased person is nowhere."""

from datetime import date, timedelta

import pytest
from django.db.models import Count

from portal.clock import now
from portal.models import User
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.complaints.models import FormalNotice
from requests.figures import upkeep
from requests.figures.fact_models import By, Rollup
from requests.privacy import erasure, journal
from requests.privacy import person as people
from requests.privacy.event_erasure import facts_without_words
from requests.privacy.models import Erasure, Hold
from tenants.models import Lease, Tenant
from tests import factories
from tests.requests.privacy import traces
from tests.requests.privacy.conftest import CANARY, ended_claim, leave


def figures() -> list:
    """What reports count: events by name, state and day, requests by category, unit and delay."""
    claims = Claim.objects.system("test").values_list(
        "category__code", "urgency", "state", "channel", "residence__unit", "filed_at", "ended_at"
    )
    events = ClaimEvent.unscoped.values("name", "state", "role").annotate(n=Count("pk"))
    return [list(claims.order_by("filed_at")), list(events.order_by("name", "state", "role"))]


def test_an_anonymised_request_keeps_its_figures_only(landlord, person):
    claim = ended_claim(landlord, person)
    before = figures()
    assert traces.files()
    assert "requests_claim" in traces.found(CANARY)
    assert erasure.anonymise_claims([claim.pk]) == 1
    assert figures() == before
    left = set(traces.found(CANARY))
    assert left == {"tenants_tenant", "tenants_contactpoint", "portal_user"}
    claim.refresh_from_db()
    assert (claim.tenant, claim.dwelling, claim.words) == (None, None, "")
    assert claim.category_id == landlord["leak"].pk
    assert claim.residence is not None


def sums() -> list[tuple]:
    """Every sum that boards read."""
    upkeep.refresh(now=now())
    names = ("by", "period", "unit", "one", "two", "measure", "values", "counts")
    return sorted(Rollup.objects.exclude(values=[]).values_list(*names))


def test_the_boards_say_the_same_afterwards(landlord, person):
    filed = now() - timedelta(days=9)
    for number in range(12):
        factories.leak(landlord, filed, key=f"many{number}", tenant=person.pk, words=CANARY)
    rows = Claim.objects.system("test")
    rows.update(state="closed", ended_at=now() - timedelta(days=2))
    before = sums()
    received = [row for row in before if row[0] == By.UNIT and row[5] == "received"]
    assert [row[-1] for row in received] == [[12]] * 3  # a day, its week, its month
    erasure.anonymise_claims(list(rows.values_list("pk", flat=True)))
    assert CANARY not in str(list(rows.values()))
    assert sums() == before


def test_the_files_go_once_it_is_committed(landlord, person, django_capture_on_commit_callbacks):
    claim = ended_claim(landlord, person)
    assert traces.files()
    with django_capture_on_commit_callbacks(execute=True):
        erasure.anonymise_claims([claim.pk])
        assert traces.files()
    assert traces.files() == []


def test_an_erased_person_is_nowhere(landlord, person):
    mine = ended_claim(landlord, person)
    other = factories.tenant(landlord["dwelling"], last_name="Morel")
    theirs = factories.leak(landlord, now(), key="other", tenant=other.pk, words="Chez Morel")
    leave(person)
    leases = Lease.unscoped.count()
    before = figures()
    later = now() + timedelta(days=2)
    people.erase_person(tenant=person, by=None, why="request", now=later)
    assert traces.found(CANARY) == {}
    assert traces.found("639980001") == {}
    assert figures() == before
    assert not Tenant.objects.system("test").filter(pk=person.pk).exists()
    assert not User.objects.filter(email="canarino@example.test").exists()
    assert Lease.unscoped.count() == leases
    theirs.refresh_from_db()
    assert (theirs.words, theirs.tenant) == ("Chez Morel", other)
    assert Claim.objects.system("test").filter(pk=mine.pk).exists()


def test_a_merged_record_goes_with_the_person(landlord, person):
    double = Tenant.objects.system("test").create(last_name=CANARY, merged_into=person)
    leave(person)
    people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    assert traces.found(CANARY) == {}
    assert set(Erasure.objects.values_list("person", flat=True)) == {double.pk, person.pk}


def test_a_member_of_staff_keeps_the_account(landlord, person):
    factories.Membership.objects.create(
        user=person.user, unit=landlord["north"], role="agent", starts="2020-01-01"
    )
    leave(person)
    people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    assert User.objects.filter(pk=person.user_id).exists()


def refusal(person) -> str:
    with pytest.raises(people.Blocked) as raised:
        people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    assert not Erasure.objects.exists()
    assert traces.found(CANARY)
    return " ".join(map(str, raised.value.args))


def test_an_open_lease_forbids_it(landlord, person):
    assert "B1" in refusal(person)


def test_an_open_request_forbids_it(landlord, person):
    leave(person)
    claim = factories.leak(landlord, now(), tenant=person.pk)
    assert claim.reference in refusal(person)


def test_a_recent_formal_notice_forbids_it(landlord, person):
    claim = ended_claim(landlord, person)
    leave(person)
    FormalNotice.objects.create(
        claim=claim,
        kind="notice",
        dated=date(2026, 1, 4),
        received=date(2026, 1, 5),
        channel="letter",
        words="Réparez",
        logged_at=now(),
    )
    assert "5 janvier 2026" in refusal(person)


def test_a_hold_forbids_it_until_it_is_lifted(landlord, person):
    leave(person)
    hold = Hold.objects.create(tenant=person, kind="legal", reason="Procès en cours", at=now())
    assert "rocès en cours" in refusal(person)
    hold.lifted_at = now()
    hold.save()
    people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    assert traces.found(CANARY) == {}


def test_the_journal_names_nobody_and_outlives_the_database(landlord, person, settings):
    leave(person)
    people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    assert journal.write(now()) == 1
    assert journal.write(now()) == 0
    text = journal.path().read_text()
    assert str(person.pk) in text
    assert CANARY not in text
    assert journal.path().stat().st_mode & 0o077 == 0
    with open(journal.path(), "a") as file:
        file.write('{"person": "cut off by a cra')
    again = Tenant.objects.system("test").create(pk=person.pk, last_name=CANARY)
    Erasure.objects.all().delete()  # the restored database knows nothing of it
    factories.contact(again, "canarino@example.test")
    assert journal.replay(now()) == 1
    assert traces.found(CANARY) == {}
    assert Erasure.objects.filter(person=person.pk).exists()
    assert journal.replay(now()) == 0


def test_facts_keep_dates_and_codes_only():
    facts = {
        "text": "Bonjour",
        "why": "Awa",
        "reason": "not_ours",
        "desk": 3,
        "due": "2026-11-18T09:30:00+00:00",
        "outcome": "Elle a dit non",
        "proposed": {"rule": 4, "text": "Bonjour Awa"},
    }
    assert facts_without_words(facts) == {
        "reason": "not_ours",
        "desk": 3,
        "due": "2026-11-18T09:30:00+00:00",
        "proposed": {"rule": 4, "text": None},
    }
    assert facts_without_words({"reason": "Awa", "outcome": "Awa"}) == {}
    assert facts_without_words({"outcome": "reached"}) == {"outcome": "reached"}
