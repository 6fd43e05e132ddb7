"""The units whose lists a claim is in, and who wrote last: kept by triggers, whatever is saved."""

from datetime import timedelta

import pytest

from agencies.models import Desk
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.models import Claim
from tests.requests.fixtures.desk import make_claim, make_unit

pytestmark = pytest.mark.django_db


def units(claim) -> tuple:
    return Claim.unscoped.values_list("unit__code", "beside__code").get(pk=claim.pk)


def test_the_desk_s_unit_and_beside_it_the_residence_s():
    nord, desk, residence = make_unit("nord")
    sud, other, _residence = make_unit("sud")
    claim = make_claim(desk, residence)
    assert units(claim) == (nord.code, None)
    claim.owner = other
    claim.save()
    assert units(claim) == (sud.code, nord.code)
    # An object that was read before does not write back what it knew.
    Claim.unscoped.filter(pk=claim.pk).update(unit=nord, beside=None)
    assert units(claim) == (sud.code, nord.code)
    Claim.unscoped.filter(pk=claim.pk).update(owner=None, routed_at=None)
    assert units(claim) == (nord.code, None)


def test_a_desk_or_a_residence_that_moves_takes_its_claims_along():
    nord, desk, residence = make_unit("nord")
    sud = make_unit("sud")[0]
    claim = make_claim(desk, residence)
    Desk.objects.filter(pk=desk.pk).update(unit=sud, kind="clientele")
    assert units(claim) == (sud.code, nord.code)
    residence.unit = sud
    residence.save()
    assert units(claim) == (sud.code, None)


def test_who_wrote_last_is_known_without_the_messages():
    _unit, desk, residence = make_unit("nord")
    claim, at = make_claim(desk, residence), now()

    def last() -> str:
        return Claim.unscoped.values_list("last_word", flat=True).get(pk=claim.pk)

    def say(direction: str, minutes: int, **more) -> Message:
        return Message.objects.create(
            claim=claim,
            direction=direction,
            channel="web",
            text="…",
            at=at + timedelta(minutes=minutes),
            **more,
        )

    assert last() == ""
    say("in", 1)
    answer = say("out", 2)
    say("note", 3)
    say("in", 4, understood=True)
    say("in", 0)
    assert last() == "out"
    answer.delete()
    assert last() == "in"
    claim.save()
    assert last() == "in"
