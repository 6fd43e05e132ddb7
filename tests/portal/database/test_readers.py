"""On whose behalf a statement reads, and how PostgreSQL is told."""

import contextlib

import pytest
from django.db import connection, transaction

from portal.clock import now
from portal.database import readers
from portal.database.base import ScopedCursor
from portal.database.readers import Who
from portal.scope import ScopeMissing, system_scope
from requests.claims.event_models import Message
from requests.claims.models import Claim
from tenants.models import ContactPoint, Tenant
from tests import factories
from tests.portal.database.conftest import CANARY, OWN, needs_roles
from tests.portal.database.fixed_reader import SEARCHES, Fixed

pytestmark = pytest.mark.django_db


def test_a_reader_reads_less_than_the_landlord(house):
    agent = factories.member(house["north"], "agent")
    with readers.reading_as(Fixed(Who("unit", unit=house["north"].pk))):
        assert [claim.words for claim in Claim.unscoped.all()] == [OWN]
        assert Claim.unscoped.count() == 1
        assert Claim.objects.system("all of them").count() == 2
        assert Message.objects.of(claim__in=Claim.objects.visible_to(agent)).count() == 1
        assert Message.unscoped.count() == 1
        assert [who.last_name for who in Tenant.unscoped.all()] == [OWN]
        assert ContactPoint.unscoped.count() == 1
    with readers.reading_as(Fixed(Who())):
        assert not Claim.unscoped.exists()
        assert not Claim.objects.visible_to(agent).exists()


def test_what_the_landlord_finds_it_follows(house):
    with readers.reading_as(Fixed(Who())):
        found = Claim.objects.system("a job").get(words=CANARY)
        assert found.tenant.last_name == CANARY
        assert found.tenant.contact_points.count() == 1
        assert Message.objects.of(claim=found).count() == 1
        again = Claim.objects.system("a job").prefetch_related("messages").get(pk=found.pk)
        assert len(again.messages.all()) == 1
        assert Claim.objects.by_token(found.token).get().tenant.last_name == CANARY


def test_an_action_reads_as_the_landlord_and_a_scope_stays_the_readers(house):
    agent = factories.member(house["south"], "agent")
    with readers.reading_as(Fixed(Who("unit", unit=house["north"].pk))):
        with transaction.atomic():
            assert Claim.unscoped.count() == 2
            assert not Claim.objects.visible_to(agent).exists()
        assert Claim.unscoped.count() == 1


def test_what_an_action_finds_is_followed_after_it(house):
    with readers.reading_as(Fixed(Who())):
        with transaction.atomic():
            found = Claim.unscoped.get(words=CANARY)
        assert found.tenant.last_name == CANARY
        made = Message.objects.create(claim=found, direction="in", channel="web", text="", at=now())
        assert Message.objects.of(claim=made.claim).count() == 2


def test_a_rule_about_what_is_absent_reads_as_the_landlord(house):
    @system_scope("a rule")
    def everywhere() -> int:
        return Claim.unscoped.count()

    with readers.reading_as(Fixed(Who())):
        assert (everywhere(), Claim.unscoped.count()) == (2, 0)
    with pytest.raises(ScopeMissing), system_scope(""):
        pass


def test_the_scope_is_gone_after_the_transaction(settings):
    """What a pooler would hand to somebody else says nothing any more."""
    own = connection.copy()
    scope = "SELECT current_setting('palier.scope', true)"

    def left() -> str:
        with own.connection.cursor() as raw:  # past Django: nothing is sent ahead
            raw.execute(scope)
            return raw.fetchone()[0] or ""

    try:
        with own.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('palier.scope', true), count(*) FROM requests_claim"
            )
            assert cursor.fetchone()[0] == "system"
            assert left() == ""
            own.set_autocommit(False)
            cursor.execute("SAVEPOINT one")
            cursor.execute("SELECT count(*) FROM requests_claim")
            assert left() == "system"
            own._savepoint_rollback("one")
            assert left() == ""
            cursor.execute("SELECT count(*) FROM requests_claim")
            assert left() == "system"
            own.commit()
            assert left() == ""
            cursor.execute("SELECT count(*) FROM requests_claim")
            own.rollback()
            assert left() == ""
    finally:
        own.close()


def test_the_scope_is_sent_once_in_a_transaction(house):
    sent = []

    class Heard(ScopedCursor):
        def execute(self, sql, params=None):
            super().execute(sql, params)
            sent.append(self.query)

    connection.connection.cursor_factory = Heard
    try:
        connection._told = None
        with transaction.atomic():
            Claim.unscoped.count()
            Claim.unscoped.count()
            with readers.reading_as(Fixed(Who())):
                Claim.unscoped.count()
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                Claim.unscoped.count()
                raise ZeroDivisionError
            Claim.unscoped.count()
    finally:
        connection.connection.cursor_factory = ScopedCursor
    counted = [b"palier.scope" in query for query in sent if b"requests_claim" in query]
    assert counted == [True, False, True, True, True]


@needs_roles
@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_uses_its_index_below_the_policy(search):
    """Only LEAKPROOF functions do; the script of the roles marks them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with readers.reading_as(Fixed(Who("unit", unit=1))):
        plan = SEARCHES[search]().explain()
    assert "Index Cond: " in plan
    assert "palier_" in plan
