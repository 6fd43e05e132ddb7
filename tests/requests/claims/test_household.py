"""The household's wall: who reads and acts on whose claim, through the pages and the API.

Every relation is built around today's date, so that the walls are tested on any day.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils.timezone import localdate
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.attachments import inbound_files
from requests.claims import links
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, undo
from requests.complaints.models import Complaint
from requests.conversation.actions import write
from requests.inbox import triage
from requests.jobs import queue
from requests.kit.choices import Channel
from requests.notifications.models import MutedAddress
from tenants.homes import current_homes, holder_of
from tenants.models import Lease, Occupancy
from tests import factories
from tests.requests.api.conftest import Caller
from tests.requests.fixtures.sms_provider import NUMBER, TOKEN, hook, text
from tests.requests.views.household import (
    DAY,
    NEWS,
    RELATIONS,
    WORDS,
    filed,
    lease_of,
    live,
    look,
    seen_anywhere,
    signed_in,
)


@pytest.fixture
def home(landlord):
    return landlord["dwelling"]


@pytest.fixture
def people(landlord, home):
    """Everybody who ever had to do with the home, by relation to the author's claims."""
    today = localdate()
    author = factories.tenant(home, email="author@example.test")
    lease = author.occupancies.get().lease
    earlier = lease_of(home, "EARLIER", starts="2012-01-01")
    ended = lease_of(home, "ENDED", starts="2012-01-01", ends=today - 10 * DAY)
    later = lease_of(home, "LATER", starts=today - 5 * DAY)
    next_door = factories.dwelling(home.staircase, "13")
    return {
        "author": author,
        "joint": live(lease, "joint_tenant", "joint"),
        "occupant": live(lease, "occupant", "occupant"),
        "ex": live(lease, "joint_tenant", "ex", ends=today - 10 * DAY),
        "ended_lease": live(ended, "holder", "ended", starts="2012-01-01"),
        "never_closed": live(earlier, "holder", "former", starts="2012-01-01"),
        "next_household": live(later, "holder", "next", starts=today - 5 * DAY),
        "newcomer": live(lease, "joint_tenant", "newcomer", starts=today - DAY),
        "other": factories.tenant(next_door, email="other@example.test"),
    }


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


@pytest.fixture
def leak(people, home, agent, settings, tmp_path) -> Claim:
    """The author's leak, filed on the web a month ago; our news and a photo came today."""
    settings.MEDIA_ROOT = tmp_path
    claim = filed(people["author"], home)
    write(
        claim=claim,
        text=NEWS,
        direction=Message.Direction.OUT,
        channel=Channel.WEB,
        now=now(),
        actor=Actor.member(agent),
    )
    photo = BytesIO()
    Image.new("RGB", (8, 8)).save(photo, "JPEG")
    inbound_files.keep(
        inbound_files.clean("p.jpg", photo.getvalue()),
        claim=claim,
        message=None,
        channel=Channel.WEB,
        now=now(),
    )
    links.sweep(now())  # the former tenants of this home left since it was filed
    claim.refresh_from_db()
    return claim


@pytest.mark.parametrize("relation", RELATIONS)
def test_who_reads_a_leak(people, leak, relation):
    reads, _acts, author = RELATIONS[relation]
    person = people[relation]
    client, caller = signed_in(person), Caller(person.user)
    assert seen_anywhere(person, leak) is reads
    file = leak.attachments.get()
    bodies = {
        path: client.get(path)
        for path in (f"/my/{leak.pk}/", f"/my/{leak.pk}/files/{file.pk}/", f"/my/?q={WORDS}")
    }
    assert bodies[f"/my/{leak.pk}/files/{file.pk}/"].status_code == (200 if reads else 404)
    for path in ("print/", "qr/", "complain/"):
        answer = client.get(f"/my/{leak.pk}/{path}")
        assert answer.status_code == (200 if author else 404)
    shown = client.get(f"/my/{leak.pk}/").content.decode()
    api = caller.get(f"claims/{leak.pk}/").content.decode()
    listing = client.get("/my/").content.decode() + caller.get("claims/").content.decode()
    for canary in (WORDS, NEWS):
        assert (canary in shown, canary in api) == (reads, reads)
    assert (leak.spoken_reference in shown, leak.reference in api) == (reads, reads)
    assert (leak.spoken_reference in listing) is reads
    assert (leak.token in shown) is author


