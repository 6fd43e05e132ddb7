"""Give a claim to a colleague, put it aside within its promise, follow it."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from agencies.models import Absence, Membership
from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.notifications.models import Delivery
from requests.teamwork import workload
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze, Watch
from tests import moments
from tests.requests.fixtures.desk import make_claim, make_unit, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]
INBOX = "/agency/"


def field(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def found(client, **query) -> list:
    return [c.pk for c in client.get(INBOX, query).context["page_obj"].object_list]


@pytest.fixture
def marc(client, place):
    """A colleague of the same unit, with a browser of their own."""
    users = get_user_model().objects
    user = users.create_user(email="marc@example.org", first_name="Marc", password="x" * 14)
    made = Membership.objects.create(
        user=user, unit=place[0], role="agent", starts=date(2020, 1, 1)
    )
    made.client = type(client)()
    made.client.force_login(user)
    return made


@pytest.fixture
def sonia(place, marc):
    member = Membership.objects.exclude(pk=marc.pk).get()
    member.user.first_name = "Sonia"
    member.user.save()
    return member


def aside(client, claim, at, **more):
    given = {"version": claim.version, "until": field(at), "why": "part", **more}
    return client.post(url("put_aside", claim), given)


def test_a_colleague_is_told_what_was_given_to_them_until_they_look(client, place, sonia, marc):
    claim = make_claim(place[1], place[2])
    given = client.post(url("give", claim), {"to": marc.pk, "version": 1})
    assert given.status_code == 302
    page = marc.client.get(INBOX)
    assert page.context["given"] == 1
    assert "Sonia" in page.content.decode()
    assert found(marc.client, view="mine") == [claim.pk]
    # Reading the list tells nobody anything; having the claim open for a while does.
    marc.client.get(url("claim", claim))
    assert marc.client.get(INBOX).context["given"] == 1
    marc.client.post(url("here", claim))
    assert marc.client.get(INBOX).context["given"] == 0
    assert found(marc.client, view="mine") == [claim.pk]


def test_of_much_that_was_given_the_newest_are_told(
    client, place, sonia, marc, monkeypatch, settings
):
    settings.PALIER_COMPILED = "never"
    monkeypatch.setattr("requests.inbox.filter_choices.MOST_GIVEN", 1)
    monkeypatch.setattr("requests.inbox.listing.MOST_GIVEN", 1)
    claims = [make_claim(place[1], place[2], number) for number in range(3)]
    for claim in claims:
        client.post(url("give", claim), {"to": marc.pk, "version": 1})
    page = marc.client.get(INBOX)
    assert (page.context["given"], page.context["given_more"]) == (1, True)
    rows = {row.pk: row.given_by for row in page.context["page_obj"].object_list}
    assert [rows[claim.pk] for claim in claims] == ["", "Sonia", "Sonia"]


def test_what_was_given_can_be_noted_at_once_and_taken_back(client, place, sonia, marc):
    claims = [make_claim(place[1], place[2], number) for number in range(2)]
    for claim in claims:
        client.post(url("give", claim), {"to": marc.pk, "version": 1})
    marc.client.post(reverse("agency:given_seen"))
    assert marc.client.get(INBOX).context["given"] == 0
    event = ClaimEvent.unscoped.filter(name=Event.ASSIGNED).last()
    client.post(reverse("agency:undo"), {"events": event.pk})
    assert Charge.objects.filter(ends_at=None).count() == 1


def test_giving_from_one_to_another_and_back_leaves_one_holder(client, place, sonia, marc):
    claim = make_claim(place[1], place[2])
    client.post(url("act", claim, "take_charge"), {"version": 1})
    client.post(url("give", claim), {"to": marc.pk, "version": 2})
    client.post(url("give", claim), {"to": sonia.pk, "version": 3})
    first, second = ClaimEvent.unscoped.filter(name=Event.ASSIGNED).order_by("pk")
    client.post(reverse("agency:undo"), {"events": first.pk})
    assert Charge.objects.get(ends_at=None).membership == sonia
    client.post(reverse("agency:undo"), {"events": second.pk})
    assert Charge.objects.filter(ends_at=None).count() <= 1


def test_a_claim_is_given_only_to_who_is_there_and_may_see_it(client, place, sonia, marc):
    claim = make_claim(place[1], place[2])
    far = Membership.objects.create(
        user=get_user_model().objects.create_user(email="z@example.org", password="x" * 14),
        unit=make_unit("sud")[0],
        role="agent",
        starts=date(2020, 1, 1),
    )
    today = timezone.localdate(now())
    Absence.objects.create(
        membership=marc, first_day=today, last_day=today, entered_by=sonia.user, entered_at=now()
    )
    for to in (far, marc):
        answer = client.post(url("give", claim), {"to": to.pk, "version": 1})
        assert answer.status_code == 422, to
    assert client.post(url("give", claim), {"to": sonia.pk, "version": 9}).status_code == 409
    assert not Charge.objects.exists()


def test_put_aside_it_leaves_the_work_and_comes_back_by_itself(client, place, sonia):
    claim = make_claim(place[1], place[2], 72)
    assert aside(client, claim, now() + timedelta(hours=20)).status_code == 302
    assert found(client) == []
    assert found(client, view="snoozed") == [claim.pk]
    assert workload.pull_next_claim(membership=sonia, now=now()) is None
    with moments.at(now() + timedelta(hours=21)):
        client.force_login(sonia.user)
        assert found(client) == [claim.pk]
        row = client.get(INBOX).context["page_obj"].object_list[0]
        assert (row.back, row.aside) == (True, None)
        assert workload.pull_next_claim(membership=sonia, now=now()) == claim


def test_put_aside_within_the_promise_only_unless_the_tenant_is_told(client, place):
    claim = make_claim(place[1], place[2], 30, contact_email="a@example.test")
    late = claim.promise_at + timedelta(days=2)
    refused = aside(client, claim, late)
    assert refused.status_code == 422
    assert not Snooze.objects.exists()
    form = refused.context["form"]
    # A date when somebody is there, and the words that say it, wait to be sent.
    new, words = form["promise_at"].value(), form["text"].value()
    assert new > field(late)
    assert words
    assert aside(client, claim, late, promise_at=field(late), text=words).status_code == 422
    assert aside(client, claim, late, promise_at=new, text="").status_code == 422
    assert aside(client, claim, late, promise_at=new, text=words).status_code == 302
    claim.refresh_from_db()
    assert field(claim.promise_at) == new
    assert Snooze.objects.get().until < claim.promise_at
    assert Message.unscoped.get().text == words
    inform, put = ClaimEvent.unscoped.order_by("pk")
    assert (inform.name, put.name) == (Event.INFORM, Event.SNOOZED)
    undo = client.get(url("claim", claim)).context["toasts"][0]["undo"]
    client.post(reverse("agency:undo"), {"events": undo})
    assert not Snooze.objects.exists()
    assert not Message.unscoped.exists()
    assert found(client) == [claim.pk]
    assert not Delivery.objects.system("test").exists()


@pytest.mark.parametrize("what", ["word", "step", "late", "by hand"])
def test_it_comes_back_when_something_happens(client, place, what):
    claim = make_claim(place[1], place[2], 30)
    aside(client, claim, now() + timedelta(hours=20))
    if what == "word":
        conversation.from_tenant(claim=claim, text="Alors ?", actor=Actor.TENANT, now=now())
    elif what == "step":
        client.post(url("act", claim, "take_charge"), {"version": 2})
    elif what == "late":
        Claim.objects.system("test").filter(pk=claim.pk).update(
            promise_at=now() - timedelta(minutes=1)
        )
    else:
        client.post(url("bring_back", claim))
    assert found(client) == [claim.pk]
    assert found(client, view="snoozed") == []


def test_a_danger_is_never_put_aside_nor_a_claim_that_is_over(client, place):
    for values in ({"urgency": "U0"}, {"danger": "odeur de gaz"}, {"state": "closed"}):
        claim = make_claim(place[1], place[2], 72, **values)
        assert client.get(url("claim", claim)).context["aside_form"] is None
        assert aside(client, claim, now() + timedelta(hours=2)).status_code == 409
    assert not Snooze.objects.exists()


@pytest.mark.parametrize("hours", [-1, 24 * 93])
def test_past_and_far_dates_are_refused_and_kept(client, place, hours):
    claim = make_claim(place[1], place[2], promise_at=None)
    at = now() + timedelta(hours=hours)
    answer = aside(client, claim, at)
    assert answer.status_code == 422
    assert field(at) in answer.content.decode()


def test_who_follows_a_claim_is_told_of_what_others_do(client, place, sonia, marc):
    claim = make_claim(place[1], place[2])
    client.post(url("follow", claim), {"on": "1"})
    client.post(url("act", claim, "take_charge"), {"version": 1})

    def news() -> int:
        chips = {chip["name"]: chip for chip in client.get(INBOX).context["chips"]}
        return chips["watched"]["count"]

    assert (news(), found(client, view="watched")) == (0, [claim.pk])
    marc.client.post(url("act", claim, "ask"), {"version": 2, "text": "Une photo ?"})
    assert news() == 1
    client.get(url("claim", claim))
    assert news() == 1
    client.post(url("here", claim))
    assert news() == 0
    client.post(url("follow", claim), {"on": "0"})
    assert not Watch.objects.exists()


def test_another_unit_reaches_none_of_it(client, place, marc):
    far = make_unit("sud")
    claim = make_claim(far[1], far[2])
    for name in ("give", "put_aside", "bring_back", "follow"):
        assert client.post(url(name, claim)).status_code == 404, name
