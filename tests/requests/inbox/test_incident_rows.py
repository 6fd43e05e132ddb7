"""Claims of one open incident are one row of the lists of work; every number stays true."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Building, Membership
from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.incidents.models import Incident, IncidentClaim
from requests.kit.choices import State
from tests.requests.fixtures.desk import make_claim, make_unit, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]
INBOX = "/agency/"


def gather(claims, residence, member) -> Incident:
    building = Building.objects.create(residence=residence, code="A")
    made = Incident.objects.create(
        family=claims[0].category.family,
        building=building,
        title="Ascenseur arrêté",
        text="Une pièce est commandée.",
        opened_at=now(),
        opened_by=member.user,
    )
    for claim in claims:
        IncidentClaim.objects.create(incident=made, claim=claim, at=now())
    return made


@pytest.fixture
def claims(place):
    return [make_claim(place[1], place[2], 3 + n, contact_phone=f"06{n}") for n in range(5)]


@pytest.fixture
def incident(claims, place):
    """Of the first three: the second and the third are of one household."""
    Claim.objects.system("test").filter(pk=claims[2].pk).update(contact_phone="061")
    return gather(claims[:3], place[2], Membership.objects.get(unit=place[0]))


def shown(client, **query):
    return client.get(INBOX, query).context


def test_an_incident_is_one_row_with_its_households_and_the_numbers_stay_true(
    client, claims, incident
):
    page = shown(client)
    rows = page["page_obj"].object_list
    assert [row.pk for row in rows] == [claims[0].pk, claims[3].pk, claims[4].pk]
    assert rows[0].gathered.households == 2
    assert (page["page_obj"].paginator.count, page["total"]) == (3, 5)
    todo = next(chip for chip in page["chips"] if chip["name"] == "todo")
    assert todo["count"] == 5
    assert [(name, number) for name, _label, number, _rows in page["groups"]][0] == ("incident", 1)
    html = client.get(INBOX).content.decode()
    assert reverse("agency:incident", args=[incident.pk]) in html
    # A search and "all" look for claims: each has its row there.
    assert len(shown(client, view="all")["page_obj"].object_list) == 5
    assert len(shown(client, q="ça coule")["page_obj"].object_list) == 5


def test_windows_part_rows_and_an_incident_stays_whole(client, claims, incident, monkeypatch):
    monkeypatch.setattr("portal.windows.MOST", 2)
    page = shown(client)
    rows = page["page_obj"].object_list
    assert [row.pk for row in rows] == [claims[0].pk, claims[3].pk]
    assert (len(rows[0].gathered.keys), rows[0].gathered.households) == (3, 2)
    further = shown(client, **{"from": page["page_obj"].paginator.behind})
    assert [row.pk for row in further["page_obj"].object_list] == [claims[4].pk]
    # The row after the last one of a window is the first of the next.
    html = client.get(url("claim", claims[3])).content.decode()
    assert f'name="next" value="{claims[4].pk}"' in html


def test_all_of_the_list_is_each_claim_of_an_incident_too(client, claims, incident):
    done = client.post(reverse("agency:bulk"), {"what": "take_charge", "all": "1"})
    assert {claim.pk for claim, _said in done.context["results"]} == {c.pk for c in claims}


def test_it_opens_beside_the_list_with_its_requests(client, claims, incident):
    address = reverse("agency:incident", args=[incident.pk])
    pane = client.get(address, headers={"X-Pane": "claim"})
    html = pane.content.decode()
    assert pane.headers["X-Pane"] == "claim"
    assert f'data-claim="incident-{incident.pk}"' in html
    assert all(url("claim", claim) in html for claim in claims[:3])
    assert 'id="list-pane"' not in html
    whole = client.get(address).content.decode()
    assert 'id="list-pane"' in whole
    # One of its claims is open: its row is the marked one.
    page = client.get(url("claim", claims[1])).content.decode()
    row = page[page.index(f'data-claim="incident-{incident.pk}"') :]
    assert 'aria-current="true"' in row[: row.index(">")]


def test_a_row_of_another_unit_s_incident_gathers_nothing(client, place, claims, incident):
    # The incident is of another unit's building: its page would not open.
    away = make_unit("ouest")[2]
    Building.objects.filter(pk=incident.building_id).update(residence=away)
    rows = shown(client)["page_obj"].object_list
    assert [row.pk for row in rows] == [claim.pk for claim in claims]
    assert not any(row.gathered for row in rows)
    assert [name for name, *_rest in shown(client)["groups"]][0] == "incident"


def test_filters_gather_too(client, claims, incident):
    rows = shown(client, urgency="U3")["page_obj"].object_list
    assert [bool(row.gathered) for row in rows] == [True, False, False]
    assert shown(client, urgency="U1")["page_obj"].object_list == []


def test_a_tick_of_the_row_acts_on_each_claim_and_on_none_that_changed(client, claims, incident):
    pick = shown(client)["page_obj"].object_list[0].gathered.pick
    bulk = reverse("agency:bulk")
    done = client.post(bulk, {"what": "take_charge", "pick": [pick]})
    assert len(done.context["results"]) == 3
    assert {
        c.state
        for c in Claim.objects.system("test").filter(pk__in=incident.members.values("claim"))
    } == {State.IN_REVIEW}
    # The same tick again: what it showed stands no more.
    again = client.post(bulk, {"what": "ask", "go": "1", "text": "Une photo ?", "pick": [pick]})
    assert again.context["picked"] == {claim.pk for claim in claims[:3]}
    assert not Message.unscoped.exists()


def test_the_next_claim_is_none_of_an_incident(client, claims, incident):
    page = client.get(url("claim", claims[3])).content.decode()
    assert f'name="next" value="{claims[4].pk}"' in page


def test_a_danger_and_what_is_done_stand_apart(client, claims, incident):
    rows = Claim.objects.system("test")
    rows.filter(pk=claims[0].pk).update(urgency="U0")
    page = shown(client)
    first, second = page["page_obj"].object_list[:2]
    assert (first.pk, first.in_danger, first.gathered) == (claims[0].pk, True, None)
    assert second.gathered.keys == (claims[1].pk, claims[2].pk)
    incident.closed_at = now() + timedelta(minutes=1)
    incident.save()
    assert len(shown(client)["page_obj"].object_list) == 5


def test_an_incident_of_another_unit_gathers_nothing_and_is_not_there(client, claims, place):
    far = make_unit("sud")
    theirs = gather(claims[:2], far[2], Membership.objects.get(unit=place[0]))
    assert len(shown(client)["page_obj"].object_list) == 5
    assert client.get(reverse("agency:incident", args=[theirs.pk])).status_code == 404
