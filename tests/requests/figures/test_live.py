"""What is open now is counted in shares: own, with another's desk, lent; each claim once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import QueryDict

from agencies.models import Membership
from portal.access import Role
from portal.clock import now
from portal.database.together import ask_together
from requests.figures import board_page, live
from requests.teamwork.models import Help, LentClaim
from tests.requests.fixtures.desk import make_claim, make_unit, member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.AGENT, Role.AGENCY_MANAGER, Role.HEAD_OFFICE])
def test_each_open_claim_that_the_member_sees_counts_once(client, role):
    north, desk, residence = make_unit("nord")
    _south, other_desk, elsewhere = make_unit("sud")
    user = member(client, north, role)
    make_claim(desk, residence)
    make_claim(desk, residence, state="done", promise_at=now() + timedelta(days=1))
    make_claim(desk, elsewhere)
    make_claim(None, residence)
    beside = make_claim(other_desk, residence)
    lent = make_claim(other_desk, elsewhere)
    make_claim(other_desk, elsewhere)
    make_claim(desk, residence, state="closed", ended_at=now())
    given = Help.objects.create(
        desk=other_desk,
        helper=north,
        number=2,
        until=now() + timedelta(days=9),
        state=Help.State.ACCEPTED,
        asked_by=user,
        asked_at=now(),
        answered_by=user,
        answered_at=now(),
    )
    for claim in (beside, lent):  # a unit may be lent what is of its own stock
        LentClaim.objects.create(help=given, claim=claim)
    reader = Membership.objects.get(user=user)
    chosen = board_page.asked(reader, QueryDict(), now()).choice
    for units in (None, (north.pk,)):
        choice = replace(chosen, units=units)
        (rows,) = ask_together(live.asked(reader, choice, now()))
        seen = live.open_claims(reader, choice).select_related("residence", "owner")
        wanted = Counter(
            (one.residence.unit_id if one.residence else one.owner.unit_id, one.state)
            for one in seen
        )
        found: Counter = Counter()
        for row, number in live.of_rows(rows).rows.items():
            found[row.unit, row.state] += number
        assert found == wanted
        assert sum(found.values()) == seen.count() > 3
