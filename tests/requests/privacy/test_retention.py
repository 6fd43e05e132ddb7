"""Rules that the officer put in force erase what is over, in batches, and report it."""

from datetime import timedelta

import pytest

from portal.clock import now
from requests import tasks
from requests.claims.models import Claim
from requests.jobs import queue
from requests.jobs.models import Job
from requests.privacy import retention
from requests.privacy.models import Hold, PersonExport, RetentionRule, RetentionRun
from requests.privacy.retention_kinds import KINDS
from tenants.models import Need, Tenant
from tests import factories, moments
from tests.requests.privacy import traces
from tests.requests.privacy.conftest import CANARY, ended_claim, leave

pytestmark = pytest.mark.long

LONG_AGO = moments.MOMENT - timedelta(days=4 * 365)


def in_force(code: str, months: int | None = None) -> None:
    retention.change(
        code=code, months=months or KINDS[code].months, source="", active=True, by=None, now=now()
    )


def night() -> None:
    """Beat's task, then the worker, until nothing is due; pauses between batches pass."""
    tasks.keep_to_retention()
    while jobs := Job.objects.filter(kind=Job.Kind.RETENTION, done_at__isnull=True):
        assert not jobs.exclude(error="").exists(), jobs.exclude(error="")[0].error
        factories.pass_time(minutes=1)
        queue.drain(tasks.HANDLERS, now)


def run(code: str) -> RetentionRun:
    return RetentionRun.objects.get(kind=code)


def test_nothing_is_erased_before_the_officer_says_so(landlord, person):
    ended_claim(landlord, person, at=LONG_AGO)
    night()
    assert not RetentionRun.objects.exists()
    assert traces.found(CANARY)["requests_claim"] == 1
    assert retention.dry_run("claims", 36, now()).due == 1


def test_a_request_that_ended_long_ago_is_anonymised_and_reported(landlord, person):
    old = ended_claim(landlord, person, at=LONG_AGO, key="old")
    new = ended_claim(landlord, person, key="new")
    in_force("claims")
    night()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.words, new.words) == ("", f"{CANARY} coule")
    assert (run("claims").touched, run("claims").kept_back) == (1, {"held": 0})
    assert run("claims").ended_at


def test_the_last_day_of_the_duration_still_counts(landlord, person):
    month = moments.MOMENT - timedelta(days=31)  # 18 October
    ended_claim(landlord, person, at=month, key="day")
    assert retention.dry_run("claims", 1, now()).due == 0
    assert retention.dry_run("claims", 1, now() + timedelta(days=1)).due == 1


def test_a_dry_run_names_examples_and_changes_nothing(landlord, person):
    claim = ended_claim(landlord, person, at=LONG_AGO)
    before = traces.found(CANARY)
    dry = retention.dry_run("files", 6, now())
    assert (dry.due, dry.kept) == (1, 0)
    assert claim.reference in dry.examples[0]
    assert CANARY not in dry.examples[0]
    assert traces.found(CANARY) == before


def test_a_person_on_hold_is_kept_back_and_counted(landlord, person):
    ended_claim(landlord, person, at=LONG_AGO)
    Hold.objects.create(tenant=person, kind="dispute", reason="Expertise", at=now())
    for code in ("claims", "files"):
        in_force(code)
    night()
    for code in ("claims", "files"):
        assert (run(code).touched, run(code).kept_back) == (0, {"held": 1})
    assert traces.files()


def test_it_goes_in_batches_each_under_a_lease(landlord, person, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        factories.leak(landlord, LONG_AGO, key=f"many{number}", tenant=person.pk, words=CANARY)
    rows = Claim.objects.system("test")
    rows.update(state="closed", ended_at=LONG_AGO)
    in_force("claims")
    night()
    assert (run("claims").touched, run("claims").batches) == (5, 3)
    assert Job.objects.filter(kind=Job.Kind.RETENTION, done_at__isnull=False).count() == 3


def test_the_same_batch_twice_counts_once(landlord, person):
    ended_claim(landlord, person, at=LONG_AGO)
    in_force("claims")
    night()
    day = str(run("claims").day)
    retention.run_batch(key=f"claims:{day}:0", now=now(), code="claims", day=day)
    assert (run("claims").touched, run("claims").batches) == (1, 1)


def test_a_rule_put_out_of_force_stops_the_run(landlord, person):
    ended_claim(landlord, person, at=LONG_AGO)
    in_force("claims")
    tasks.keep_to_retention()
    RetentionRule.objects.update(active=False)
    night()
    assert run("claims").touched == 0
    assert traces.found(CANARY)["requests_claim"] == 1


def test_once_a_day_and_from_three_o_clock_only(landlord):
    in_force("claims")
    assert retention.plan(moments.MOMENT.replace(hour=1)) == 0  # two o'clock in Paris
    assert retention.plan(moments.MOMENT.replace(hour=2)) == 1
    assert retention.plan(moments.MOMENT) == 0
    assert retention.plan(moments.MOMENT + timedelta(days=1)) == 1


@pytest.mark.parametrize(("left", "gone"), [(4 * 365, True), (365, False)])
def test_people_who_left_long_ago_go_with_their_account(landlord, person, left, gone):
    ended_claim(landlord, person, at=LONG_AGO)
    leave(person, (now() - timedelta(days=left)).date())
    in_force("people")
    night()
    assert run("people").touched == int(gone)
    assert Tenant.objects.system("test").filter(pk=person.pk).exists() != gone
    assert bool(traces.found(CANARY)) != gone


def test_who_still_lives_here_stays_however_old_the_former_lease(landlord, person):
    leave(person, LONG_AGO.date())
    lease = factories.Lease.objects.create(
        dwelling=landlord["dwelling"], reference="N1", bill_code="NEW1", starts="2024-01-01"
    )
    factories.Occupancy.objects.create(
        lease=lease, tenant=person, capacity="holder", starts="2024-01-01"
    )
    assert retention.dry_run("people", 36, now()).due == 0


def test_needs_end_with_their_date(landlord, person):
    Need.objects.create(tenant=person, code="stairs", expires="2026-09-01")
    Need.objects.create(tenant=person, code="sight", expires="2026-11-01")
    in_force("needs", 1)
    night()
    assert list(Need.unscoped.values_list("code", flat=True)) == ["sight"]


def test_every_kind_runs_on_a_landlord_full_of_rows(landlord, person):
    ended_claim(landlord, person, at=LONG_AGO)
    leave(person, LONG_AGO.date())
    for code in KINDS:
        assert retention.dry_run(code, 1, now()).due >= 0
        in_force(code, 1)
    night()
    assert RetentionRun.objects.filter(ended_at__isnull=False).count() == len(KINDS)
    assert traces.found(CANARY) == {}


def test_a_copy_ends_after_its_days(landlord, person):
    assert retention.drop_old_copies(now()) == 0
    assert not PersonExport.objects.exists()
