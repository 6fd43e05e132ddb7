"""Calls and the counter: who, what is open, and the promise said aloud is the one sent."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from portal.clock import now
from requests import tasks
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs import queue
from requests.jobs.models import Job
from requests.routing.decision_models import RoutingDecision
from tenants.models import ContactPoint, Lease, Occupancy, Tenant
from tests import factories, moments
from tests.requests.fixtures.desk import make_claim

pytestmark = pytest.mark.django_db
DESK = "/calls/"


@pytest.fixture
def house(client, landlord):
    nadia = factories.member(landlord["head"], "call_taker")
    client.force_login(nadia.user)
    people = Tenant.objects.system("test")
    awa = people.create(first_name="Awa", last_name="Traoré", external_ref="L000001")
    ContactPoint.unscoped.create(tenant=awa, kind="phone", value="+33612003456", preferred=True)
    lease = Lease.unscoped.create(
        dwelling=landlord["dwelling"], reference="B1", bill_code="X1", starts=date(2014, 1, 1)
    )
    Occupancy.unscoped.create(lease=lease, tenant=awa, capacity="holder", starts=lease.starts)
    ali = people.create(first_name="Ali", last_name="Traoré")
    return {**landlord, "awa": awa, "ali": ali, "nadia": nadia}


def new(house, **values) -> dict:
    return {
        "key": uuid.uuid4(),
        "who": house["awa"].pk,
        "channel": "phone",
        "category": "PLO-03",
        "where": "dwelling",
        "words": "Ça coule",
        "phone": "06 12 00 34 56",
        **values,
    }


@pytest.mark.parametrize("tel", ["06 12 00 34 56", "+33612003456", "0033 6 12 00 34 56"])
def test_the_exact_phone_is_known_and_opens_at_once(client, house, tel):
    context = client.get(DESK, {"tel": tel}).context
    assert [(c.tenant, c.grade) for c in context["callers"]] == [(house["awa"], "probably")]
    assert context["tenant"] == house["awa"]
    assert context["home"] == house["dwelling"]


def test_names_are_perhaps_and_references_are_known(client, house):
    names = client.get(DESK, {"q": "traore"}).context
    assert {(c.tenant.first_name, c.grade) for c in names["callers"]} == {
        ("Awa", "maybe"),
        ("Ali", "maybe"),
    }
    assert names["tenant"] is None
    assert client.get(DESK, {"q": "L000001"}).context["tenant"] == house["awa"]
    claim = make_claim(house["north"].desks.first(), None, tenant=house["awa"])
    spoken = client.get(DESK, {"q": claim.spoken_reference}).context
    assert spoken["tenant"] == house["awa"]
    slip = client.get(DESK, {"q": "awa traorre"}).context["callers"]
    assert slip[0].tenant == house["awa"]
    street = client.get(DESK, {"q": "1 rue du lin 12"}).context["callers"]
    assert [c.tenant for c in street] == [house["awa"]]


def test_an_agent_finds_the_people_of_their_own_stock_only(client, house):
    client.force_login(factories.member(house["south"], "agent").user)
    page = client.get(DESK, {"tel": "0612003456"})
    assert page.context["callers"] == []
    assert client.get(DESK, {"who": house["awa"].pk}).status_code == 404
    assert client.post(reverse("calls:file"), new(house)).status_code == 404


def test_open_claims_come_first_and_take_one_more_word(client, house):
    stair = house["dwelling"].staircase
    desk = house["north"].desks.first()
    where = {"staircase": stair, "building": stair.building}
    claim = make_claim(desk, stair.building.residence, tenant=house["awa"], state="waiting_tenant")
    house["leak"].collective = True
    house["leak"].save()
    lift = make_claim(desk, stair.building.residence, category=house["leak"], **where)
    context = client.get(DESK, {"tel": "0612003456"}).context
    assert [c.pk for c in context["mine"]] == [claim.pk]
    assert [c.pk for c in context["shared"]] == [lift.pk]
    add = {"who": house["awa"].pk, "text": "Toujours pas venu"}
    assert client.post(reverse("calls:add", args=[claim.pk]), add, follow=True).status_code == 200
    said = Message.unscoped.get(claim=claim)
    assert (said.direction, said.channel, said.author) == ("in", "phone", house["nadia"].user)
    claim.refresh_from_db()
    assert claim.state == "in_review"
    client.post(reverse("calls:add", args=[lift.pk]), {"who": house["awa"].pk})
    note = Message.unscoped.get(claim=lift)
    assert note.direction == "note"  # another tenant reads that thread
    assert ClaimEvent.unscoped.get(name=Event.ME_TOO).facts["caller"] == str(house["awa"].pk)
    assert client.post(reverse("calls:add", args=[lift.pk]), {}).status_code == 404


def test_the_sentence_writes_nothing_and_is_what_routing_promises(client, house):
    asked = {"category": "PLO-03", "where": "dwelling", "who": house["awa"].pk}
    before = (Job.objects.count(), RoutingDecision.objects.count(), ClaimEvent.unscoped.count())
    said = client.get(reverse("calls:sentence"), asked).context
    assert said["planned"].desk == house["north"].desks.get(kind="technical")
    after = (Job.objects.count(), RoutingDecision.objects.count(), ClaimEvent.unscoped.count())
    assert before == after
    answer = client.post(reverse("calls:file"), new(house))
    aloud = client.get(answer.url).context["promise_at"]
    queue.drain(tasks.HANDLERS, now)
    claim = Claim.objects.system("test").get()
    assert claim.promise_at == aloud == client.get(answer.url).context["promise_at"]
    assert claim.owner == said["planned"].desk


def test_danger_is_said_first(client, house):
    asked = {"category": "GAZ-01", "where": "dwelling", "who": house["awa"].pk}
    page = client.get(reverse("calls:sentence"), asked).content.decode()
    assert page.index("Coupez l&#x27;eau.") < page.index('class="say"')
    assert client.get(reverse("calls:sentence"), {"category": "x" * 99}).status_code == 200


def test_filing_twice_is_one_claim_and_the_caller_is_its_tenant(client, house):
    data = new(house)
    first, again = (client.post(reverse("calls:file"), data) for _n in range(2))
    assert first.url == again.url
    claim = Claim.objects.system("test").get()
    assert (claim.tenant, claim.dwelling) == (house["awa"], house["dwelling"])
    assert claim.channel == "phone"
    event = claim.events.get(name=Event.FILED)
    assert (event.actor, event.role) == (house["nadia"].user, "call_taker")
    assert claim.spoken_reference in client.get(first.url).content.decode()
    other = client.post(reverse("calls:file"), {**data, "words": "autre"})
    assert other.status_code == 422


def test_an_unknown_caller_needs_a_phone_only(client, house):
    page = client.get(DESK, {"tel": "0699999999"})
    assert page.context["unknown"]
    assert page.context["form"]["phone"].value() == "06 99 99 99 99"
    empty = new(house, who="", where="other", phone="", words="", unknown="1")
    assert client.post(reverse("calls:file"), empty).status_code == 422
    answer = client.post(reverse("calls:file"), {**empty, "phone": "0699999999"})
    assert answer.status_code == 302
    assert Claim.objects.system("test").get().contact_phone == "0699999999"


def test_errors_keep_what_was_typed(client, house):
    wrong = client.post(reverse("calls:file"), new(house, category="", where="other"))
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"category", "place_note"}
    assert "Ça coule" in wrong.content.decode()
    linted = client.post(reverse("calls:file"), new(house, words="Elle est malade"))
    assert linted.status_code == 422
    sure = new(house, words="Le joint est malade", sure="on")
    assert client.post(reverse("calls:file"), sure).status_code == 302


def test_faults_are_found_by_beginnings_without_accents(client, house):
    def found(q):
        return [c.code for c in client.get(reverse("calls:faults"), {"q": q}).context["faults"]]

    assert found("ca fu") == ["GAZ-01", "PLO-03"]
    assert found("FUI plom") == ["GAZ-01", "PLO-03"]
    assert found("zzz") == found("") == []


@pytest.mark.parametrize("role", ["caretaker", "tenant_representative", "dpo"])
def test_other_roles_stay_out(client, house, role):
    client.force_login(factories.member(house["north"], role).user)
    assert client.get(DESK).status_code == 403


def test_words_of_danger_under_a_calm_problem_are_asked_about_once(client, house):
    said = new(house, words="Ça sent le gaz dans la cuisine")
    answer = client.post(f"{DESK}file/", said, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "sounds like a danger" in answer.content.decode()
    assert 'type="checkbox" name="no_danger"' in answer.content.decode()
    # Nobody types anything again: the tick, or the right problem.
    assert client.post(f"{DESK}file/", {**said, "no_danger": "on"}).status_code == 302
    calm = Claim.objects.system("test").get()
    assert (calm.urgency, calm.danger) == ("U3", "")
    danger = new(house, words="Ça sent le gaz dans la cuisine", category="GAZ-01")
    assert client.post(f"{DESK}file/", danger).status_code == 302
    assert Claim.objects.system("test").get(category__code="GAZ-01").urgency == "U0"


def test_a_danger_told_about_an_open_request_leads_to_what_to_say_first(client, house):
    factories.category("ADM-14", "A1", "crc")
    claim = factories.leak(house, now(), tenant=str(house["awa"].pk))
    answer = client.post(
        f"{DESK}{claim.pk}/add/", {"who": house["awa"].pk, "text": "Et puis ça sent le gaz"}
    )
    made = Claim.objects.system("test").exclude(pk=claim.pk).get()
    assert answer.url == f"{DESK}{made.pk}/done/"
    assert (made.category.code, made.tenant, made.dwelling) == (
        "GAZ-01",
        house["awa"],
        house["dwelling"],
    )


def test_the_sentence_before_saving_is_the_one_after_whatever_the_person_needs(client, house):
    """A need makes it an emergency; at night it then goes to whoever is on call."""
    factories.category("ASC-01", "U2", "contractor_direct", ack_hours=4)
    house["awa"].needs.create(code="stairs", expires="2099-01-01")
    night = moments.MOMENT.replace(hour=20, minute=7)
    with moments.at(night):
        client.force_login(house["nadia"].user)
        asked = {"category": "ASC-01", "where": "dwelling", "who": house["awa"].pk}
        asked["channel"] = "phone"
        before = client.get(reverse("calls:sentence"), asked).context
        answer = client.post(reverse("calls:file"), new(house, category="ASC-01"))
        aloud = client.get(answer.url).context
        queue.drain(tasks.HANDLERS, now)
        after = client.get(answer.url).context
    claim = Claim.objects.system("test").get()
    assert claim.owner == before["desk"] == aloud["desk"] == after["desk"]
    assert claim.owner.kind == "on_call"
    assert claim.promise_at == aloud["promise_at"] == after["promise_at"]
    # Filed some seconds later, by the clock of the test.
    assert abs((claim.promise_at - before["promise_at"]).total_seconds()) < 60


def test_a_cancelled_visit_is_not_read_aloud(client, house):
    stair = house["dwelling"].staircase
    when = {"visit_at": now(), "promise_at": now()}
    claim = make_claim(house["north"].desks.first(), stair.building.residence, **when)
    page = client.get(reverse("calls:heard", args=[claim.pk])).content.decode()
    assert "Nous venons" not in page
    Claim.objects.system("test").filter(pk=claim.pk).update(state="planned")
    page = client.get(reverse("calls:heard", args=[claim.pk])).content.decode()
    assert "Nous venons" in page
