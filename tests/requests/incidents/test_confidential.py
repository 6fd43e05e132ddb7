"""A confidential request stays out of what the incident it joined tells others, from the forms."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.clock import now
from requests import tasks
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.incidents.models import Incident
from requests.jobs import queue
from requests.promises.followers import followers, leading_date
from requests.routing.actions import route_claim
from tests import factories
from tests.requests.views.household import live, signed_in

pytestmark = pytest.mark.long

FAULT, OTHER = "ASC-02", "ASC-03"
SECRET = "CANARY-MY-EX-FOLLOWS-ME"
HOUR = timedelta(hours=1)


@pytest.fixture
def staff(landlord) -> Client:
    for code in (FAULT, OTHER):
        factories.category(
            code, "U2", "oncall", collective=True, asset="building", label_fr=f"Panne {code}"
        )
    client = Client()
    client.force_login(factories.member(landlord["north"], "agent").user)
    return client


@pytest.fixture
def author(landlord):
    """Awa, who lives with Ben."""
    person = factories.tenant(landlord["dwelling"], email="awa@example.test")
    live(person.occupancies.get().lease, "joint", "ben")
    return person


@pytest.fixture
def neighbour(landlord):
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    return factories.tenant(home, email="zoe@example.test", last_name="Petit")


def file(who, *, code: str = FAULT, same: str = "", confidential: bool = False, **reach) -> Claim:
    """File through the pages of the portal; ``same`` is the answer to "already reported?"."""
    client, home = signed_in(who), who.occupancies.get().lease.dwelling
    before = set(Claim.objects.system("test").values_list("pk", flat=True))
    client.post("/file/", {"tile": "water"})
    client.post("/file/fault/water/", {"category": code})
    client.post("/file/where/", {"home": str(home.pk)})
    client.post("/file/already/", {"same": same or "another"})
    client.post("/file/words/", {"words": f"{SECRET} {who}"})
    client.post("/file/reach/", {"name": str(who), "email": who.user.email, **reach})
    client.post("/file/check/", {"confidential": "yes"} if confidential else {})
    claim = Claim.objects.system("test").exclude(pk__in=before).get()
    route_claim(claim_id=claim.pk, now=now())
    return fresh(claim)


def fresh(claim: Claim) -> Claim:
    return Claim.objects.system("test").select_related("category").get(pk=claim.pk)


def group(staff: Client, *claims: Claim) -> Incident:
    """Group requests that staff ticked in their list."""
    answer = staff.post("/agency/incidents/pick/", {"pick": [f"{c.pk}:1" for c in claims]})
    form = {"title": "Ascenseur", "text": "On arrive.", "claim": [str(c.pk) for c in claims]}
    staff.post(answer.url, form)
    return Incident.objects.get()


def tell(staff: Client, incident: Incident, text: str) -> None:
    incident.refresh_from_db()
    form = {"text": text, "version": incident.version}
    staff.post(reverse("incident", args=[incident.pk]), form)


def make_confidential(who, claim: Claim, answer: str = "yes") -> None:
    signed_in(who).post(f"/my/{claim.pk}/confidential/", {"confidential": answer})


def told(claim: Claim) -> list[str]:
    return [m.text for m in claim.messages.filter(direction="out").order_by("at", "pk")]


def send_all() -> None:
    """Let the time pass in which staff may take it back, then send."""
    for _ in range(3):
        factories.pass_time(hours=1)
        queue.drain(tasks.HANDLERS, lambda: now() + HOUR)


@pytest.fixture
def joined(staff, author, neighbour):
    """Awa's report came first, Zoé's is under the same incident; then Awa makes hers private."""
    first, second = file(author), file(neighbour)
    incident = group(staff, first, second)
    make_confidential(author, first)
    return fresh(first), fresh(second), incident


def test_its_author_goes_on_being_told_alone(joined, staff, author, neighbour):
    first, second, incident = joined
    tell(staff, incident, "La pièce est commandée.")
    assert told(first) == told(second) == ["On arrive.", "La pièce est commandée."]
    mail.outbox = []
    send_all()
    mine = [m for m in mail.outbox if m.to == ["awa@example.test"]]
    assert any("La pièce est commandée." in m.body for m in mine), [m.to for m in mail.outbox]
    assert {m.to[0] for m in mail.outbox} == {"awa@example.test", "zoe@example.test"}
    hers = "".join(m.body + m.subject for m in mail.outbox if m.to == ["zoe@example.test"])
    assert str(author) not in hers
    assert first.reference not in hers
    ben = live_with(author, "ben")
    assert signed_in(ben).get(f"/my/{first.pk}/").status_code == 404
    assert first.reference not in signed_in(ben).get("/my/").content.decode()
    page = staff.get(reverse("incident", args=[incident.pk])).content.decode()
    assert "confidentiel" in page


def live_with(who, name: str):
    people = who.occupancies.get().lease.occupancies.select_related("tenant__user")
    return next(row.tenant for row in people if row.tenant.last_name == name.title())


def test_neighbours_see_nothing_of_it(joined, staff, author, neighbour, landlord):
    first, second, incident = joined
    stairs = landlord["dwelling"].staircase
    public = reverse("incident_public", args=[incident.pk])
    pages = [
        Client().get(public),
        Client().get(reverse("hall", args=[stairs.hall_code])),
        signed_in(neighbour).get("/my/"),
        signed_in(neighbour).get(f"/my/{second.pk}/"),
    ]
    for page in pages:
        assert page.status_code == 200
        body = page.content.decode()
        for word in (f"{SECRET} {author}", first.reference, str(first.pk), "Traoré"):
            assert word not in body, page.request["PATH_INFO"]


def test_me_too_at_the_poster_takes_no_category_of_it(staff, author, neighbour):
    """Whoever says "me too" would else read of which fault it was."""
    first, second = file(author), file(neighbour, code=OTHER)
    incident = group(staff, first, second)
    public = reverse("incident_public", args=[incident.pk])
    assert begun(public) == FAULT
    make_confidential(author, first)
    assert begun(public) == OTHER
    make_confidential(neighbour, second)
    assert begun(public) == "", "nobody is left who says it aloud"


def begun(public: str) -> str:
    client = Client()
    client.post(public)
    return client.session["draft"]["category"]


def test_its_dates_are_told_to_nobody_else(joined, author):
    first, second, _incident = joined
    assert leading_date(second, now()) is None
    assert not followers(first).exists()
    make_confidential(author, first, "no")
    first, second = fresh(first), fresh(second)
    assert leading_date(second, now()) == first.promise_at
    assert set(followers(first)) == {second}


def test_me_too_in_confidence_is_told_alone(staff, author, neighbour):
    """Filed as confidential: what we know reaches the author, never by a text message."""
    first, other = file(neighbour), None
    home = factories.dwelling(neighbour.occupancies.get().lease.dwelling.staircase, "14")
    other = file(factories.tenant(home, email="luc@example.test", last_name="Roux"))
    incident = group(staff, first, other)
    claim = file(
        author, same=f"incident:{incident.pk}", confidential=True, phone="06 39 98 00 01", email=""
    )
    assert claim.confidential
    assert claim.in_incident.incident == incident
    assert told(claim) == ["On arrive."]
    assert not claim.events.filter(name=Event.JOINED_INCIDENT).exists()
    assert leading_date(claim, now()) is None
