"""The rules stand twice: in Python (``visible_to``) and in SQL (the policies). Here they meet.

In many random states of the households, for every role, what the scope in Python finds must be
within what the policies let through; where both mean the same rule, exactly that.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import models, transaction
from django.utils.timezone import localdate

from agencies.models import Membership
from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.database.readers import reading_as
from portal.models import User
from portal.reader import SEE_ALL, RequestReader
from requests import row_functions
from requests.audit.models import EmergencyOpening
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.notifications.models import Delivery
from requests.privacy.models import RightsRequest
from requests.work_orders.models import WorkOrder
from tenants.models import AccessEnd, IdentityMerge, Lease, Mandate, Occupancy, Tenant
from tests import moments, trust
from tests.databases import run_as_owner
from tests.portal.database import households

pytestmark = [pytest.mark.django_db, pytest.mark.trust, pytest.mark.long]
WORLDS = trust.size(2, 400)
SHIFTS = (0, 1, -1, 40, -400, 364, 367)  # days between what happened and who reads


@dataclass
class Who:
    """Somebody who may sign in; without a membership a tenant, a proxy or neither."""

    name: str
    user: User
    membership: Membership | None = None

    @property
    def role(self) -> str:
        return self.membership.role if self.membership else "person"

    def reader(self) -> RequestReader:
        return RequestReader(
            SimpleNamespace(user=self.user, membership=self.membership, resolver_match=None)
        )


def is_desk(who: Who) -> bool:
    return who.role in DESK_ROLES


def claims_of(who: Who) -> models.QuerySet:
    """Return the claims that pages show to somebody, by whichever scope."""
    rows, today = Claim.objects, localdate(now())
    if is_desk(who):
        opened = EmergencyOpening.objects.in_force(who.user, now()).values("claim")
        return rows.visible_to(who.membership) | rows.system("opened").filter(pk__in=opened)
    if who.role == Role.CONTRACTOR:
        mine = WorkOrder.objects.visible_to(who.membership).values("claim")
        return rows.system("of my orders").filter(pk__in=mine)
    if who.role == Role.CARETAKER:
        return rows.for_caretaker(who.membership)
    if who.role == Role.DPO:
        return rows.none()
    return rows.system("all").filter(
        pk__in=rows.of_user(who.user, today)
        .values("pk")
        .union(rows.of_proxy(who.user, today).values("pk"))
    )


def of_claims(model: type[models.Model]) -> Callable[[Who], models.QuerySet]:
    return lambda who: model.unscoped.filter(claim__in=claims_of(who).values("pk"))


def orders_of(who: Who) -> models.QuerySet:
    if who.role in {Role.CONTRACTOR, Role.CARETAKER}:
        return WorkOrder.objects.visible_to(who.membership)
    return of_claims(WorkOrder)(who)


def with_trays(model: type[models.Model]) -> Callable[[Who], models.QuerySet]:
    def rows(who: Who) -> models.QuerySet:
        mine = of_claims(model)(who)
        return model.objects.visible_to(who.membership) | mine if is_desk(who) else mine

    return rows


def only(who_may: Callable[[Who], bool], rows: Callable[[Who], models.QuerySet]):
    """Return ``rows`` for those whose pages ask for them; None for others."""
    return lambda who: rows(who) if who_may(who) else None


def person(who: Who) -> bool:
    return who.membership is None


def mandates_of(who: Who) -> models.QuerySet:
    if is_desk(who):
        return Mandate.objects.visible_to(who.membership)
    today = localdate(now())
    emails = list(who.user.emailaddress_set.filter(verified=True).values_list("email", flat=True))
    found = Mandate.objects.held_by(who.user, today) | Mandate.objects.given_by(who.user)
    return found | Mandate.objects.addressed_to(emails, today)


def own_stays(who: Who) -> models.QuerySet:
    if is_desk(who):
        return Occupancy.objects.seen_by(who.membership)
    return Occupancy.unscoped.filter(tenant__user=who.user)


def by_unit(who: Who) -> bool:
    return is_desk(who) and who.role not in SEE_ALL


def everybody(who: Who) -> bool:
    return True


def not_a_caretaker(who: Who) -> bool:
    return who.role != Role.CARETAKER


def nobody(who: Who) -> bool:
    return False


# Model, its rows by the scope in Python, and who reads exactly these by the policies too; others
# at least these. Wider on purpose: a caretaker's policy knows the building and the confidence, not
# the kind of fault; somebody's record is kept within reach after a year, for its letters.
RULES = [
    (Claim, claims_of, not_a_caretaker),
    (Message, of_claims(Message), not_a_caretaker),
    (WorkOrder, orders_of, everybody),
    (Delivery, with_trays(Delivery), by_unit),
    (Intake, with_trays(Intake), by_unit),
    (Lease, only(is_desk, lambda who: Lease.objects.visible_to(who.membership)), is_desk),
    (Occupancy, only(lambda who: is_desk(who) or person(who), own_stays), nobody),
    (Tenant, only(is_desk, lambda who: Tenant.objects.visible_to(who.membership)), nobody),
    (Tenant, only(person, lambda who: Tenant.unscoped.filter(user=who.user)), nobody),
    (Mandate, only(lambda who: is_desk(who) or person(who), mandates_of), nobody),
    (
        IdentityMerge,
        only(is_desk, lambda who: IdentityMerge.objects.visible_to(who.membership)),
        is_desk,
    ),
    (AccessEnd, only(is_desk, lambda who: AccessEnd.objects.visible_to(who.membership)), nobody),
    (
        RightsRequest,
        lambda who: (
            RightsRequest.objects.visible_to(who.membership)
            if who.membership
            else RightsRequest.objects.of_user(who.user)
        ),
        lambda who: who.role == Role.DPO,
    ),
]


def differences(who: Who, tally: Counter) -> Iterator[str]:
    """Compare all rules for one reader now; ``tally`` counts what was compared."""
    for model, rows, exact in RULES:
        with reading_as(None):
            scope = rows(who)
            if scope is None:
                continue
            by_scope = set(scope.values_list("pk", flat=True))
            total = model.unscoped.count()
        with reading_as(who.reader()):
            by_policy = set(model.unscoped.values_list("pk", flat=True))
        tally["comparisons"] += 1
        tally["rows"] += total
        tally["seen"] += len(by_scope)
        tally["exact"] += exact(who)
        if hidden := by_scope - by_policy:
            yield f"{who.name}: {len(hidden)} {model.__name__} hidden by the policy"
        if exact(who) and (more := by_policy - by_scope):
            yield f"{who.name}: {len(more)} {model.__name__} shown by the policy alone"


@pytest.fixture(scope="module")
def stock(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        with moments.at():
            yield households.stock()
        transaction.set_rollback(True)


def everyone(stock) -> list[Who]:
    found = [Who(user.email, user) for user in stock.accounts]
    return found + [Who(name, member.user, member) for name, member in stock.staff.items()]


def compare(stock, seed: int, tally: Counter) -> Iterator[str]:
    """Fill one random state, and compare for everybody on its day and on another."""
    moment = moments.MOMENT + timedelta(hours=seed % 24)
    with transaction.atomic():
        with moments.at(moment):
            households.Filling(stock, seed, moment).fill()
        for shift in (0, SHIFTS[seed % len(SHIFTS)]):
            with moments.at(moment + timedelta(days=shift)):
                for who in everyone(stock):
                    yield from differences(who, tally)
        transaction.set_rollback(True)


def test_both_say_the_same(stock):
    tally: Counter = Counter()
    wrong = {}
    for seed in range(WORLDS):
        if found := list(compare(stock, seed, tally)):
            wrong[seed] = found
    print(f"{WORLDS} states: {dict(tally)}")
    assert wrong == {}
    assert tally["seen"] > 100 * WORLDS


# One condition taken out of the SQL of the policies: the comparison must see it. With the first
# state in which somebody reads otherwise by it, and nobody without it; a whole run looks for it in
# all, a short one tries a few conditions.
MUTANTS = [
    ("c.sorted_at IS NOT NULL AND c.follows_id IS NULL", "c.follows_id IS NULL", 8),
    ("AND NOT k.sensitive AND k.asset = 'dwelling'", "AND k.asset = 'dwelling'", 6),
    ("AND mine.starts <= (c.filed_at AT TIME ZONE 'Europe/Paris')::date", "", 0),
    ("AND coalesce(l.ends, today) >= today", "", 9),
    (
        "AND m.consent_at IS NOT NULL AND m.revoked_at IS NULL\n",
        "AND m.consent_at IS NOT NULL\n",
        1,
    ),
    ("h.until > moment", "true", 0),
    ("o.until > moment", "true", 3),
    ("h.state = 'accepted'", "true", 4),
    ("o.contractor_id = company AND o.sent_at IS NOT NULL", "o.contractor_id = company", 0),
    ("w.opens_at > moment", "false", 0),
    ("AND (newer.starts, newer.id) > (l.starts, l.id)", "AND false", 116),
]


@pytest.mark.mutant
@pytest.mark.parametrize(("old", "new", "state"), trust.sample(MUTANTS[::4], MUTANTS))
def test_a_rule_that_differs_is_seen(stock, old, new, state):
    assert old in row_functions.FUNCTIONS
    with transaction.atomic():
        run_as_owner(row_functions.FUNCTIONS.replace(old, new))
        states = range(WORLDS) if trust.WHOLE else [state]
        found = (line for seed in states for line in compare(stock, seed, Counter()))
        with closing(found):
            assert next(found, None), "no state shows it any more: look for one by `make trust`"
        transaction.set_rollback(True)
