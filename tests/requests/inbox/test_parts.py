"""A unit's lists are read in parts, each by its index: they hold what one reading would."""

from datetime import timedelta

import pytest

from agencies.models import Membership
from portal.clock import now
from requests.inbox import list_statements as statements
from requests.kit.choices import State
from requests.teamwork.assignment_models import Charge
from requests.teamwork.models import Help, LentClaim
from tests.requests.fixtures.desk import make_claim, make_unit

pytestmark = pytest.mark.django_db
INBOX = "/agency/"
VIEWS = ("todo", "mine", "passed", "awaited", "waiting", "closing", "snoozed", "all")


@pytest.fixture
def agent(place):
    return Membership.objects.get(unit=place[0])


@pytest.fixture
def claims(place, agent):
    """Of one's own, beside it, lent to it, lent back, and of another unit."""
    _unit, desk, home = place
    _other, other_desk, away = make_unit("sud")
    made = {
        "late": make_claim(desk, home),
        "unpromised": make_claim(desk, home, promise_at=None, state=State.PLANNED),
        "waiting": make_claim(desk, home, 9, state=State.PLANNED, last_word="in"),
        "done": make_claim(desk, home, 5, state=State.DONE),
        "unowned": make_claim(None, home, 3),
        "beside": make_claim(other_desk, home, 4),
        "lent": make_claim(other_desk, away, 6),
        "back": make_claim(other_desk, home, 2),
        "theirs": make_claim(other_desk, away),
    }
    agreed = Help.objects.create(
        desk=other_desk,
        helper=agent.unit,
        number=2,
        until=now() + timedelta(days=3),
        words="Gel",
        state="accepted",
        asked_at=now(),
        answered_at=now(),
    )
    for name in ("lent", "back"):
        LentClaim.objects.create(help=agreed, claim=made[name])
    for name in ("late", "beside"):
        Charge.objects.create(
            claim=made[name], membership=agent, why=Charge.Why.PULLED, starts_at=now()
        )
    return made


@pytest.mark.parametrize("view", VIEWS)
def test_parts_hold_what_the_whole_view_holds_once(claims, agent, view):
    moment = now()
    of_parts = [
        key
        for part in statements.parts_of_view(agent, moment, view)
        for key in part.values_list("pk", flat=True)
    ]
    whole = type(claims["late"]).objects.visible_to(agent)
    wanted = statements.of_view(whole, agent, moment, view).values_list("pk", flat=True)
    assert sorted(of_parts) == sorted(wanted)


def test_the_numbers_add_up(client, claims, agent):
    moment = now()
    whole = type(claims["late"]).objects.visible_to(agent)
    [one] = statements.counted(whole, agent, moment)
    assert statements.added(statements.count_all(agent, moment)) == one
    page = client.get(INBOX)
    chips = {chip["name"]: chip["count"] for chip in page.context["chips"]}
    assert (chips["todo"], chips["mine"], chips["waiting"]) == (one["todo"], 2, 2)


def test_the_order_goes_over_the_parts(client, claims):
    shown = client.get(INBOX, {"view": "all"}).context["page_obj"].object_list
    wanted = ("unpromised", "late", "back", "unowned", "beside", "done", "lent", "waiting")
    assert [row.pk for row in shown] == [claims[name].pk for name in wanted]
    # The same where filters narrow it, and in the next window.
    shown = client.get(INBOX, {"view": "all", "urgency": "U3"}).context["page_obj"].object_list
    assert [row.pk for row in shown] == [claims[name].pk for name in wanted]


@pytest.mark.parametrize("group", ["date", "place", "none"])
@pytest.mark.parametrize("sort", ["promise", "received", "last"])
def test_each_order_is_one_over_parts(client, claims, agent, sort, group):
    moment, display = now(), statements.Display(sort, group, ())
    parts = statements.parts_of_view(agent, moment, "all")
    whole = type(claims["late"]).objects.visible_to(agent)
    one, parts = (statements.arranged(p, moment, display, "all", ()) for p in ([whole], parts))
    assert [row[:2] for row in parts] == [tuple(row) for row in one]
