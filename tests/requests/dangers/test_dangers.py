"""What may be a danger is a claim at once: category, urgency, number sent back, people rung."""

import pytest
from django.core.exceptions import ValidationError

from agencies.models import Landlord, OnCallRung
from portal.actor import Actor
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation import actions as conversation
from requests.inbound.replies import Reply, apply_reply
from requests.inbox.triage import reclassify
from requests.notifications.models import Delivery
from tests import factories
from tests.requests.dangers.conftest import FIRST, SECOND

pytestmark = pytest.mark.django_db
SENDER = "+33639981234"


def claims():
    return Claim.objects.system("test")


def rung(texts) -> list[str]:
    return [sent.to for sent in texts.sent if sent.text.startswith("DANGER")]


def arrive(clock, text, channel="sms", sender=SENDER, **more) -> Intake:
    intake = Intake.unscoped.create(
        channel=channel, external_id=text + sender, raw=b"x", received_at=clock()
    )
    return apply_reply(
        intake_id=intake.pk, reply=Reply(sender=sender, text=text, **more), now=clock()
    )


def test_a_text_that_smells_of_gas_is_answered_and_rings_in_one_step(house, clock, work, texts):
    arrive(clock, "bonjour sa sen le gaz ds lescalier")
    work()
    claim = claims().get()
    assert (claim.category.code, claim.urgency, claim.sorted_at) == ("GAZ-01", "U0", None)
    assert "gaz" in claim.danger
    assert claim.owner.kind == "on_call"  # nobody knows where it is
    said = {sent.to: sent.text for sent in texts.sent}
    assert "0 800 47 33 33" in said[SENDER]
    assert said[SENDER].index("0 800") < said[SENDER].index(claim.reference)
    assert claim.reference in said[FIRST]
    assert f"/agency/{claim.pk}/" in said[FIRST]
    assert rung(texts) == [FIRST]


def test_the_ladder_is_gone_up_until_somebody_takes_it_in_hand(house, clock, work, texts):
    arrive(clock, "Odeur de gaz !")
    work()
    clock.forward(minutes=4)
    work()
    assert rung(texts) == [FIRST]
    clock.forward(minutes=2)
    work()
    assert rung(texts) == [FIRST, SECOND]
    advance(
        claim=claims().get(),
        transition="take_charge",
        actor=Actor.member(factories.member(house["head"], "on_call")),
        now=clock(),
    )
    clock.forward(minutes=60)
    work()
    assert rung(texts) == [FIRST, SECOND]


def test_when_nobody_answers_it_is_rung_again_and_then_said(house, clock, work, texts):
    arrive(clock, "Odeur de gaz !")
    for _step in range(8):
        work()
        clock.forward(minutes=11)
    assert rung(texts) == [FIRST, SECOND] * 2
    notes = claims().get().messages.filter(direction="note")
    assert [("Nuit" in n.text and "Cadre" in n.text) for n in notes].count(True) == 1


def test_a_ring_that_does_not_leave_rings_the_next_at_once(house, clock, work, texts, monkeypatch):
    from requests.channels.outbound.receipt import Receipt

    def send(message):
        texts.sent.append(message)
        bad = message.to == FIRST
        return Receipt(not bad, answer="no such number", permanent=bad)

    monkeypatch.setattr("requests.channels.outbound.sms.send", send)
    arrive(clock, "Odeur de gaz !")
    work()
    assert rung(texts) == [FIRST, SECOND]


def test_a_unit_rings_its_own_ladder_by_its_hours(house, clock, work, texts, make_claim):
    own = {"unit": house["north"], "minutes": 5}
    OnCallRung.objects.create(position=1, name="Bureau", phone="0639980011", hours="open", **own)
    OnCallRung.objects.create(position=2, name="Nuit", phone="0639980012", hours="closed", **own)
    make_claim(category="GAZ-01")
    work()
    assert rung(texts) == ["+33639980011"]
    clock.forward(hours=12)
    make_claim(category="GAZ-01")
    work()
    assert set(rung(texts)[1:]) == {"+33639980012"}


def test_without_any_ladder_the_on_call_phone_is_rung_or_it_is_said(
    house, clock, work, texts, make_claim
):
    OnCallRung.objects.all().delete()
    claim = make_claim(category="GAZ-01")
    work()
    assert claim.messages.filter(direction="note", text__contains="Personne n’a pu").exists()
    Landlord.objects.create(name="H", phone="0240000000", on_call_phone="0639980099")
    make_claim(category="GAZ-01")
    work()
    assert rung(texts) == ["+33639980099"]


def test_a_landline_is_no_rung(house):
    with pytest.raises(ValidationError):
        OnCallRung(position=1, name="Loge", phone="02 40 00 00 00").full_clean()


