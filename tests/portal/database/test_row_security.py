"""The second wall: without any scope in Python, PostgreSQL shows nobody the rows of others."""

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction

from portal.access import audience_of
from portal.database import readers, row_security
from portal.database.readers import guarded_tables
from portal.middleware import checks_itself
from requests import row_policies
from requests.audit.models import EmergencyQuerySet, RecordViewQuerySet
from requests.channels.models import IntakeQuerySet
from requests.claims.access import ClaimQuerySet
from requests.notifications.models import DeliveryQuerySet
from requests.privacy.querysets import RightsRequestQuerySet
from requests.work_orders.models import OrderQuerySet
from tenants import querysets
from tests import factories
from tests.databases import run_as_owner
from tests.portal.database.conftest import CANARY
from tests.portal.database.raw_sql import ask
from tests.portal.urls import EVERY, converters

pytestmark = [pytest.mark.django_db, pytest.mark.long]
BACKEND = "django.contrib.auth.backends.ModelBackend"
needs_roles = pytest.mark.skipif(
    not settings.PALIER_DATABASE_OWNER, reason="DATABASE_URL was given without its owner"
)

# Every scope of every personal table, as a careless change would leave it.
WIDENED = (
    (
        ClaimQuerySet,
        "visible_to for_caretaker own_of of_user keys_of_user actionable_by of_proxy lent_to",
    ),
    (querysets.TenantQuerySet, "visible_to at_home_with"),
    (querysets.OccupancyQuerySet, "seen_by"),
    (querysets.MergeQuerySet, "visible_to"),
    (querysets.AccessEndQuerySet, "visible_to"),
    (querysets.MandateQuerySet, "held_by given_by visible_to"),
    (OrderQuerySet, "visible_to"),
    (IntakeQuerySet, "visible_to"),
    (DeliveryQuerySet, "visible_to"),
    (RightsRequestQuerySet, "visible_to of_user"),
    (RecordViewQuerySet, "about"),
    (EmergencyQuerySet, "told_to in_force"),
)


def test_every_guarded_table_has_its_policy():
    assert set(row_policies.POLICIES) == guarded_tables()
    found = ask(
        "SELECT c.relname, relrowsecurity AND relforcerowsecurity,"
        " array_agg(polname::text), bool_and(polpermissive), array_agg(DISTINCT polcmd::text)"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        " AND (relrowsecurity OR relforcerowsecurity OR p.oid IS NOT NULL) GROUP BY 1, 2"
    )
    assert {row[0] for row in found} == guarded_tables()
    for table, forced, names, permissive, commands in found:
        assert (forced, names, permissive, commands) == (
            True,
            [row_security.POLICY],
            True,
            ["*"],
        ), table


def test_nothing_is_to_do_after_a_migration():
    assert row_security.renew() is False


@pytest.mark.mutant
def test_a_dropped_policy_is_found_and_would_be_made_again():
    """Only the owner may make it, whom the test's own connection is not."""
    run_as_owner('DROP POLICY palier_scope ON "requests_message"')
    with pytest.raises(AssertionError):
        test_every_guarded_table_has_its_policy()
    with pytest.raises(Exception, match="must be owner|permission denied"), transaction.atomic():
        row_security.renew()


@pytest.fixture
def widened(monkeypatch, settings):
    """Let every scope in Python return everything."""
    settings.PALIER_COMPILED = "never"  # neither a text with scopes in it, nor one that outlives it
    for rows, names in WIDENED:
        for name in names.split():
            monkeypatch.setattr(rows, name, lambda self, *args, **options: self.all())
    monkeypatch.setattr(
        querysets.LeaseManager,
        "visible_to",
        lambda self, member: readers.mark_as_readers(self.unscoped_rows()),
    )


def actor(house: dict, who: str):
    """Return somebody of the near side."""
    if who == "tenant":
        return house["near_side"]["person"].user
    if who == "proxy":
        proxy = factories.account("ines@example.test")
        factories.mandate(house["near_side"]["person"], proxy)
        return proxy
    if who == "contractor":
        return factories.contractors_person(house["near_side"]["holder"], "yann@example.test").user
    if who == "caretaker":
        return factories.caretaker(house["north"]).user
    return factories.member(house["north"], who).user


