"""The landlords that are measured: what is added and multiplied keeps every constraint."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings

from benchmarks import landlords, supplement, work_costs, work_load
from portal.clock import now
from requests.jobs.models import Job
from tests import databases
from tests.e2e import site

pytestmark = pytest.mark.long

COUNTED = [
    "agencies_dwelling",
    "requests_claim",
    "requests_claimevent",
    "requests_delivery",
    "requests_letter",
    "requests_promise",
    "tenants_tenant",
]


@pytest.fixture
def demo(django_db_setup, django_db_blocker) -> Iterator[str]:
    """The name of a copy of the demo landlord, on which this process works for one test."""
    name = f"{connection.settings_dict['NAME']}_multiplied"
    with django_db_blocker.unblock():
        databases.copy(site.seeded(), name)
        with databases.use(name):
            yield name
        databases.drop(name)


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def counts() -> dict[str, int]:
    return {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


def walls() -> list[tuple]:
    """Constraints, indexes, triggers that run, and tables whose policies hold their owner too."""
    return [
        *rows("SELECT conname FROM pg_constraint WHERE conname NOT LIKE 'bench_%' ORDER BY 1"),
        *rows("SELECT indexname FROM pg_indexes WHERE tablename NOT LIKE 'bench_%' ORDER BY 1"),
        *rows(
            "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal ORDER BY 1"
        ),
        *rows("SELECT relname FROM pg_class WHERE relforcerowsecurity ORDER BY 1"),
    ]


def test_a_landlord_is_filled_then_multiplied_and_stays_whole(demo):
    before = walls()
    supplement.fill(now())
    ended = "FROM requests_claim c WHERE state IN ('closed', 'refused', 'withdrawn', 'merged')"
    assert rows(
        f"SELECT count(*) {ended} AND NOT EXISTS (SELECT 1 FROM requests_delivery d"
        " JOIN requests_claimevent e ON e.id = d.event_id WHERE d.claim_id = c.id)"
    ) == [(0,)]
    assert rows(f"SELECT count(*) * 3 {ended}") == rows(
        "SELECT count(*) FROM requests_job WHERE done_at IS NOT NULL AND kind IN"
        " ('route', 'notify', 'deliver') AND length(key) = 36"
    )
    one = counts()
    landlords.multiply(3, lambda label, share: None)
    assert counts() == {table: 3 * count for table, count in one.items()}
    assert sorted(set(walls()) - set(before)) == []
    assert sorted(set(before) - set(walls())) == []
    # Each copy has people and references of its own, and their claims are found by them.
    ((names, people),) = rows("SELECT count(DISTINCT last_name), count(*) FROM tenants_tenant")
    assert names > people / 10
    assert rows(
        "SELECT count(*) FROM requests_claim c JOIN tenants_tenant t ON t.id = c.tenant_id"
        " WHERE position(palier_plain(t.last_name) IN c.search) = 0"
    ) == [(0,)]
    # Keys that are drawn next are free.
    for table in ("requests_claimevent", "tenants_lease"):
        ((last, highest),) = rows(
            f"SELECT pg_sequence_last_value(pg_get_serial_sequence('{table}', 'id')::regclass),"
            f" (SELECT max(id) FROM {table})"
        )
        assert last == highest


def test_work_is_measured_on_a_landlord(demo):
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        filed = work_costs.cost(1)
        assert {"file", "route", "notify"} <= {*filed["parts"]}
        assert filed["python"] > filed["parts"]["route"][0] > 0
        found = work_costs.job(20)
        assert found["leased"] > 0 < found["bare"]
        drained = work_costs.backlog(6)
        assert drained["jobs"] >= 6
        assert work_costs.pruning(100)["rows"] == 100
        left = work_load.bloat(1)
    assert left["filed"] > 0
    assert left["dead"]["requests_job"][0] > 0
    assert not Job.objects.filter(key__startswith="bench-", done_at=None).exists()
