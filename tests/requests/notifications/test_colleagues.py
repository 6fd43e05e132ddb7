"""Mails to colleagues: what was given to them, what is new on what they follow, as they chose."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.claims.transitions import undo
from requests.conversation import actions as conversation
from requests.jobs.models import Job
from requests.notifications.models import Delivery
from requests.routing.actions import route_claim
from requests.tasks import HANDLERS
from requests.teamwork import charges, mail_choices, watches
from requests.teamwork.mail_choices import How, next_mail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(landlord):
    """Sonia and Marc of the north, and a claim of their desk."""
    roles = {"sonia": "agent", "marc": "agency_manager"}
    found = {name: factories.member(landlord["north"], role) for name, role in roles.items()}
    claim = factories.leak(landlord, now(), words="Ça coule sous l’évier.")
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    Job.objects.all().update(done_at=now())
    return found | {"claim": claim}


def mails() -> list[str]:
    """Do the jobs of events and of mails that wait, and return the texts of all mails so far."""
    for kind in (Job.Kind.NOTIFY, Job.Kind.COLLEAGUE):
        for job in Job.objects.filter(kind=kind, done_at__isnull=True).order_by("pk"):
            HANDLERS[kind](key=job.key, now=now(), **job.payload)
            Job.objects.filter(pk=job.pk).update(done_at=now())
    rows = Delivery.unscoped.filter(kind="colleague").order_by("created_at", "pk")
    return list(rows.values_list("text", flat=True))


def give(team, **kwargs):
    actor = Actor.member(team["sonia"])
    return charges.give(claim=team["claim"], to=team["marc"], actor=actor, now=now(), **kwargs)


def test_who_is_given_a_claim_is_told_once_by_name_and_without_words(team):
    mail_choices.choose(membership=team["marc"], how=How.AT_ONCE)
    give(team)
    (text,) = mails()
    assert "Sonia" in text
    assert team["claim"].spoken_reference in text
    assert team["claim"].words not in text
    assert Delivery.unscoped.get(kind="colleague").recipient == team["marc"].user.email
    assert mails() == [text]


def test_never_is_never_and_ones_own_act_is_no_news(team):
    mail_choices.choose(membership=team["marc"], how=How.NEVER)
    mail_choices.choose(membership=team["sonia"], how=How.AT_ONCE)
    watches.follow(claim=team["claim"], membership=team["sonia"], now=now() - timedelta(hours=1))
    give(team)
    charges.give(
        claim=team["claim"], to=team["sonia"], actor=Actor.member(team["sonia"]), now=now()
    )
    assert mails() == []


def test_a_followed_claim_is_told_with_what_was_done(team):
    watches.follow(claim=team["claim"], membership=team["marc"], now=now() - timedelta(hours=1))
    words = "C’est pire depuis hier."
    conversation.from_tenant(claim=team["claim"], text=words, actor=Actor.TENANT, now=now())
    (text,) = mails()
    assert words not in text
    assert team["claim"].spoken_reference in text
    assert "écrit" in text
    assert mails() == [text]


def test_of_a_confidential_claim_the_reference_alone_is_said(team):
    Claim.objects.system("test").filter(pk=team["claim"].pk).update(confidential=True)
    mail_choices.choose(membership=team["marc"], how=How.AT_ONCE)
    watches.follow(claim=team["claim"], membership=team["marc"], now=now() - timedelta(hours=1))
    give(team)
    (text,) = mails()
    assert team["claim"].spoken_reference in text
    assert str(team["claim"].category) not in text
    assert "écrit" not in text


def test_an_undone_gift_is_no_news(team):
    event = give(team)
    undo(event=event, actor=Actor.member(team["sonia"]), now=now())
    assert mails() == []


def test_what_was_seen_meanwhile_is_not_mailed(team):
    give(team)
    charges.mark_seen(membership=team["marc"], now=now())
    assert mails() == []


@pytest.mark.parametrize(
    ("how", "at", "due"),
    [
        (How.AT_ONCE, "2026-12-02 10:02", "2026-12-02 10:05"),
        (How.DAILY, "2026-12-02 07:30", "2026-12-02 08:00"),
        (How.DAILY, "2026-12-02 08:00", "2026-12-03 08:00"),
        (How.DAILY, "2026-12-04 17:00", "2026-12-07 08:00"),
        (How.NEVER, "2026-12-02 10:02", None),
    ],
)
def test_when_the_next_mail_leaves(how, at, due):
    found = next_mail(how, timezone.make_aware(datetime.fromisoformat(at)))
    assert found == (due and timezone.make_aware(datetime.fromisoformat(due)))


def test_each_chooses_in_their_inbox(client, team):
    client.force_login(team["marc"].user)
    assert client.get("/agency/").context["mails"] == How.DAILY
    answer = client.post(reverse("agency:mails"), {"how": "at_once"})
    assert answer.status_code == 302
    assert client.get("/agency/").context["mails"] == How.AT_ONCE
    assert client.post(reverse("agency:mails"), {"how": "x"}).status_code == 404
