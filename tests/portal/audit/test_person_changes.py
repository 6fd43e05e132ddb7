"""How a person's record changed is in the chain: who changes or deletes such a row is found."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from portal.audit import sealer
from portal.audit.verify import verify
from portal.audit_models import AuditSeal
from portal.clock import now
from requests.privacy import event_erasure, person
from requests.privacy.models import RetentionRule
from requests.privacy.retention_kinds import KINDS
from tenants.actions import contact_points, household_changes, person_changes
from tenants.models import PersonChange
from tests import databases
from tests.factories import member, tenant

LATER = timedelta(hours=3)
OWN = "+33639980055"


@pytest.fixture
def awa(landlord):
    return tenant(landlord["dwelling"], email="awa@example.test")


@pytest.fixture
def changes(awa, landlord) -> list[PersonChange]:
    """She adds a number and tells who lives with her; the agency refuses the latter."""
    who = {"by": awa.user, "now": now()}
    contact_points.add(tenant=awa, typed=OWN, side="person", **who)
    asked = household_changes.declare_occupant(
        tenant=awa, first_name="Ben", last_name="Martin", since=now().date(), **who
    )
    sonia = member(landlord["north"], "agent").user
    person_changes.decide(change=asked, accept=False, by=sonia, now=now())
    sealer.run(now() + LATER)
    return list(PersonChange.unscoped.order_by("pk"))


def found() -> list[str]:
    return [f"{finding.kind} {finding.where}" for finding in verify(now() + LATER)]


def as_owner(sql: str, *values) -> None:
    with databases.without_audit_triggers():
        databases.run_as_owner(sql, *values)


def test_each_change_and_each_decision_is_sealed(changes):
    assert [row.what for row in changes] == ["point_added", "occupant", "decided"]
    assert changes[1].outcome == "refused"
    sealed = AuditSeal.objects.filter(source="person_change").values_list("row", flat=True)
    assert sorted(sealed) == [row.pk for row in changes]
    assert found() == []
    call_command("audit", "verify")


@pytest.mark.parametrize(
    "forged",
    [
        """facts = '{"value": "+33639980099"}'""",
        "side = 'staff'",
        "at = at - interval '1 day'",
        "by_id = NULL",
    ],
)
def test_a_changed_row_is_named(changes, forged):
    row = changes[0]
    as_owner(f"UPDATE tenants_personchange SET {forged} WHERE id = %s", row.pk)
    assert found() == [f"changed tenants_personchange {row.pk}"]
    with pytest.raises(CommandError):
        call_command("audit", "verify")


def test_a_decision_turned_round_is_named(changes):
    as_owner("UPDATE tenants_personchange SET state = 'done' WHERE decides_id IS NOT NULL")
    assert found() == [f"changed tenants_personchange {changes[2].pk}"]


def test_a_deleted_row_is_named(changes):
    as_owner("DELETE FROM tenants_personchange WHERE id = %s", changes[0].pk)
    assert found() == [f"deleted tenants_personchange {changes[0].pk}"]


def test_the_portal_itself_changes_and_deletes_none(changes):
    for refused in (
        lambda rows: rows.update(state="refused"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            refused(PersonChange.unscoped.filter(pk=changes[0].pk))


def test_what_waits_is_decided_once(changes):
    again = contact_points.decide
    with pytest.raises(IntegrityError), transaction.atomic():
        again(changes[1], "done", side="staff", by=None, now=now())


def test_the_end_of_the_retention_and_an_erasure_leave_no_finding(changes, awa):
    rule = KINDS["changes"]
    rows = rule.due(now() + timedelta(days=1), now())
    assert set(rows) == {changes[0], changes[1]}
    assert event_erasure.erase_changes([changes[1].pk]) == 1
    assert list(PersonChange.unscoped.all()) == [changes[0]]
    assert found() == []
    assert not RetentionRule.objects.filter(kind="changes", active=True).exists()
    awa.occupancies.update(ends=now().date() - timedelta(days=1))
    person.remove(awa, now())
    assert not PersonChange.unscoped.exists()
    sealer.run(now() + LATER)
    assert found() == []
