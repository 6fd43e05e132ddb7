"""A kept statement is the one that Django would make, for each person who asks."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import absences
from agencies.models import Absence, Desk, Membership, Unit
from portal.arrays import among
from portal.clock import now
from portal.database import statement_cache as module
from portal.database.statement_cache import NotKeepable, compiled
from portal.models import User
from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(landlord) -> SimpleNamespace:
    """An agent in each of two agencies."""
    north, south = (member(landlord[name], "agent") for name in ("north", "south"))
    return SimpleNamespace(north=north, south=south)


def desks_of(member, moment, *_shape):
    return Desk.objects.filter(unit=member.unit_id).select_related("unit").order_by("pk")


def test_each_asks_with_their_own_keys(two, monkeypatch):
    made = []
    rows = compiled(lambda *given: made.append(given) or desks_of(*given))
    for one in (two.north, two.south, two.north):
        found = rows(one, now())
        assert found == list(desks_of(one, now()))
        assert {desk.unit.name for desk in found} == {one.unit.name}
    # Once with what stands for the values, once with the first real ones.
    assert len(made) == 2


def test_one_statement_and_nothing_compiled(two):
    rows = compiled(desks_of)
    rows(two.north, now())
    with CaptureQueriesContext(
        connection,
    ) as heard:
        rows(two.south, now())
    assert len(heard) == 1


def test_another_shape_is_another_text(two):
    def build(member, moment, ascending):
        return Desk.objects.filter(unit=member.unit_id).order_by("pk" if ascending else "-pk")

    rows = compiled(build)
    assert rows(two.north, now(), True) == rows(two.north, now(), False)[::-1]
    assert rows(two.north, now(), True) == list(build(two.north, now(), True))


def test_a_role_is_another_text(two, landlord):
    def build(member, moment):
        everything = Desk.objects.order_by("pk")
        return everything if member.role == "head_office" else everything.filter(unit=member.unit)

    rows = compiled(build)
    chief = member(landlord["north"], "head_office")
    assert len(rows(chief, now())) > len(rows(two.north, now())) > 0
    assert rows(two.south, now()) == list(build(two.south, now()))


def test_moments_days_and_named_values(two):
    moment = now()
    day = timezone.localdate(moment)
    away = Absence.objects.create(
        membership=two.north, first_day=day, last_day=day + timedelta(days=3), entered_at=moment
    )

    @compiled
    def gone(member, moment, *, keys, words, since):
        rows = absences.absences_on(timezone.localdate(moment) + timedelta(days=1))
        who = Q(membership=member) | among("membership__user", keys)
        return rows.filter(
            who, among("membership__role", words), membership__user__date_joined__lte=since
        )

    asked = {"keys": [two.north.user_id, uuid4()], "words": ["agent"], "since": now()}
    assert gone(two.south, moment, **asked) == [away]
    assert gone(two.south, moment + timedelta(days=2), **asked) == [away]
    assert gone(two.south, moment + timedelta(days=3), **asked) == []
    assert gone(two.south, moment, **asked | {"keys": [uuid4()]}) == []
    assert gone(two.north, moment, **asked | {"keys": []}) == [away]
    assert gone(two.north, moment, **asked | {"words": ["caretaker"]}) == []
    assert gone(two.north, moment, **asked | {"since": moment - timedelta(days=9_000)}) == []


def test_what_finds_nothing_finds_nothing(two):
    rows = compiled(lambda member, moment: Unit.objects.none())
    assert rows(two.north, now()) == rows(two.north, now()) == []


@pytest.mark.parametrize(
    "condition",
    [
        lambda member: Q(user=User.objects.first().pk),  # somebody's key
        lambda member: Q(starts__lte=timezone.localdate()),  # another clock
        lambda member: Q(user__last_login__lte=timezone.now()),
        lambda member: among("user", [uuid4()]),
    ],
)
def test_a_value_of_somebody_else_is_refused(two, condition):
    rows = compiled(lambda member, moment: Membership.objects.filter(condition(member)))
    with pytest.raises(NotKeepable):
        rows(two.north, now())


def test_what_depends_on_more_is_refused_and_asked_anew_in_production(two, settings, caplog):
    odd = iter(range(100))

    def build(member, moment):
        rows = Desk.objects.filter(unit=member.unit_id)
        return rows.order_by("pk") if next(odd) % 2 else rows.order_by("-name")

    with pytest.raises(NotKeepable):
        compiled(build)(two.north, now())
    settings.PALIER_STRICT = False
    rows = compiled(build)
    assert {desk.unit_id for desk in rows(two.north, now())} == {two.north.unit_id}
    assert "compiled on each request" in caplog.text
    assert {desk.unit_id for desk in rows(two.south, now())} == {two.south.unit_id}


def test_checked_sees_a_text_that_has_changed(two, settings):
    order = ["pk"]
    rows = compiled(lambda member, moment: Desk.objects.filter(unit=member.unit).order_by(*order))
    rows(two.north, now())
    order[0] = "-pk"
    rows(two.north, now())
    settings.PALIER_COMPILED = "checked"
    with pytest.raises(NotKeepable):
        rows(two.north, now())


def test_nothing_stands_for_a_fraction(two):
    with pytest.raises(TypeError):
        compiled(lambda member, moment, *, part: Desk.objects.all())(two.north, now(), part=0.5)
    assert module.STANDING.membership != module.STANDING.unit
