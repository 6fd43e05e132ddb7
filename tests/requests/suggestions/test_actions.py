"""Versions, safety of the stored weights, the off switch, history, and the screens."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.catalogue.models import Category, Family
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from requests.suggestions import actions as suggestions
from requests.suggestions.models import Suggestion, SuggestionModel
from tests.factories import category, member

LEAK = "ça goutte sous levier de la cuisine"


@pytest.fixture
def catalogue(landlord):
    for code, urgency in (("CHA-02", "U2"), ("ASC-02", "U2"), ("SER-01", "U1"), ("VOI-02", "A3")):
        family, _made = Family.objects.get_or_create(
            code=code[:3], defaults={"label_fr": code, "label_en": code, "tile": "other"}
        )
        category(code, urgency, "agency_technical", family=family, sensitive=code == "VOI-02")
    return landlord


@pytest.fixture
def keeper(catalogue):
    return member(catalogue["head"], "head_office")


@pytest.fixture
def version(catalogue) -> SuggestionModel:
    return suggestions.train(now=now())


def test_without_a_model_nothing_is_proposed(catalogue):
    assert suggestions.suggest(LEAK) == suggestions.Advice()


def test_cold_start_proposes_and_hears_danger(version):
    assert version.active
    assert version.history == 0
    advice = suggestions.suggest(LEAK)
    assert advice.proposals[0].category.code == "PLO-03"
    assert advice.proposals[0].confidence in {"probable", "possible"}
    assert (advice.urgency, advice.danger, advice.version) == ("U3", False, 1)
    alarm = suggestions.suggest("sa sen le gaz")
    assert alarm.danger
    assert alarm.urgency == "U0"
    assert "gaz" in alarm.heard


def test_a_category_no_longer_offered_is_not_proposed(version):
    Category.objects.filter(code="PLO-03").update(active=False)
    assert "PLO-03" not in {p.category.code for p in suggestions.suggest(LEAK).proposals}


def test_off_means_off_for_all(version, keeper):
    suggestions.switch(on=False, by=keeper.user, now=now())
    assert suggestions.suggest(LEAK) == suggestions.Advice()
    suggestions.switch(on=True, by=keeper.user, now=now())
    assert suggestions.suggest(LEAK).proposals


def test_foreign_weights_are_refused(version, keeper):
    forged = bytes(version.blob)[:-1] + b"x"
    SuggestionModel.objects.update(blob=forged, mac="0" * 64)
    assert suggestions.suggest(LEAK) == suggestions.Advice()
    with pytest.raises(suggestions.ForgedModel):
        suggestions.activate(version=1, by=keeper.user, now=now())


def test_weights_under_another_secret_are_refused(version, settings):
    settings.SECRET_KEY = "another-secret-of-another-installation-0123456789"
    with pytest.raises(suggestions.ForgedModel):
        suggestions.load(version)


def test_only_one_is_in_use_and_one_can_go_back(version, keeper):
    second = suggestions.train(now=now())
    assert (second.version, second.active) == (2, True)
    suggestions.activate(version=1, by=keeper.user, now=now())
    assert list(SuggestionModel.objects.filter(active=True).values_list("version", flat=True)) == [
        1
    ]
    assert suggestions.suggest(LEAK).version == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        SuggestionModel.objects.filter(version=2).update(active=True)


def test_a_worse_version_waits_for_a_person(version, monkeypatch):
    good = suggestions.train_model

    def worse(*args):
        model, figures = good(*args)
        return model, figures | {"top3": 0.1}

    monkeypatch.setattr(suggestions, "train_model", worse)
    assert not suggestions.train(now=now()).active
    assert SuggestionModel.objects.get(active=True).version == 1


def test_a_failed_training_is_written_down_and_the_old_one_stays(version, monkeypatch):
    monkeypatch.setattr(suggestions, "train_model", lambda *args: 1 / 0)
    failed = suggestions.train(now=now())
    assert "ZeroDivisionError" in failed.failure
    assert SuggestionModel.objects.get(active=True).version == 1


def test_one_training_a_week(catalogue):
    start = now()
    suggestions.order_training_when_old(now=start)
    suggestions.order_training_when_old(now=start + timedelta(minutes=1))
    assert SuggestionModel.objects.count() == 1
    suggestions.train_ordered(now=start)
    suggestions.order_training_when_old(now=start + timedelta(days=6))
    assert SuggestionModel.objects.count() == 1
    suggestions.order_training_when_old(now=start + timedelta(days=8))
    assert SuggestionModel.objects.filter(trained_at__isnull=True).count() == 1
    assert suggestions.train_ordered(now=start).version == 2
    assert suggestions.train_ordered(now=start) is None


def test_the_task_trains_the_first_version_by_itself(catalogue):
    tasks.learn()
    tasks.learn()
    assert list(SuggestionModel.objects.values_list("version", "active")) == [(1, True)]


def filed(landlord, words, code, key) -> Claim:
    return file_claim(
        Filing(
            channel="web", key=key, category=code, words=words, dwelling=landlord["dwelling"].pk
        ),
        actor=Actor.TENANT,
        now=now(),
    )


def test_corrected_history_teaches_the_landlords_own_words(version, catalogue):
    for n in range(8):
        claim = filed(catalogue, f"le zigouigoui du palier couine numéro {n}", "PLO-03", f"z{n}")
        # A person corrected the subject: what is learnt is what they made of it.
        Claim.objects.system("test").filter(pk=claim.pk).update(
            category=Category.objects.get(code="ASC-02")
        )
    filed(catalogue, "un voisin qui hurle la nuit sans arrêt", "VOI-02", "secret")
    for n, code in enumerate(("PLO-03", "CHA-02", "ASC-02", "SER-01")):
        filed(catalogue, "merci de passer très vite", code, f"noise{n}")
    second = suggestions.train(now=now())
    # The eight are one text once digits are gone; sensitive and meaningless ones stay away.
    assert second.history == 1
    suggestions.activate(version=2, by=None, now=now())
    assert suggestions.suggest("zigouigoui").proposals[0].category.code == "ASC-02"


def test_choices_are_measured_without_the_text(version):
    advice = suggestions.suggest(LEAK)
    for _twice in range(2):
        suggestions.record_choice(text=LEAK, advice=advice, chosen="PLO-03", now=now())
    kept = Suggestion.objects.get()
    assert kept.chosen == "PLO-03"
    assert kept.guesses[0][0] == "PLO-03"
    assert "levier" not in repr(vars(kept))
    suggestions.record_choice(text="x", advice=suggestions.Advice(), chosen="PLO-03", now=now())
    assert Suggestion.objects.count() == 1


def test_the_search_page_puts_suggestions_first_and_warns(client, version):
    page = client.get("/file/search/", {"q": "sa sen le gaz"})
    codes = [code for code, _label in page.context["form"].fields["category"].choices]
    assert codes[0] == "GAZ-01"
    assert b"0800473333" in page.content
    calm = client.get("/file/search/", {"q": LEAK})
    assert calm.context["form"].fields["category"].choices[0][0] == "PLO-03"
    assert b"danger-title" not in calm.content
    assert Suggestion.objects.count() == 0
    client.post(f"/file/search/?q={LEAK}", {"category": "PLO-03"})
    assert Suggestion.objects.get().chosen == "PLO-03"


def test_the_search_page_works_without_any_model(client, catalogue):
    assert client.get("/file/search/", {"q": "fuite"}).status_code == 200


def test_keepers_see_figures_switch_train_and_go_back(client, version, keeper):
    client.force_login(keeper.user)
    page = client.get("/agency/suggestions/")
    assert page.status_code == 200
    assert page.context["used"] == version
    client.post("/agency/suggestions/switch/off/")
    assert not suggestions.is_on()
    client.post("/agency/suggestions/train/")
    client.post("/agency/suggestions/train/")
    assert SuggestionModel.objects.filter(trained_at__isnull=True).count() == 1
    suggestions.train_ordered(now=now())
    client.post("/agency/suggestions/1/use/")
    assert SuggestionModel.objects.get(active=True).version == 1
    assert client.post("/agency/suggestions/99/use/").status_code == 404
    assert client.get("/agency/suggestions/train/").status_code == 405


def test_agency_staff_may_not(client, version, catalogue):
    client.force_login(member(catalogue["north"], "agency_manager").user)
    assert client.get("/agency/suggestions/").status_code == 403
    assert client.post("/agency/suggestions/switch/off/").status_code == 403
    assert suggestions.is_on()


# --- where people type ----------------------------------------------------------------------


def test_a_callers_words_bring_suggestions_and_a_person_chooses(client, version, catalogue):
    client.force_login(member(catalogue["head"], "call_taker").user)
    answer = client.post("/calls/suggested/", {"words": LEAK})
    assert 'data-value="PLO-03"' in answer.content.decode()
    assert "notice--danger" not in answer.content.decode()
    alarm = client.post("/calls/suggested/", {"words": "sa sen le gaz"})
    assert "notice--danger" in alarm.content.decode()
    assert client.get("/calls/suggested/").status_code == 405
    assert not Claim.objects.system("test").exists()
    assert not Suggestion.objects.exists()
    data = {
        "key": "11111111-1111-4111-8111-111111111111",
        "channel": "phone",
        "category": "CHA-02",
        "where": "other",
        "words": LEAK,
        "name": "Awa",
        "phone": "06 11 22 33 44",
    }
    assert client.post("/calls/file/", data).status_code == 302
    # What the person chose stands, and measures the suggestion.
    assert Claim.objects.system("test").get().category.code == "CHA-02"
    assert Suggestion.objects.get().chosen == "CHA-02"


def test_an_unsorted_message_shows_what_it_may_be_and_stays_until_a_person_says(
    client, version, catalogue, settings
):
    settings.PALIER_UNSORTED_CATEGORY = "SER-01"
    claim = filed(catalogue, LEAK, "SER-01", "mail")
    route_claim(claim_id=claim.pk, now=now())
    sorted_already = filed(catalogue, LEAK, "CHA-02", "sorted")
    route_claim(claim_id=sorted_already.pk, now=now())
    client.force_login(member(catalogue["north"], "agent").user)
    page = client.get(f"/agency/{claim.pk}/").content.decode()
    assert re.search(r'name="category"\s+value="PLO-03"', page)
    assert 'id="advice"' in page
    assert 'id="advice"' not in client.get(f"/agency/{sorted_already.pk}/").content.decode()
    claim.refresh_from_db()
    assert claim.category.code == "SER-01"
    answer = client.post(
        f"/agency/{claim.pk}/reclassify/",
        {"version": claim.version, "category": "PLO-03", "reason": "D'après les mots"},
    )
    assert answer.status_code == 302
    claim.refresh_from_db()
    assert claim.category.code == "PLO-03"
    assert Suggestion.objects.get().chosen == "PLO-03"