@pytest.mark.parametrize("relation", RELATIONS)
def test_who_acts_on_a_leak(people, leak, relation):
    _reads, acts, author = RELATIONS[relation]
    factories.category("ADM-17", "A3", "agency_clientele")
    person = people[relation]
    client, caller = signed_in(person), Caller(person.user)
    before = (leak.version, leak.state, leak.messages.count())

    def after():
        leak.refresh_from_db()
        return (leak.version, leak.state, leak.messages.count())

    news = client.post(f"/my/{leak.pk}/news/", {"news": "needed"})
    complaint = client.post(f"/my/{leak.pk}/complain/", {"words": "Trop long"})
    assert (news.status_code, complaint.status_code) == ((302, 302) if author else (404, 404))
    assert MutedAddress.unscoped.exists() is author
    assert Complaint.objects.exists() is author
    answers = [
        client.post(f"/my/{leak.pk}/write/", {"text": "Bonjour"}),
        caller.post(f"claims/{leak.pk}/comments/", {"text": "Bonjour"}),
        client.post(f"/my/{leak.pk}/do/withdraw/"),
    ]
    expected = [302, 201, 302] if acts else [404, 404, 404]
    assert [answer.status_code for answer in answers] == expected
    assert (after() == before) is not acts
    leak.refresh_from_db()
    assert (leak.state == "withdrawn") is acts


def test_the_occupant_is_offered_nothing_to_press(people, leak):
    Claim.objects.system("test").filter(pk=leak.pk).update(state="done")
    offers = ("/write/", "/do/", "/news/", "/complain/", "/print/", "/proof/", "/feedback/", "/s/")
    page = signed_in(people["occupant"]).get(f"/my/{leak.pk}/").content.decode()
    assert [part for part in offers if f"{leak.pk}{part}" in page or leak.token in page] == []
    assert signed_in(people["occupant"]).get("/my/").context["waiting"] == []
    joint = signed_in(people["joint"]).get(f"/my/{leak.pk}/").content.decode()
    assert f"/my/{leak.pk}/do/say_fixed/" in joint
    assert signed_in(people["joint"]).get("/my/").context["waiting"] == [leak]


@pytest.mark.weakness("former occupant")
def test_access_ends_the_day_after_the_last(people, leak):
    today = localdate()
    stay = people["joint"].occupancies
    stay.update(ends=today)
    assert seen_anywhere(people["joint"], leak)
    stay.update(ends=today - DAY)
    assert not seen_anywhere(people["joint"], leak)
    stay.update(ends=None)
    Lease.unscoped.filter(occupancies__tenant=people["joint"]).update(ends=today - DAY)
    assert not seen_anywhere(people["joint"], leak)
    # What they wrote themselves stays theirs.
    assert seen_anywhere(people["author"], leak)


def test_when_the_author_moves_out_nobody_follows_them(people, leak):
    people["author"].occupancies.update(ends=localdate() - DAY)
    assert seen_anywhere(people["author"], leak)
    assert not seen_anywhere(people["joint"], leak)


def test_a_new_lease_of_the_author_leaves_the_old_household_out(people, leak, home):
    """After a separation the author signs alone; the import leaves the joint lease open."""
    alone = lease_of(home, "ALONE", starts=localdate() - 3 * DAY)
    Occupancy.unscoped.create(
        lease=alone, tenant=people["author"], capacity="holder", starts=alone.starts
    )
    fresh = filed(people["author"], home, days=1, key="fresh")
    for claim in (leak, fresh):
        assert seen_anywhere(people["author"], claim)
        assert not seen_anywhere(people["joint"], claim)


