"""A wave from its plan to its results: who is asked, how, once, and that nobody is found again."""

from datetime import timedelta
from random import Random

import pytest
from django.core import mail
from django.urls import reverse

from agencies.models import Membership
from portal.clock import now
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import drain
from requests.notifications.models import Delivery
from requests.privacy import person, retention_kinds
from requests.surveys import actions, invitations, results
from requests.surveys.models import (
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyMark,
    SurveyRefusal,
)
from requests.tasks import HANDLERS
from tests import factories, moments

pytestmark = [pytest.mark.long, pytest.mark.django_db]
State = SurveyInvitation.State


@pytest.fixture
def people(landlord):
    """Return six persons: two of mail, one of text, one of a landline, two of nothing."""
    stairs = landlord["dwelling"].staircase
    made = [factories.tenant(landlord["dwelling"])]
    made += [
        factories.tenant(factories.dwelling(stairs, f"2{n}"), last_name=f"Nom{n}") for n in range(5)
    ]
    factories.contact(made[0], "awa@example.test")
    factories.contact(made[1], "omar@example.test")
    factories.contact(made[2], "+33612345678")
    factories.contact(made[3], "+33240000000", preferred=True)
    return made


@pytest.fixture
def head(landlord) -> Membership:
    return factories.member(landlord["head"], "head_office")


def begin(wave: Survey) -> Survey:
    """Let beat and workers run until the invitations left."""
    invitations.sweep(now())
    drain(HANDLERS, now)
    wave.refresh_from_db()
    return wave


def of(person) -> SurveyInvitation:
    return SurveyInvitation.unscoped.get(tenant=person)


def page_of(person) -> str:
    return reverse("survey_answer", args=[of(person).code])


def fill(wave: Survey, *values: int, words: str = "") -> dict:
    asked = wave.questions.all()
    marks = {f"q{one.pk}": str(mark) for one, mark in zip(asked, values, strict=False)}
    return {**marks, "words": words}


def test_head_office_plans_a_wave_and_the_last_questions_are_proposed(client, head):
    client.force_login(head.user)
    given = {
        "name": "Automne",
        "opens": "2026-12-01",
        "closes": "2027-01-10",
        "remind_after": "10",
        "share": "20",
        "asks_words": "on",
        "question_1_fr": "Dans l’ensemble ?",
        "question_1_en": "Overall?",
        "question_2_fr": "Le logement ?",
    }
    with moments.at(moments.MOMENT):
        refused = client.post(reverse("surveys:new"), given)
        assert refused.status_code == 422
        client.post(reverse("surveys:new"), given | {"question_2_en": "The home?"})
    made = Survey.objects.get()
    assert [str(one) for one in made.questions.all()] == ["Dans l’ensemble ?", "Le logement ?"]
    assert "Le logement" in client.get(reverse("surveys:new")).content.decode()


def test_each_person_is_asked_by_their_own_channel(people, head):
    wave = begin(factories.survey(now()))
    assert wave.frame["homes"] == {"nord": 6}
    assert [(of(p).channel, of(p).state) for p in people] == [
        ("email", State.SENT),
        ("email", State.SENT),
        ("sms", State.SENT),
        ("phone", State.TO_CALL),
        ("letter", State.TO_POST),
        ("letter", State.TO_POST),
    ]
    assert sorted(m.to[0] for m in mail.outbox if "@example" in m.to[0]) == [
        "awa@example.test",
        "omar@example.test",
    ]
    assert page_of(people[0]) in "".join(m.body for m in mail.outbox)
    # The code is in no row of messages: whoever reads those opens nothing.
    assert not Delivery.unscoped.filter(text__contains=of(people[0]).code).exists()


def test_nobody_is_asked_before_the_day_nor_twice_a_year_nor_after_a_refusal(people, head):
    later = factories.survey(now() + timedelta(days=3))
    assert invitations.sweep(now()) == 0
    later.delete()
    first = begin(factories.survey(now(), share=50))
    asked = set(SurveyInvitation.unscoped.values_list("tenant", flat=True))
    assert len(asked) == 3
    actions.close(survey=first, now=now())
    SurveyRefusal.unscoped.create(tenant=next(p for p in people if p.pk not in asked), at=now())
    second = factories.survey(now(), closes=first.closes + timedelta(days=3))
    assert invitations.draw(survey=second, now=now() + timedelta(days=200), rng=Random(1)) == 2
    again = set(second.invitations.values_list("tenant", flat=True))
    assert not again & asked
    third = factories.survey(now(), closes=first.closes + timedelta(days=9))
    with moments.at(now() + timedelta(days=600)):
        assert invitations.draw(survey=third, now=now()) == 5


