"""The words of messages: those of the event, from texts that exist in every language."""

from datetime import timedelta

import pytest

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.notifications import events as notifications
from requests.notifications import texts as texts_of
from requests.notifications.models import Delivery
from tests.factories import member


def test_quick_steps_travel_in_one_message_in_their_order(make_claim, landlord, work, clock, mails):
    claim = make_claim()
    work()
    sonia = member(landlord["north"], "agent")
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(sonia), now=clock())
    clock.forward(seconds=5)
    advance(
        claim=claim,
        transition=Event.PLAN,
        actor=Actor.member(sonia),
        now=clock(),
        visit_at=clock() + timedelta(days=2),
    )
    work()
    assert len(mails.sent) == 1  # the acknowledgement alone
    clock.forward(seconds=60)
    work()
    assert len(mails.sent) == 2
    text = mails.sent[1].text
    assert text.index("Sonia") < text.index("visite est prévue jeudi 26 novembre")
    assert Delivery.unscoped.filter(state="sent").count() == 3
    assert Delivery.unscoped.get(carried_by__isnull=False).state == "sent"


def test_the_words_are_those_of_the_event_not_of_today(make_claim, landlord, work, clock, mails):
    claim = make_claim()
    work()
    sonia = member(landlord["north"], "agent")
    for day in (2, 3):
        advance(
            claim=claim,
            transition=Event.PLAN,
            actor=Actor.member(sonia),
            now=clock(),
            visit_at=clock() + timedelta(days=day),
        )
    clock.forward(minutes=2)
    work()
    assert "jeudi 26" in mails.sent[1].text
    assert mails.sent[1].text.index("jeudi 26") < mails.sent[1].text.index("vendredi 27")


@pytest.mark.parametrize("event", sorted(notifications.TOLD))
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_every_text_exists_and_names_only_what_is_known(event, language, channel):
    source = notifications.source_text(event, channel, language)
    assert set(texts_of.NAME.findall(source)) <= notifications.NAMES
    assert "{{" not in texts_of.fill(source, dict.fromkeys(notifications.NAMES, "x"))


def test_a_line_without_its_value_is_left_out():
    source = "Bonjour {{ who }}\nAvant {{ promise }}.\nFin"
    assert texts_of.fill(source, {"who": "Awa", "promise": ""}) == "Bonjour Awa\nFin"
    with pytest.raises(KeyError):
        texts_of.fill("{{ nope }}", {})
    values = dict.fromkeys(notifications.NAMES, "") | {"text": "{{ mark }}"}
    assert texts_of.fill("{{ text }}", values) == "{{ mark }}"
