"""Twelve households report the lift: one incident, one message and one closing for each."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from agencies.models import Building, Dwelling, Equipment
from portal.actor import Actor
from portal.clock import now
from requests.catalogue.models import Category, Family
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.incidents import actions as incidents
from requests.incidents import views
from requests.incidents.models import Incident, IncidentClaim
from requests.routing.actions import route_claim
from tests import factories

pytestmark = pytest.mark.long


@pytest.fixture
def lift(landlord):
    staircase = landlord["dwelling"].staircase
    family = Family.objects.create(code="ASC", label_fr="Ascenseur", label_en="Lift", tile="lift")
    made = factories.category("ASC-01", "U3", "contractor_direct")
    Category.objects.filter(pk=made.pk).update(family=family, asset="building", collective=True)
    return Equipment.objects.create(
        building=staircase.building, staircase=staircase, kind="lift", label="Ascenseur 1"
    )


@pytest.fixture
def report(landlord, lift):
    staircase = landlord["dwelling"].staircase

    def make(number):
        home = Dwelling.objects.create(staircase=staircase, natural_key=f"n{number}", door="x")
        claim = file_claim(
            Filing(
                channel="web",
                key=f"lift{number}",
                category="ASC-01",
                dwelling=home.pk,
                contact_email=f"t{number}@example.test",
            ),
            actor=Actor.TENANT,
            now=now(),
        )
        route_claim(claim_id=claim.pk, now=now())
        return claim

    return make


@pytest.fixture
def twelve(report):
    return [report(n) for n in range(12)]


@pytest.fixture
def member(landlord):
    return factories.member(landlord["north"], "agent")


@pytest.fixture
def incident(twelve, member, lift):
    found = incidents.proposals(member, now())
    return incidents.open_incident(
        building=lift.building,
        family=Family.objects.get(code="ASC"),
        equipment=lift,
        title="Ascenseur arrêté",
        text="Le technicien vient.",
        claims=Claim.objects.visible_to(member).filter(pk__in=found[0].claims),
        actor=Actor.member(member),
        now=now(),
    )


def test_twelve_reports_are_one_proposal_for_their_agency(twelve, member, landlord, lift):
    found = incidents.proposals(member, now())
    assert [(len(c.claims), c.equipment) for c in found] == [(12, lift.pk)]
    south = factories.member(landlord["south"], "agent")
    assert incidents.proposals(south, now()) == []


def test_equipment_is_looked_up_once_for_all_reports(twelve, member, django_assert_max_num_queries):
    # Kinds, where reports stand together, these reports, and the equipment of their buildings.
    with django_assert_max_num_queries(4):
        assert len(incidents.proposals(member, now())) == 1


def test_every_household_is_told_once(incident, twelve, member):
    assert incident.members.count() == 12
    assert incidents.proposals(member, now()) == []
    sent = incidents.notify_all(
        incident=incident,
        text="Pièce commandée.",
        actor=Actor.member(member),
        now=now(),
        expected_end=now() + timedelta(days=2),
    )
    assert sent == 12
    for claim in twelve:
        texts = list(claim.messages.filter(direction="out").values_list("text", flat=True))
        assert texts == ["Le technicien vient.", "Pièce commandée."]
        assert claim.events.filter(name=Event.MESSAGE_OUT).count() == 2


def test_the_thirteenth_sees_it_before_filing(incident, report, landlord, lift):
    home = landlord["dwelling"]
    category = Category.objects.get(code="ASC-01")
    assert incidents.open_incident_for(home, category) == incident
    assert incidents.open_incident_for(home.staircase, category) == incident
    assert incidents.open_incident_for(home, landlord["leak"]) is None
    claim = report(13)
    assert incidents.open_incident_for(claim, category) == incident
    assert (
        incidents.add_claim(incident=incident, claim=claim, actor=Actor.TENANT, now=now())
        is not None
    )
    assert (
        incidents.add_claim(incident=incident, claim=claim, actor=Actor.TENANT, now=now()) is None
    )
    assert claim.messages.filter(direction="out").count() == 1


def test_closing_asks_every_household_for_itself(incident, twelve, member, client):
    Claim.objects.system("test").filter(pk=twelve[0].pk).update(state="withdrawn")
    assert incidents.close_incident(incident=incident, actor=Actor.member(member), now=now()) == 11
    states = [Claim.objects.system("test").get(pk=c.pk).state for c in twelve]
    assert states == ["withdrawn"] + ["done"] * 11
    client.post(reverse("follow_act", args=[twelve[1].token, "say_fixed"]))
    client.post(reverse("follow_act", args=[twelve[2].token, "say_not_fixed"]))
    states = [Claim.objects.system("test").get(pk=c.pk).state for c in twelve[1:4]]
    assert states == ["closed", "in_review", "done"]
    category = Category.objects.get(code="ASC-01")
    assert incidents.open_incident_for(twelve[0].dwelling, category) is None


def test_the_database_keeps_one_open_incident_per_place(incident, member):
    again = dict(
        building=incident.building,
        family=incident.family,
        equipment=incident.equipment,
        title="x",
        text="x",
        opened_at=now(),
        opened_by=member.user,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(**again)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentClaim.objects.create(
            incident=incident, claim=incident.members.first().claim, at=now()
        )
    Incident.objects.filter(pk=incident.pk).update(closed_at=now())
    Incident.objects.create(**again)


def test_the_pages(client, twelve, member, landlord, lift):
    client.force_login(member.user)
    page = client.get(reverse("incidents"))
    key = page.context["proposals"][0]["key"]
    new = reverse("incident_new", args=[key])
    assert client.get(new).status_code == 200
    assert client.post(new, {"title": "Ascenseur"}).status_code == 422
    answer = client.post(new, {"title": "Ascenseur", "text": "On arrive."})
    incident = Incident.objects.get()
    assert answer.url == reverse("incident", args=[incident.pk])
    assert client.get(answer.url).status_code == 200
    form = {"text": "Demain.", "version": incident.version}
    assert client.post(answer.url, form).status_code == 302
    stale = client.post(answer.url, {**form, "text": "Autre"})
    assert stale.status_code == 409
    assert "Autre" in stale.content.decode()
    poster = client.get(reverse("incident_poster", args=[incident.pk]))
    assert poster.content.startswith(b"%PDF")
    close = reverse("incident_close", args=[incident.pk])
    assert client.get(close).status_code == 405
    client.post(close, {"version": 1})
    incident.refresh_from_db()
    assert incident.closed_at is None
    client.post(close, {"version": incident.version})
    incident.refresh_from_db()
    assert incident.closed_at is not None
    assert client.get(answer.url).status_code == 200
    client.logout()
    public = client.get(reverse("incident_public", args=[incident.pk]))
    assert public.status_code == 200
    assert "t1@example.test" not in public.content.decode()


def test_another_agency_sees_no_incident(client, incident, landlord):
    client.force_login(factories.member(landlord["south"], "agent").user)
    for name in ("incident", "incident_poster"):
        assert client.get(reverse(name, args=[incident.pk])).status_code == 404
    assert client.post(reverse("incident_close", args=[incident.pk])).status_code == 404
    page = client.get(reverse("incidents"))
    assert not page.context["page_obj"]


def test_the_thirteenth_says_me_too_on_the_way_to_filing(client, incident, landlord, lift):
    """Show the incident before filing, and put the claim filed by "me too" under it."""
    neighbour = factories.tenant(landlord["dwelling"], email="zoe@example.test")
    client.force_login(neighbour.user)
    home = str(landlord["dwelling"].pk)
    # ASC-01 is a danger to life: its page comes first and the draft starts after it.
    session = client.session
    session["draft"] = {"key": "thirteen", "category": "ASC-01", "home": home, "done": ["where"]}
    session.save()
    already = reverse("file_already")
    page = client.get(already).content.decode()
    assert incident.text in page
    assert "t1@example.test" not in page
    assert client.post(already, {"same": "incident:x"}).status_code == 422
    assert client.post(already, {"same": f"incident:{incident.pk}"}).status_code == 302
    draft = client.session["draft"]
    session = client.session
    session["draft"] = {**draft, "done": ["where", "already", "words", "reach"], "name": "Zoé"}
    session.save()
    assert client.post(reverse("file_check")).status_code == 302
    claim = Claim.objects.system("test").get(key="thirteen")
    assert claim.in_incident.incident == incident
    assert incident.members.count() == 13
    assert [m.text for m in claim.messages.filter(direction="out")] == [incident.text]


def test_me_too_on_the_public_page_begins_filing(client, incident):
    url = reverse("incident_public", args=[incident.pk])
    client.get(url)
    assert "draft" not in client.session
    assert client.post(url).url == reverse("file_where")
    assert client.session["draft"]["category"] == "ASC-01"
    assert "rue du Lin" in client.session["draft"]["address"]


def test_ticked_rows_are_grouped_after_a_look(client, twelve, member, landlord, lift):
    client.force_login(member.user)
    pick = [f"{claim.pk}:1" for claim in twelve[:3]]
    assert client.get(reverse("incident_pick")).status_code == 405
    answer = client.post(reverse("incident_pick"), {"pick": pick})
    page = client.get(answer.url)
    assert len(page.context["claims"]) == 3
    assert not Incident.objects.exists()
    form = {"title": "Ascenseur", "text": "On arrive."}
    alone = client.post(answer.url, {**form, "claim": [str(twelve[0].pk)]})
    assert alone.url == reverse("agency:inbox")
    chosen = [str(claim.pk) for claim in twelve[:2]]
    assert client.post(answer.url, {**form, "text": "", "claim": chosen}).status_code == 422
    made = client.post(answer.url, {**form, "claim": chosen})
    incident = Incident.objects.get()
    assert made.url == reverse("incident", args=[incident.pk])
    assert incident.equipment == lift
    assert incident.members.count() == 2


def test_one_request_is_grouped_with_those_like_it(client, report, member, landlord):
    client.force_login(member.user)
    first = report(1)
    assert incidents.similar_claims(first, member) == []
    second = report(2)
    assert incidents.similar_claims(first, member) == [first, second]
    near = f"{reverse('incident_group')}?near={first.pk}"
    assert near in client.get(reverse("agency:claim", args=[first.pk])).content.decode()
    assert len(client.get(near).context["claims"]) == 2
    south = factories.member(landlord["south"], "agent")
    client.force_login(south.user)
    assert client.get(near).url == reverse("agency:inbox")


def test_different_faults_are_no_incident(client, twelve, member, landlord):
    leak = file_claim(
        Filing(channel="web", key="leak", category="PLO-03", dwelling=landlord["dwelling"].pk),
        actor=Actor.TENANT,
        now=now(),
    )
    client.force_login(member.user)
    url = f"{reverse('incident_group')}?pick={leak.pk}&pick={twelve[0].pk}"
    assert client.get(url).url == reverse("agency:inbox")


def test_the_open_incidents_stand_on_pages(client, landlord, member, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 2)
    family = Family.objects.create(code="CHA", label_fr="Chauffage", label_en="Heating")
    residence = landlord["dwelling"].staircase.building.residence
    for number in range(3):
        Incident.objects.create(
            family=family,
            building=Building.objects.create(residence=residence, code=f"P{number}"),
            title=f"Panne {number}",
            text="x",
            opened_at=now() - timedelta(hours=number),
            opened_by=member.user,
        )
    client.force_login(member.user)
    first = client.get(reverse("incidents")).content.decode()
    second = client.get(reverse("incidents"), {"page": "2"}).content.decode()
    assert ["Panne 0" in first, "Panne 1" in first, "Panne 2" in first] == [True, True, False]
    assert ["Panne 0" in second, "Panne 1" in second, "Panne 2" in second] == [False, False, True]


def test_what_stands_alone_at_its_place_is_not_looked_up(
    report, member, django_assert_max_num_queries
):
    report(1)
    report(2)
    with django_assert_max_num_queries(2):
        assert incidents.proposals(member, now()) == []
    report(3)
    assert len(incidents.proposals(member, now())) == 1