def test_nothing_of_a_confidential_claim_is_in_a_text(house, clock, work, texts):
    factories.category(
        "VOI-06", "U0", "hq_social", sensitive=True, label_fr="Violences", label_en="Violence"
    )
    arrive(clock, "mon mari me frappe")
    work()
    claim = claims().get()
    assert (claim.category.code, claim.urgency) == ("VOI-06", "U0")
    assert texts.sent
    for sent in texts.sent:
        assert "iolence" not in sent.text
        assert "3919" not in sent.text
    assert "112" in next(sent.text for sent in texts.sent if sent.to == SENDER)


def test_a_category_that_is_not_offered_waits_for_a_person_as_a_danger(house, clock, work, texts):
    arrive(clock, "il y a le feu dans la cave")
    work()
    claim = claims().get()
    assert (claim.category.code, claim.urgency) == ("ADM-14", "U0")
    assert rung(texts) == [FIRST]


def test_what_a_machine_wrote_is_filed_and_not_answered(house, clock, work, mails, texts):
    intake = arrive(
        clock,
        "Une personne est bloquée dans l'ascenseur",
        channel="email",
        sender="alarme@ascenseurs.example",
        automatic="Precedence",
    )
    work()
    assert (intake.state, intake.urgent) == ("parsed", True)
    assert mails.sent == []
    assert rung(texts) == [FIRST]
    assert claims().get().contact_name == "alarme@ascenseurs.example"


def test_many_texts_of_one_person_are_one_danger(house, clock):
    for number in range(12):
        arrive(clock, f"Odeur de gaz {number}")
    assert claims().get().messages.filter(direction="in").count() == 12


@pytest.mark.parametrize("known", [True, False])
def test_a_danger_written_in_another_conversation_is_a_claim_of_its_own(
    house, clock, work, texts, make_claim, known
):
    claim = make_claim(contact_phone=SENDER, contact_email="")
    work()
    sender = SENDER if known else "+33639985678"
    arrive(clock, "Maintenant ça sent le gaz", sender=sender, marked=[claim.reference])
    arrive(clock, "Toujours une odeur de gaz", sender=sender, marked=[claim.reference])
    work()
    made = claims().exclude(pk=claim.pk).get()
    assert made.category.code == "GAZ-01"
    assert (made.dwelling == claim.dwelling) is known
    assert made.contact_phone == sender
    assert rung(texts) == [FIRST]
    claim.refresh_from_db()
    assert claim.urgency == "U3"
    assert made.spoken_reference in claim.messages.filter(direction="note").first().text
    assert claim.messages.filter(direction="in", text__contains="gaz").count() == 2


def test_a_tenant_who_writes_on_the_page_is_heard_too(house, clock, work, texts, make_claim):
    claim = make_claim()
    conversation.from_tenant(
        claim=claim, text="ça sent le gaz dans la cuisine", actor=Actor.TENANT, now=clock()
    )
    work()
    assert claims().exclude(pk=claim.pk).get().dwelling == claim.dwelling
    assert rung(texts) == [FIRST]


def test_words_under_a_chosen_category_come_first_and_ring_nobody(
    house, clock, work, texts, make_claim, client
):
    calm = make_claim()
    claim = make_claim(words="le robinet de gaz : ça sent le gaz")
    work()
    claim.refresh_from_db()
    assert (claim.urgency, claim.category.code) == ("U3", "PLO-03")
    assert claim.danger
    assert rung(texts) == []
    agent = factories.member(house["north"], "agent")
    client.force_login(agent.user)
    page = client.get("/agency/", headers={"Accept-Language": "en"})
    assert [c.pk for _n, _l, _number, items in page.context["groups"] for c in items] == [
        claim.pk,
        calm.pk,
    ]
    assert [(name, number) for name, _l, number, _i in page.context["groups"]][0] == ("danger", 1)
    # A person who says what it is takes the mark away.
    reclassify(
        claim=claim,
        category=claim.category,
        urgency="U3",
        reason="Facture",
        actor=Actor.member(agent),
        now=clock(),
    )
    claim.refresh_from_db()
    assert claim.danger == ""


def test_each_ring_is_a_message_that_stands_in_the_claim_for_staff_only(
    house, clock, work, texts, client
):
    arrive(clock, "Odeur de gaz !")
    work()
    claim = claims().get()
    ring = Delivery.unscoped.get(kind="danger")
    assert (ring.claim, ring.recipient, ring.state) == (claim, FIRST, "sent")
    client.force_login(factories.member(house["head"], "on_call").user)
    page = client.get(f"/agency/{claim.pk}/", headers={"Accept-Language": "en"}).content.decode()
    assert "Nuit" in page
    assert "Possible danger." in page
    assert FIRST not in client.get(f"/s/{claim.token}/").content.decode()
