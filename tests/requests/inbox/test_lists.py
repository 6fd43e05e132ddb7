"""The list: whose claims it holds, its order, groups and columns, and what comes first in any."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Building, Desk, Membership, Residence
from portal.access import Role
from portal.clock import now
from requests.claims import search
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.inbox import sort_order
from requests.inbox.models import ListDisplay
from requests.incidents.models import Incident, IncidentClaim
from requests.teamwork.models import Seat
from tests.requests.fixtures.desk import make_category, make_claim, make_unit, member, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]
INBOX = "/agency/"


def found(client, **query) -> list:
    return [c.pk for c in client.get(INBOX, query).context["page_obj"].object_list]


def headings(client, **query) -> list[str]:
    return [name for name, *_rest in client.get(INBOX, query).context["groups"]]


@pytest.mark.parametrize(
    ("numbers", "sort", "expected"),
    [
        ({"2026-12-02": 4, "late": 1}, "promise", {"2026-12-02", "late"}),
        ({"danger": 2, "incident": 1, "none": 3, "ended": 9, "late": 1}, "promise", {"late"}),
        ({"late": 3, "later": "400+"}, "promise", {"late"}),
        ({"2026-12-02": 4}, "last", set()),
    ],
)
def test_which_headings_count_promises(numbers, sort, expected):
    assert sort_order.promised(numbers, sort_order.Display(sort=sort)) == expected


def show(client, **chosen) -> None:
    given = {"sort": "promise", "group": "date", "columns": ["channel"]} | chosen
    assert client.post(reverse("agency:display"), given).status_code == 302


def test_a_claim_handed_over_leaves_the_list_of_who_gave_it(client, place):
    claim = make_claim(place[1], place[2])
    other = make_unit("siege", kind="head_office")[1]
    due = (now() + timedelta(days=2)).replace(hour=9).strftime("%Y-%m-%dT%H:%M")
    facts = {"version": 1, "desk": other.pk, "reason": "Toiture", "due": due}
    assert client.post(url("act", claim, "hand_over"), facts).status_code == 302
    for view in ("todo", "awaited", "waiting", "closing"):
        assert found(client, view=view) == []
    assert found(client, view="all") == [claim.pk]


def test_a_desk_that_others_serve_keeps_its_own(client, place):
    unit, technical, residence = place
    clientele = Desk.objects.create(unit=unit, kind="clientele", name="Clientèle")
    leak, rent = make_claim(technical, residence), make_claim(clientele, residence, 1)
    assert found(client) == [leak.pk, rent.pk]
    mine = Membership.objects.get()
    Seat.objects.create(desk=technical, membership=mine)
    assert found(client) == [leak.pk]
    assert found(client, view="all") == [leak.pk, rent.pk]
    # A manager answers for all of them.
    member(client, unit, Role.AGENCY_MANAGER)
    assert found(client) == [leak.pk, rent.pk]


def test_what_is_on_calls_is_in_no_other_list(client):
    unit, desk, residence = make_unit("siege", kind="head_office")
    duty = Desk.objects.create(unit=unit, kind="on_call", name="Astreinte")
    phones = Desk.objects.create(unit=unit, kind="contact_centre", name="Appels")
    wires = make_claim(duty, residence, urgency="U1")
    call = make_claim(phones, residence, 1)
    roof = make_claim(desk, residence, 2)
    for role, seen in (
        (Role.ON_CALL, [wires.pk]),
        (Role.CALL_TAKER, [call.pk]),
        (Role.HEAD_OFFICE, [roof.pk]),
    ):
        member(client, unit, role)
        assert found(client) == seen, role


def test_each_order_and_dangers_and_incidents_first_in_all(client, place):
    _unit, desk, residence = place
    at = now()
    old = make_claim(desk, residence, 30, filed_at=at - timedelta(days=20))
    fresh = make_claim(desk, residence, 2, filed_at=at - timedelta(hours=1))
    gas = make_claim(desk, residence, 60, urgency="U0", filed_at=at)
    lift = make_claim(desk, residence, 50, filed_at=at)
    Message.objects.create(
        claim=old, direction="in", channel="web", text="Alors ?", at=at - timedelta(minutes=5)
    )
    building = Building.objects.create(residence=residence, code="A")
    incident = Incident.objects.create(
        family=make_category().family,
        building=building,
        title="Ascenseur",
        text="Arrêté",
        opened_at=at,
        opened_by=Membership.objects.get().user,
    )
    IncidentClaim.objects.create(incident=incident, claim=lift, at=at)
    first = [gas.pk, lift.pk]
    assert found(client) == [*first, fresh.pk, old.pk]
    assert headings(client)[:2] == ["danger", "incident"]
    for sort, rest in (("received", [old.pk, fresh.pk]), ("last", [old.pk, fresh.pk])):
        for group in ("date", "place", "none"):
            show(client, sort=sort, group=group)
            assert found(client) == first + rest, (sort, group)
    assert headings(client)[2:] == ["open"]
    show(client, sort="received")
    assert "earlier" in headings(client)
    show(client, sort="last")
    assert headings(client)[-1] == "never"
    incident.closed_at = at
    incident.save()
    assert "incident" not in headings(client)


def test_by_place_each_residence_has_its_heading_and_number(client, place):
    unit, desk, residence = place
    other = Residence.objects.create(
        code="z", name="Zénith", unit=unit, commune="Nantes", postcode="44000"
    )
    for number, where in enumerate([other, residence, other, None]):
        make_claim(desk, where, number)
    show(client, group="place")
    groups = client.get(INBOX).context["groups"]
    assert [(label, number) for _name, label, number, _items in groups] == [
        (str(residence), 1),
        (str(other), 2),
        (groups[2][1], 1),
    ]
    assert groups[2][0] == "nowhere"


def test_the_display_is_remembered_per_person_and_hostile_values_are_dropped(client, place):
    make_claim(place[1], place[2], reference="ABC234")
    show(client, sort="received", columns=["reference", "urgency", "state", "desk"])
    page = client.get(INBOX).content.decode()
    assert "ABC 234 · U3 · " in page
    assert ListDisplay.objects.get().columns == "reference,urgency,state"
    show(client, sort="'; drop", group="x", columns=["<b>"])
    assert (ListDisplay.objects.get().sort, ListDisplay.objects.get().columns) == ("promise", "")
    member(client, place[0])
    assert client.get(INBOX).context["display"].columns == ("channel", "holder")


def test_ended_claims_begin_with_the_last(client, place):
    at = now()
    long_ago, lately = (
        make_claim(place[1], place[2], state="closed", ended_at=at - timedelta(days=days))
        for days in (900, 2)
    )
    assert found(client, view="ended") == [lately.pk, long_ago.pk]


def test_rows_take_the_same_statements_in_any_display(client, place, django_assert_max_num_queries):
    for number in range(20):
        make_claim(place[1], place[2], number)
    for sort in ("promise", "received", "last"):
        show(client, sort=sort, group="place", columns=["last", "holder", "desk"])
        with django_assert_max_num_queries(11):
            client.get(INBOX)


def test_a_search_that_finds_more_goes_on_with_older_ones(client, place, monkeypatch):
    monkeypatch.setattr(search, "MAX_FOUND", 2)
    claims = [make_claim(place[1], place[2], number) for number in range(5)]
    for number, claim in enumerate(claims):
        Claim.objects.system("test").filter(pk=claim.pk).update(
            words="Fuite sous l'évier", filed_at=now() - timedelta(days=number)
        )
    shown, query = [], {"q": "fuite"}
    while query:
        page = client.get(INBOX, query).context["page_obj"]
        shown.append({claim.pk for claim in page.object_list})
        query = {"q": "fuite", "from": page.paginator.behind} if page.paginator.behind else {}
    keys = [claim.pk for claim in claims]
    assert shown == [set(keys[:2]), set(keys[2:4]), set(keys[4:])]