# Where each finds what is theirs, so that an empty page does not pass for a safe one.
HOME = {
    "agent": "/agency/?view=all",
    "agency_manager": "/agency/?view=all",
    "tenant": "/my/",
    "proxy": "/proxy/",
    "contractor": "/jobs/",
    "caretaker": "/work/{order}/",
}
ROLES = {"proxy": "tenant"}


def addresses(house: dict, role: str):
    """Return the addresses that the role may open, with the keys of the far side in them."""
    far = house["far_side"]
    keys = {
        "uuid": [far["claim"].pk, far["person"].pk, far["order"].pk],
        "int": [house["far"].pk, far["person"].occupancies.get().lease_id],
    }
    for route, _name, pattern in EVERY:
        if checks_itself(pattern.callback) or role not in audience_of(pattern.callback):
            continue
        asked = converters(route)
        choices = 3 if "uuid" in asked.values() else 2 if "int" in asked.values() else 1
        for turn in range(choices):
            path = route
            for name, converter in asked.items():
                choice = keys.get(converter, ["x" * 20])
                value = str(choice[turn % len(choice)])
                path = path.replace(f"<{converter}:{name}>", value).replace(f"<{name}>", value)
            yield "/" + path


def shows(client, path: str, side: dict) -> bool:
    """Return whether the page leads to the claim, the order or the person of a side."""
    page = client.get(path).content.decode()
    return any(str(side[name].pk) in page for name in ("claim", "order", "person"))


def leaks(client, house: dict, role: str) -> tuple[set[str], int]:
    """Return the addresses whose answer holds the canary, and how many pages were answered."""
    client.raise_request_exception = False
    found, pages = set(), 0
    far = house["far_side"]
    words = {CANARY, far["claim"].reference, far["claim"].spoken_reference, far["claim"].token}
    keys = {str(far[name].pk) for name in ("claim", "order", "person")}
    for path in addresses(house, role):
        with transaction.atomic():
            answer = client.get(path)
            transaction.set_rollback(True)
        body = b"".join(answer) if answer.streaming else answer.content
        pages += answer.status_code == 200
        # An address may be echoed, for instance to come back after a sign-in.
        shown = words if any(key in path for key in keys) else words | keys
        if any(word.encode() in body for word in shown):
            found.add(path)
    return found, pages


@pytest.mark.mutant
@pytest.mark.parametrize("who", sorted(HOME))
def test_without_any_scope_in_python_nobody_reads_what_is_not_theirs(
    who, client, house, widened, monkeypatch
):
    for name in ("GUESSES", "API_READS", "API_WRITES"):
        monkeypatch.setattr(f"portal.limits.{name}", 100_000)
    client.force_login(actor(house, who), backend=BACKEND)
    own = house["near_side"]
    assert shows(client, HOME[who].format(order=own["order"].pk), own)
    found, pages = leaks(client, house, ROLES.get(who, who))
    assert found == set()
    assert pages >= 3


@pytest.mark.mutant
def test_the_widened_scopes_leak_where_the_policies_are_gone(client, house, widened):
    """The test above would find it: with the policies switched off, other people's claims show."""
    run_as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("requests_claim", "requests_workorder", "tenants_tenant"):
        run_as_owner(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for who in ("agent", "tenant", "contractor"):
        client.force_login(actor(house, who), backend=BACKEND)
        assert shows(client, HOME[who], house["far_side"]), who


@needs_roles
def test_reports_and_auditors_read_whole_tables_and_the_owner_says_so():
    url = connection.settings_dict
    for user, table in (("palier_read", "requests_claim"), ("palier_audit", "requests_intakeview")):
        with (
            psycopg2.connect(
                dbname=url["NAME"], user=user, host=url["HOST"], port=url["PORT"] or None
            ) as line,
            line.cursor() as cursor,
        ):
            cursor.execute("SELECT current_setting('palier.scope', true)")
            assert cursor.fetchone()[0] == "system"
            cursor.execute(f"SELECT count(pg_typeof(id)) FROM {table}")
        line.close()
