"""A post on the public page is answered once, in private."""

import pytest
from django.db import IntegrityError, transaction

from portal.clock import now
from portal.dev import phonecatcher
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound.invitation_models import Invitation
from requests.jobs.models import Job
from requests.notifications import events as notifications
from requests.notifications.models import Delivery
from requests.notifications.text_models import MessageText
from tests.requests.inbound.public_page.helpers import AWA, PAGE, comment, post, the_intake

pytestmark = pytest.mark.long


def test_a_comment_is_answered_once_in_private_and_nowhere_else(read, provider, settings):
    assert post(comment(words="Ma voisine du 3e, Mme Roux, crie la nuit")).status_code == 200
    read()
    read()
    [(path, sent)] = provider.posts
    assert path == f"/v23.0/{PAGE}/messages"
    assert sent["recipient"] == {"comment_id": "5001_1"}
    assert sent["messaging_type"] == "RESPONSE"
    words = sent["message"]["text"]
    assert "merci" in words
    assert "rien de personnel en public" in words
    assert f"{settings.PALIER_URL}/file/" in words
    assert settings.PALIER_PHONE in words
    assert not any(said in words for said in ("Roux", "voisine", "Awa", "crie"))
    intake, answer = the_intake(), Invitation.unscoped.get()
    assert (intake.state, intake.sender_name) == ("answered", "Awa Traoré")
    assert (answer.state, answer.person) == ("sent", AWA)
    assert Delivery.unscoped.get().attempts == 1
    assert Delivery.unscoped.get().provider_id.startswith("m_")
    assert not Claim.objects.system("test").exists()


@pytest.mark.parametrize("item", ["post", "status", "photo", "video", "share"])
def test_a_visitors_post_is_answered_by_its_own_number(read, provider, item):
    value = comment(item=item, post_id=f"{PAGE}_77")
    del value["comment_id"]
    post(value)
    read()
    assert provider.posts[0][1]["recipient"] == {"post_id": f"{PAGE}_77"}


def test_the_house_that_speaks_english_answers_in_english(read, provider, settings):
    settings.LANGUAGE_CODE = "en"
    post(comment())
    read()
    assert "nothing personal in public" in provider.posts[0][1]["message"]["text"]


def test_the_landlords_own_words_are_sent(read, provider):
    MessageText.objects.create(
        event="public_post",
        channel="sms",
        language="fr",
        body="Écrivez ici : {{ link }}\n{{ who }}",
    )
    post(comment())
    read()
    assert provider.posts[0][1]["message"]["text"] == f"Écrivez ici : {notifications.filing_url()}"


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "edited"},
        {"verb": "edit"},
        {"verb": "remove"},
        {"verb": "hide"},
        {"item": "reaction", "reaction_type": "like"},
        {"item": "like"},
        {"item": {"odd": 1}},
        {"from": {"id": PAGE, "name": "Le bailleur"}},
        {"from": {}, "sender_id": int(PAGE)},
    ],
)
def test_edits_removals_reactions_and_our_own_words_are_nobodys_request(read, provider, change):
    assert post(comment() | change).status_code == 200
    read()
    assert not Intake.unscoped.exists()
    assert provider.posts == []


def test_an_edit_after_the_comment_invites_nobody_again(read, provider):
    post(comment(), comment(verb="edited", words="Le hall est très sale"))
    post(comment(verb="remove"))
    read()
    assert len(provider.posts) == 1
    assert the_intake().text == "Le hall est sale"


def test_who_wrote_five_times_today_is_invited_once_and_tomorrow_again(read, provider, clock):
    post(*(comment(str(n)) for n in range(5)))
    post(comment("other", who="7700000000000002"))
    read()
    assert len(provider.posts) == 2
    assert Intake.unscoped.filter(state="answered").count() == 2
    kept = Intake.unscoped.filter(state="discarded")
    assert kept.count() == 4
    assert all(row.error for row in kept)
    clock.forward(days=1)
    post(comment("6"))
    read()
    assert len(provider.posts) == 3


def test_the_cap_is_a_rule_of_the_database(read, clock):
    post(comment("1"), comment("2"))
    read()
    row = Invitation.unscoped.get()
    other = Intake.unscoped.exclude(pk=row.intake_id).get()
    row.pk, row.intake = None, other
    row._state.adding = True
    with pytest.raises(IntegrityError, match="one_invitation_a_day"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("code", [10, 100, 190, 200, 230, 368, 551, 10902, 10903, 99999])
def test_a_refusal_puts_the_post_into_the_tray_with_its_error(read, provider, code):
    provider.answers.append((400, code))
    post(comment())
    read()
    intake = the_intake()
    assert intake.state == "failed"
    assert str(code) in intake.error
    assert Invitation.unscoped.get().state == "failed"
    assert len(provider.posts) == 1


@pytest.mark.parametrize(("http", "code"), [(500, 2), (503, 0), (400, 613), (429, 4), (400, 1200)])
def test_a_passing_trouble_is_tried_again(read, provider, clock, http, code):
    provider.answers.append((http, code))
    post(comment())
    read()
    assert the_intake().state == "answered"
    assert Invitation.unscoped.get().state == "queued"
    clock.forward(minutes=2)
    read()
    assert Invitation.unscoped.get().state == "sent"
    assert len(provider.posts) == 2


def test_a_trouble_that_lasts_ends_in_the_tray(read, provider, clock, settings):
    settings.PALIER_PAGE_URL = "http://127.0.0.1:9/v23.0"
    post(comment())
    for _attempt in range(9):
        read()
        clock.forward(hours=25)
    assert the_intake().state == "failed"
    assert Invitation.unscoped.get().state == "failed"
    assert Delivery.unscoped.get().attempts == 8


def test_an_answer_that_arrived_before_we_died_is_not_sent_twice(read, provider):
    post(comment())
    read()
    # The worker dies between the provider's answer and ours: the row is as before the attempt.
    Invitation.unscoped.update(state="queued", sent_at=None)
    Delivery.unscoped.update(state="queued", sent_at=None)
    job = Job.objects.get(kind="deliver")
    Job.objects.filter(pk=job.pk).update(done_at=None, next_at=now())
    read()
    answer = Invitation.unscoped.get()
    assert answer.state == "sent"
    assert "10900" in answer.answer
    assert len(phonecatcher.messages(provider.folder)) == 1
