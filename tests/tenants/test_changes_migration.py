"""What was decided before the trail held changes of records becomes a row of its own, and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tenants.models import PersonChange
from tests import factories

pytestmark = pytest.mark.long
BEFORE, AFTER = "0006_contact_provenance", "0007_changes_in_the_trail"
ROW = """SET LOCAL palier.scope = 'system'; INSERT INTO tenants_personchange
    (tenant_id, at, what, side, facts, state, decided_at)
    VALUES (%s, %s, %s, 'person', '{}', %s, %s)"""


def go_to(name: str) -> None:
    call_command("migrate", "tenants", name, verbosity=0)


@pytest.mark.usefixtures("own_database")
def test_decisions_become_rows_and_columns_again():
    awa, at = factories.tenant(factories.landlord()["dwelling"]), timezone.now()
    go_to(BEFORE)
    with connection.cursor() as cursor:
        for what, state, decided in (
            ("language", "done", None),
            ("occupant", "refused", at),
            ("point_proposed", "waits", None),
        ):
            cursor.execute(ROW, [awa.pk, at, what, state, decided])
    go_to(AFTER)
    rows = PersonChange.unscoped.changes().order_by("pk")
    assert [(row.state, row.outcome) for row in rows] == [
        ("done", "done"),
        ("waits", "refused"),
        ("waits", "waits"),
    ]
    assert PersonChange.unscoped.get(what="decided").at == at
    go_to(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL palier.scope = 'system';"
            "SELECT state, decided_at FROM tenants_personchange ORDER BY id"
        )
        assert cursor.fetchall() == [("done", None), ("refused", at), ("waits", None)]