def test_a_link_takes_one_answer_and_a_get_changes_nothing(client, people, head):
    wave = begin(factories.survey(now()))
    page = page_of(people[0])
    shown = client.get(page)
    assert shown.status_code == 200
    assert "Traoré" not in shown.content.decode()
    assert not SurveyAnswer.unscoped.exists()
    assert client.post(page, {"words": ""}).status_code == 422
    assert client.post(page, fill(wave, 8, 3)).status_code == 302
    client.post(page, fill(wave, 1, 1))
    assert list(SurveyMark.unscoped.order_by("question").values_list("value", flat=True)) == [8, 3]
    assert "réponses" in client.get(page).content.decode()
    assert client.get(reverse("survey_answer", args=["2222AAAABBBB"])).status_code == 404


def test_the_code_of_a_letter_leads_to_the_page(client, people, head):
    begin(factories.survey(now()))
    code = reverse("survey_code")
    assert client.post(code, {"code": "2222-AAAA-BBBB"}).status_code == 422
    answer = client.post(code, {"code": of(people[4]).shown_code.lower()})
    assert answer.url == page_of(people[4])


def test_a_refusal_is_remembered_and_may_be_taken_back(client, people, head):
    wave = begin(factories.survey(now()))
    client.post(f"{page_of(people[0])}refuse/")
    assert SurveyRefusal.unscoped.get().tenant == people[0]
    assert of(people[0]).state == State.REFUSED
    assert 'name="q' not in client.get(page_of(people[0])).content.decode()
    client.post(page_of(people[0]), fill(wave, 9))
    assert not SurveyRefusal.unscoped.exists()


def test_one_reminder_to_those_who_did_not_answer(client, people, head):
    wave = begin(factories.survey(now()))
    client.post(page_of(people[0]), fill(wave, 9))
    mail.outbox.clear()
    with moments.at(now() + timedelta(days=11)):
        begin(wave)
        begin(wave)
    assert [m.to[0] for m in mail.outbox if "@example" in m.to[0]] == ["omar@example.test"]
    assert of(people[1]).reminded_at


def test_words_of_danger_become_a_request_and_leave_the_answer(client, people, head, settings):
    factories.category(settings.PALIER_UNSORTED_CATEGORY, "A2", "agency_clientele")
    wave = begin(factories.survey(now()))
    client.post(page_of(people[0]), fill(wave, 2, words="Ça sent le gaz dans l’entrée"))
    claim = Claim.objects.system("test").get()
    assert (claim.tenant, claim.dwelling) == (people[0], of(people[0]).dwelling)
    assert claim.danger
    assert Job.objects.filter(kind="route", key=str(claim.pk)).exists()
    assert SurveyAnswer.unscoped.get().words == ""
    assert claim.spoken_reference in client.get(page_of(people[0])).content.decode()


def test_staff_write_down_what_their_tenants_say_and_others_cannot(client, people, landlord, head):
    wave = begin(factories.survey(now()))
    entry = reverse("surveys:enter", args=[of(people[3]).pk])
    client.force_login(factories.member(landlord["south"], "agent").user)
    assert client.get(entry).status_code == 404
    agent = factories.member(landlord["north"], "agent")
    client.force_login(agent.user)
    listed = client.get(reverse("surveys:to_ask", args=[wave.pk])).content.decode()
    assert "Nom2" in listed
    assert "Nom1" not in listed  # was sent a text
    assert client.post(entry, fill(wave, 4)).status_code == 422  # how did they answer?
    client.post(entry, fill(wave, 4) | {"channel": "phone"})
    assert SurveyAnswer.unscoped.get().channel == "phone"
    assert of(people[3]).entered_by == agent.user
    assert client.post(entry, fill(wave, 9) | {"channel": "phone"}).status_code == 409
    letter = of(people[4])
    found = client.post(reverse("surveys:code"), {"code": letter.shown_code})
    assert found.url == reverse("surveys:enter", args=[letter.pk])
    client.post(reverse("surveys:posted", args=[wave.pk]), {"letter": [str(letter.pk)]})
    assert of(people[4]).state == State.POSTED
    client.post(reverse("surveys:refuse", args=[letter.pk]))
    assert SurveyRefusal.unscoped.get().tenant == people[4]