# What is not a technical fault, or not sorted


NOT_TECHNICAL = (
    {"code": "ADM-14", "urgency": "A1", "handled_by": "crc"},
    {"code": "ADM-17", "urgency": "A3", "handled_by": "agency_clientele"},
    {"code": "SOC-01", "urgency": "A2", "handled_by": "hq_social"},
    {"code": "SOC-02", "urgency": "U2", "handled_by": "hq_social"},
    {"code": "LOY-10", "urgency": "U2", "handled_by": "hq_recouvrement"},
    {"code": "BAI-01", "urgency": "A2", "handled_by": "agency_clientele"},
    {"code": "VOI-06", "urgency": "U0", "handled_by": "crc", "sensitive": True},
    {"code": "ADA-01", "urgency": "A4", "handled_by": "agency_technical"},
    {"code": "COM-01", "urgency": "U3", "handled_by": "agency_technical", "asset": "common"},
)


@pytest.mark.weakness("confidence at home")
def test_everything_but_a_technical_fault_is_the_authors_alone(people, home):
    claims = []
    for fields in NOT_TECHNICAL:
        factories.category(**fields)
        claims.append(
            filed(people["author"], home, category=fields["code"], key=f"key-{fields['code']}")
        )
    every = {claim.pk for claim in claims}
    seen = {name: look(person, claims).seen for name, person in people.items()}
    assert seen == {name: every if name == "author" else set() for name in people}


def test_me_too_is_the_authors_alone(people, home, leak):
    claim = filed(people["author"], home, key="me-too")
    Claim.objects.system("test").filter(pk=claim.pk).update(follows=leak)
    assert not seen_anywhere(people["joint"], claim)


@pytest.fixture
def texts(settings, monkeypatch):
    """The text-message provider's web hook, and nothing that leaves."""
    settings.PALIER_SMS_TOKEN, settings.PALIER_SMS_ACCOUNT = TOKEN, "AC1"
    settings.PALIER_SMS_FROM = "+33700000000"
    monkeypatch.setattr("requests.channels.outbound.sms.send", lambda _message: 1 / 0)

    def arrive(body: str, sid: str) -> None:
        assert hook(text(body, sid)).status_code == 200
        queue.drain(tasks.HANDLERS, now)

    return arrive


SECRET = "Mon mari me frappe, je veux partir, aidez-moi sans lui dire"


@pytest.fixture
def cry(people, texts) -> Claim:
    """The author's text message, through the provider's web hook and the product's own filing."""
    factories.category("ADM-14", "A1", "crc", label_fr="Parler à quelqu'un")
    factories.contact(people["author"], NUMBER, verified=True)
    texts(SECRET, "SM-cry")
    return Claim.objects.system("test").get(channel="sms")


@pytest.mark.weakness("confidence at home")
def test_a_cry_for_help_by_text_is_read_by_nobody_at_home(people, cry, home):
    assert (cry.tenant, cry.dwelling, cry.words) == (people["author"], home, SECRET)
    for name, person in people.items():
        looked, client = look(person, [cry]), signed_in(person)
        assert bool(looked.seen) is (name == "author"), name
        read = looked.read + client.get("/my/?q=frappe").content.decode()
        for canary in ("me frappe", cry.reference, cry.spoken_reference, cry.token):
            assert (canary in read) is (name == "author"), (name, canary)
        moves = [
            client.post(f"/my/{cry.pk}/do/withdraw/"),
            client.post(f"/my/{cry.pk}/news/", {"news": "needed"}),
        ]
        if name != "author":
            assert [answer.status_code for answer in moves] == [404, 404]


@pytest.mark.parametrize("channel", ["email", "sms", "social", "open311"])
def test_a_fault_that_nobody_sorted_is_shared_once_a_person_did(people, home, agent, channel):
    claim = filed(people["author"], home, channel=channel)
    assert not seen_anywhere(people["joint"], claim)
    event = advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=now())
    assert seen_anywhere(people["joint"], claim)
    assert WORDS not in signed_in(people["joint"]).get(f"/my/{claim.pk}/").content.decode()
    undo(event=event, actor=Actor.member(agent), now=event.at)
    assert not seen_anywhere(people["joint"], claim)


