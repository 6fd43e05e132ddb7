"""A check that cannot fail proves nothing: break what each one guards and see it fail.

Here: scopes that are widened and links that never end, by the checks of the matrix. Elsewhere: a
unique key dropped and an attempt counted after the effect, ``tests/requests/jobs/test_mutants.py``;
the lease of a job removed, ``tests/faults/test_lease.py``.
"""

import pytest
from django.test import Client

from portal.actor import Actor
from portal.clock import now
from portal.database.readers import guarded_tables
from requests.claims import links
from requests.claims.access import ClaimQuerySet
from requests.claims.models import Claim
from requests.work_orders.models import OrderQuerySet
from tenants.querysets import TenantQuerySet
from tests.databases import run_as_owner
from tests.matrix import walk

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.mutant]


def everything(rows, *_args, **_kwargs):
    """The mutant: a scope that narrows nothing."""
    return rows.all()


def wrong(world, relation: str, route: str) -> str:
    """Return what the matrix finds wrong as a relation, at one address."""
    tally = walk.Tally()
    walk.ask_all(world, relation, tally, only=lambda address: address.route == route)
    return "\n".join(tally.wrong)


def without_policies() -> None:
    """Take the second wall away until the end of the test (docs/adr/0043-row-level-security.md)."""
    run_as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    for table in guarded_tables():
        run_as_owner(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


# Scope that is widened → relation and address by which the matrix notices, canary that it sees.
# The policies of PostgreSQL stand behind: with them nothing shows, without them the matrix notices.
WIDENED = [
    (ClaimQuerySet, "visible_to", "other_agent", "agency/<uuid:pk>/", "words-confided"),
    (ClaimQuerySet, "visible_to", "other_agent", "api/v1/claims/<uuid:pk>/", "words-confided"),
    (ClaimQuerySet, "of_user", "neighbour", "my/<uuid:claim>/", "words-confided"),
    (ClaimQuerySet, "of_user", "joint", "my/<uuid:claim>/", "unsorted) -> 200"),
    (ClaimQuerySet, "of_user", "former_occupant", "api/v1/claims/<uuid:pk>/", "words-shared"),
    (ClaimQuerySet, "of_proxy", "proxy", "proxy/<uuid:claim>/", "unsorted) -> 200"),
    (OrderQuerySet, "visible_to", "other_contractor", "jobs/<uuid:pk>/", "order-shared"),
    (OrderQuerySet, "visible_to", "caretaker_beside", "work/<uuid:pk>/", "order-confided"),
    (TenantQuerySet, "visible_to", "other_agent", "agency/people/<uuid:pk>/", "name-author"),
]


@pytest.mark.parametrize(("scope", "name", "relation", "route", "canary"), WIDENED)
def test_a_widened_scope(world, monkeypatch, settings, scope, name, relation, route, canary):
    settings.PALIER_COMPILED = "never"  # no text of a mutant outlives it
    assert wrong(world, relation, route) == ""
    monkeypatch.setattr(scope, name, everything)
    assert wrong(world, relation, route) == ""
    without_policies()
    found = wrong(world, relation, route)
    assert "should be refused" in found
    assert canary in found


def still_open(world) -> set[int]:
    """Return what links answer that ended: replaced, closed, of a request long over."""
    rows = Claim.objects.system("test")
    shared, confided, over = (rows.get(pk=claim.pk) for claim in world.claims.values())
    copied = shared.token
    links.renew(claim=shared, actor=Actor.SYSTEM, now=now(), reason="x")
    links.close(claim=confided, actor=Actor.SYSTEM, now=now(), reason="x")
    ended = now() - links.life()
    rows.filter(pk=over.pk).update(state="closed", ended_at=ended)
    return {status_of(token) for token in (copied, confided.token, over.token)}


def status_of(token: str) -> int:
    return Client().get(f"/s/{token}/", headers=walk.TERSE).status_code


MUTANT_LINKS = [
    ("is_over", lambda _claim, _now: False),
    ("is_open", lambda _claim, _now: True),
    ("refuse_ended", lambda _token: None),
]


@pytest.mark.parametrize(("name", "mutant"), MUTANT_LINKS)
def test_a_link_that_never_ends(world, monkeypatch, name, mutant):
    monkeypatch.setattr(links, name, mutant)
    assert still_open(world) != {410}


def test_links_end(world):
    assert still_open(world) == {410}