def test_letters_carry_code_and_questions(client, people, landlord, head):
    wave = begin(factories.survey(now()))
    client.force_login(factories.member(landlord["north"], "agent").user)
    paper = client.get(reverse("surveys:letters", args=[wave.pk]))
    assert paper["Content-Type"] == "application/pdf"


def close(wave: Survey) -> Survey:
    with moments.at(now() + timedelta(days=31)):
        return begin(wave)


def test_when_it_closes_nothing_leads_from_an_answer_to_a_person(client, people, head):
    wave = begin(factories.survey(now()))
    for person_, mark in zip(people, (8, 9, 7, 6, 10), strict=False):
        client.post(page_of(person_), fill(wave, mark, words="merci"))
    wave = close(wave)
    assert wave.closed_at
    assert SurveyAnswer.unscoped.filter(invitation__isnull=True).count() == 5
    kept = SurveyInvitation.unscoped.values("state", "channel", "address", "reminded_at")
    assert [*kept.order_by().distinct()] == [
        {"state": "over", "channel": "", "address": "", "reminded_at": None}
    ]
    assert client.get(page_of(people[5])).status_code == 410
    assert client.post(page_of(people[5]), fill(wave, 1)).status_code == 410
    [first, second] = results.read(wave)
    assert (first.mean.value, first.mean.n, first.units[0].n) == (8, 5, 5)
    assert second.mean is None
    assert results.summed(wave.results["rates"])[0].share == 5 / 6
    # A second run changes nothing.
    before = wave.results
    actions.close(survey=wave, now=now())
    wave.refresh_from_db()
    assert wave.results == before


def test_results_are_read_by_all_and_only_after_the_end(client, people, landlord, head):
    wave = begin(factories.survey(now()))
    for person_ in people[:5]:
        client.post(page_of(person_), fill(wave, 8, words="Le hall est sale"))
    readers = [
        head,
        factories.member(landlord["north"], "agent"),
        factories.member(landlord["north"], "tenant_representative"),
    ]
    page, file = (reverse(f"surveys:{name}", args=[wave.pk]) for name in ("survey", "csv"))
    for reader in readers:
        client.force_login(reader.user)
        assert "8,0" not in client.get(page).content.decode()
        assert client.get(file).status_code == 404
    close(wave)
    for reader in readers:
        client.force_login(reader.user)
        assert "8,0" in client.get(page).content.decode()
        assert "Ensemble" in client.get(file).content.decode()
    client.force_login(head.user)
    said = reverse("surveys:words", args=[wave.pk])
    assert client.get(said).content.decode().count("Le hall est sale") == 5
    client.force_login(readers[1].user)
    assert client.get(said).status_code == 403


def test_a_stopped_wave_forgets_what_was_answered(client, people, head):
    wave = begin(factories.survey(now()))
    client.post(page_of(people[0]), fill(wave, 9))
    client.force_login(head.user)
    client.post(reverse("surveys:stop", args=[wave.pk]))
    assert not SurveyAnswer.unscoped.exists()
    client.logout()
    assert client.get(page_of(people[1])).status_code == 410


def test_who_is_erased_takes_the_answer_along_until_the_wave_closes(client, people, head):
    wave = begin(factories.survey(now()))
    client.post(page_of(people[0]), fill(wave, 9))
    people[0].occupancies.update(ends="2026-01-01")
    person.erase_person(tenant=people[0], by=head.user, why="asked", now=now())
    assert not SurveyAnswer.unscoped.exists()
    assert not SurveyInvitation.unscoped.filter(tenant=people[0]).exists()


def test_old_words_and_invitations_go(client, people, head):
    wave = begin(factories.survey(now()))
    client.post(page_of(people[0]), fill(wave, 9, words="Merci"))
    close(wave)
    at = now() + timedelta(days=800)
    for code in ("survey_words", "survey_invitations"):
        kind = retention_kinds.KINDS[code]
        kind.act(kind.due(at, at), at)
    assert SurveyAnswer.unscoped.get().words == ""
    assert not SurveyInvitation.unscoped.exists()
    assert SurveyMark.unscoped.count() == 1