def test_taking_it_in_charge_does_not_share_it(people, cry, agent):
    advance(claim=cry, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=now())
    assert not seen_anywhere(people["joint"], cry)


def test_sorted_as_a_leak_the_fault_is_shared_and_the_words_are_not(people, cry, agent, landlord):
    write(
        claim=cry,
        text=NEWS,
        direction=Message.Direction.OUT,
        channel=Channel.SMS,
        now=now(),
        actor=Actor.member(agent),
    )
    event = triage.reclassify(
        claim=cry,
        category=landlord["leak"],
        urgency="U3",
        reason="Fuite",
        actor=Actor.member(agent),
        now=now(),
    )
    # The newcomer lives here since yesterday: they read what was filed since.
    for name in ("joint", "occupant", "newcomer"):
        assert seen_anywhere(people[name], cry)
        client, caller = signed_in(people[name]), Caller(people[name].user)
        read = client.get(f"/my/{cry.pk}/").content + caller.get(f"claims/{cry.pk}/").content
        assert "me frappe" not in read.decode()
        assert NEWS not in read.decode()
        assert client.get("/my/?q=frappe").context["page_obj"].paginator.count == 0
    undo(event=event, actor=Actor.member(agent), now=event.at)
    assert not seen_anywhere(people["joint"], cry)


def test_a_text_on_a_shared_leak_stays_between_its_author_and_us(people, leak, texts, agent):
    """The provider's web hook puts it on the one open request of the number."""
    factories.contact(people["author"], NUMBER, verified=True)
    Claim.objects.system("test").filter(pk=leak.pk).update(channel="sms")
    texts(SECRET, "SM-leak")
    Claim.objects.system("test").filter(pk=leak.pk).update(channel="web")
    assert leak.messages.filter(text=SECRET).exists()
    answer = "Appelez le 3919, nous restons discrets"
    write(
        claim=leak,
        text=answer,
        direction=Message.Direction.OUT,
        channel=Channel.SMS,
        now=now() + timedelta(seconds=1),
        actor=Actor.member(agent),
    )
    for name, own in (("author", True), ("joint", False), ("occupant", False)):
        client, caller = signed_in(people[name]), Caller(people[name].user)
        for read in (client.get(f"/my/{leak.pk}/"), caller.get(f"claims/{leak.pk}/")):
            body = read.content.decode()
            assert NEWS in body
            assert ("me frappe" in body, "3919" in body) == (own, own)


def test_a_complaint_about_a_shared_claim_is_not_told_at_home(people, leak):
    factories.category("ADM-17", "A3", "agency_clientele")
    author = signed_in(people["author"])
    assert author.post(f"/my/{leak.pk}/complain/", {"words": "Trop long"}).status_code == 302
    made = Complaint.objects.get().claim
    assert made.spoken_reference in author.get(f"/my/{leak.pk}/").content.decode()
    page = signed_in(people["joint"]).get(f"/my/{leak.pk}/").content.decode()
    assert made.spoken_reference not in page
    assert (
        "complained" not in Caller(people["joint"].user).get(f"claims/{leak.pk}/").content.decode()
    )


# Where a person lives


def test_what_a_caretaker_notes_for_a_home_goes_to_its_newest_lease(people, home):
    assert holder_of(home, localdate()) == people["next_household"]


def test_an_ended_lease_opens_no_home(people):
    today = localdate()
    assert current_homes(people["ended_lease"].user, today) == []
    body = {"category": "PLO-03", "words": "x", "dwelling": 0}
    for name, status in (("ended_lease", 400), ("ex", 400), ("joint", 201)):
        body["dwelling"] = people["author"].occupancies.get().lease.dwelling_id
        assert Caller(people[name].user).post("claims/", body).status_code == status
