"""The views hold no person and count what an independent count finds."""

import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.kit.choices import ENDED
from requests.privacy import registry
from requests.privacy.registry.kinds import Data
from requests.promises.models import Promise
from requests.reporting import queries, view_sql
from requests.reporting.datasets import BY_NAME, DATASETS
from tests import moments
from tests.factories import leak, member
from tests.portal.database.conftest import needs_roles

pytestmark = pytest.mark.django_db
# A claim's place leads to its unit; nothing else that is personal may be read by a view.
LEADS_TO_UNIT = {"requests.Claim.residence"}
NEVER = {
    Data.IDENTITY,
    Data.CONTACT,
    Data.HOME,
    Data.NEED,
    Data.WORDS,
    Data.FILE,
    Data.ACCOUNT,
    Data.LINK,
}
READ_BY_VIEWS = """
SELECT DISTINCT view.relname, base.relname, attname FROM pg_rewrite
JOIN pg_class view ON view.oid = ev_class
JOIN pg_depend ON objid = pg_rewrite.oid AND classid = 'pg_rewrite'::regclass
JOIN pg_class base ON base.oid = refobjid AND base.oid <> view.oid
JOIN pg_attribute ON attrelid = base.oid AND attnum = refobjsubid
WHERE view.relname LIKE 'report\\_%%' AND refobjsubid > 0
"""


def ask(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_view_is_in_the_dictionary_with_its_columns():
    found: dict[str, list[str]] = {}
    for view, column in ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_name LIKE 'report\\_%%' ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(view, []).append(column)
    assert found == {dataset.view: dataset.heads for dataset in DATASETS}
    assert list(view_sql.VIEWS) == [dataset.name for dataset in DATASETS]


def test_no_view_reads_a_column_that_says_who_somebody_is():
    tables = {model._meta.db_table: model for model in apps.get_models()}
    read = ask(READ_BY_VIEWS)
    assert {view for view, _table, _column in read} == {dataset.view for dataset in DATASETS}
    for view, table, column in read:
        model = tables[table]
        field = next(f for f in model._meta.concrete_fields if f.column == column)
        row = registry.PERSONAL.get(model._meta.label)
        declared = row.columns.get(field.name) if row else None
        label = f"{model._meta.label}.{field.name}"
        assert declared is None or declared.data not in NEVER or label in LEADS_TO_UNIT, (
            f"{view} reads {label}"
        )


def test_every_view_counts_and_shows_no_key_of_a_row():
    for view, sql in ask(
        "SELECT viewname, definition FROM pg_views WHERE viewname LIKE 'report%%'"
    ):
        assert "GROUP BY" in sql, view
    kinds = ask(
        "SELECT DISTINCT data_type FROM information_schema.columns"
        " WHERE table_name LIKE 'report\\_%%'"
    )
    assert {kind for (kind,) in kinds} <= {"date", "text", "bigint", "numeric"}


def test_the_words_of_a_claim_are_nowhere(landlord):
    leak(
        landlord,
        now(),
        words="Kerouac a 39 de fièvre",
        contact_name="Kerouac",
        contact_phone="0612345678",
    )
    shown = str([list(queries.lines(dataset)) for dataset in DATASETS])
    claim = Claim.objects.system("test").get()
    for word in ("Kerouac", "612345678", claim.reference, claim.token, str(claim.pk)):
        assert word not in shown
    assert list(queries.lines(BY_NAME["claims_month"]))


def test_what_is_counted_equals_a_count_of_the_rows(landlord):
    """Random claims over two units, channels and the turn of a year; ended, reopened, late."""
    chance = random.Random(20261118)
    agent = Actor.member(member(landlord["north"], "agent"))
    for number in range(40):
        at = moments.MOMENT - timedelta(hours=chance.randrange(24 * 400))
        with moments.at(at):
            claim = leak(
                landlord,
                at,
                key=f"k{number}",
                channel=chance.choice(["web", "phone"]),
                category=chance.choice(["PLO-03", "GAZ-01"]),
                dwelling=chance.choice([landlord["dwelling"].pk, None]),
            )
            if chance.random() < 0.6:
                advance(claim=claim, transition="take_charge", actor=agent, now=at)
            if chance.random() < 0.4:
                advance(claim=claim, transition="withdraw", actor=Actor.TENANT, now=at)
    expected: Counter = Counter()
    ended: Counter = Counter()
    for claim in Claim.objects.system("test").select_related("residence__unit", "owner__unit"):
        unit = claim.residence.unit if claim.residence else claim.owner and claim.owner.unit
        month = claim.filed_at.astimezone(zone(unit)).date().replace(day=1)
        key = (month, unit.code if unit else "none", claim.channel, claim.urgency)
        expected[key] += 1
        ended[key] += claim.state in ENDED
    dataset = BY_NAME["claims_month"]
    found: Counter = Counter()
    over: Counter = Counter()
    for line in queries.lines(dataset):
        row = dict(zip(dataset.heads, line, strict=True))
        key = (row["month"], row["unit"], row["channel"], row["urgency"])
        found[key] += row["filed"]
        over[key] += row["ended"]
    assert found == expected
    assert +over == +ended
    promises = Promise.objects.filter(due_at__lt=now())
    row = BY_NAME["promises_month"].heads.index("not_kept")
    assert sum(line[row] for line in queries.lines(BY_NAME["promises_month"])) == (
        Promise.objects.not_kept(now()).count()
    )
    row = BY_NAME["promises_month"].heads.index("due")
    due = sum(line[row] for line in queries.lines(BY_NAME["promises_month"]))
    assert due == promises.count()


def zone(unit):
    return ZoneInfo(unit.time_zone if unit else "Europe/Paris")


@needs_roles
def test_the_read_only_role_reads_them_and_changes_nothing():
    for dataset in DATASETS:
        may = "SELECT has_any_column_privilege('palier_read', %s, %s)"
        assert ask(may, dataset.view, "SELECT") == [(True,)]
        assert ask(may, dataset.view, "INSERT") == [(False,)]


def test_the_document_names_every_view_and_column():
    text = (Path(settings.BASE_DIR) / "docs" / "reporting.md").read_text()
    for dataset in DATASETS:
        part = text.partition(f"### `{dataset.view}`")[2].partition("\n#")[0]
        named = set(re.findall(r"`(\w+)`", part))
        assert set(dataset.heads) <= named, dataset.view
