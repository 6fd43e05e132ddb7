"""What may be a person's message is never out of sight: the tray, its groups, its search."""

import pytest

from portal.templatetags.palier import breakable
from requests.channels import reasons
from requests.channels.mail.bounces import LISTED, PASSED_ON
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.notifications.models import Delivery
from tests.factories import category, contact, member, tenant
from tests.requests.channels import mails as made
from tests.requests.inbound.mail.helpers import AWA, answer, came_in, claims, notes

pytestmark = pytest.mark.long

MARKS = {
    "a list": {"List_Id": "<voisins.example>"},
    "Precedence": {"Precedence": "bulk"},
    "X-Loop": {"X_Loop": "x@ascenseurs.example"},
    "Exchange": {"X_Auto_Response_Suppress": "All"},
    "a null envelope sender": {"Return_Path": "<>"},
    "a newsletter": {"List_Unsubscribe": "<mailto:x@y.example>"},
    "a robot that says so": {"Auto_Submitted": "auto-generated"},
}


@pytest.fixture
def staff(client, landlord):
    client.force_login(member(landlord["north"], "agent").user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def shown(staff, query="") -> str:
    return staff.get(f"/agency/tray/{query}").content.decode()


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
@pytest.mark.weakness("mail set aside")
def test_a_mark_of_a_machine_decides_what_is_answered_not_what_is_read(arrive, staff, mails, mark):
    intake = arrive(made.mail("Le robinet du jardin fuit.", **mark))
    assert (intake.state, intake.claim, intake.urgent) == ("failed", None, False)
    assert intake.automatic in intake.error
    assert mails.sent == []
    page = shown(staff)
    listed = intake.automatic in LISTED
    assert ("From mailing lists (1)" if listed else "Written by machines (1)") in page
    assert breakable(AWA) in page
    view = "lists" if listed else "robots"
    assert str(intake.pk) in shown(staff, f"?view={view}&sender={AWA}")
    assert str(intake.pk) in shown(staff, "?q=ROBINET+awa")
    assert str(intake.pk) not in shown(staff, "?q=robinet+eve")
    assert staff.post(f"/agency/tray/{intake.pk}/file/").status_code == 302
    assert claims().get().contact_email == AWA


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Le prestataire ne nomme aucun expéditeur"),
        ("en", "The provider names no sender: nobody can be answered."),
    ],
)
def test_a_reason_is_said_in_the_language_of_its_reader(arrive, staff, language, said):
    intake = arrive(made.mail("Le robinet du jardin fuit.", Precedence="bulk"))
    words = "{not a code} Rien à répondre"
    intake.error = f"{reasons.coded('no_sender')}\n{words}"
    intake.save(update_fields=["error"])
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    for page in (shown(staff, "?q=robinet"), shown(staff, f"{intake.pk}/")):
        assert said in page
        # What a person wrote is shown as it stands, marked as the house's language.
        assert f'lang="fr">{words}' in page


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
@pytest.mark.parametrize(
    "words", ["Il y a une odeur de gaz au 3e", "Une personne est bloquée dans l'ascenseur"]
)
def test_a_danger_is_a_claim_at_once_whatever_its_headers_say(arrive, staff, mails, mark, words):
    category("ASC-01", "U0", "emergency_then_oncall")
    intake = arrive(made.mail(words, **mark))
    assert (intake.state, intake.urgent) == ("parsed", True)
    assert intake.claim.urgency == "U0"
    assert intake.claim.contact_email == ""  # a machine gets no answer
    assert [m.to for m in mails.sent] == []
    assert "To be sorted" in shown(staff)
    assert str(intake.pk) not in shown(staff)


def test_a_list_of_our_own_is_an_address_of_ours(arrive, mails):
    group = {"List_Id": "Contact <contact.bailleur.example>", "Precedence": "list"}
    intake = arrive(made.mail("Fuite", List_Unsubscribe="<mailto:x@y.example>", **group))
    assert (intake.state, intake.automatic) == ("parsed", "")
    assert [m.to for m in mails.sent] == [AWA]
    away = arrive(made.mail("Absente", Auto_Submitted="auto-replied", message_id="<2@t>", **group))
    other = arrive(made.mail("Pub", List_Id="<x.notbailleur.example>", message_id="<3@t>"))
    assert [away.state, other.state] == ["failed", "failed"]


def test_what_cannot_be_read_is_searched_for_danger_too(arrive, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("requests.inbound.reader.email.parse", lambda *a, **k: 1 / 0)
        intake = arrive(made.mail("Il y a une odeur de gaz au 3e"))
    assert (intake.state, intake.urgent, intake.claim.urgency) == ("parsed", True, "U0")
    assert "odeur de gaz au 3e" in intake.claim.words
    assert any("ZeroDivisionError" in note for note in notes(intake.claim))


def test_a_danger_that_cannot_be_filed_stands_above_all_else(arrive, staff, monkeypatch):
    arrive(made.mail("Bonjour", From="Marie", message_id="<0@t>", List_Id="<x.example>"))
    with monkeypatch.context() as broken:
        broken.setattr("requests.inbound.new_claims.file_claim", lambda *a, **k: 1 / 0)
        intake = arrive(made.mail("Il y a une odeur de gaz au 3e"))
    assert (intake.state, intake.urgent) == ("failed", True)
    assert str(intake.pk) in shown(staff)
    assert "may speak of a danger" in staff.get("/agency/").content.decode()


def test_a_danger_over_the_cap_of_claims_is_seen(arrive):
    for number in range(11):
        intake = arrive(made.mail(f"Odeur de gaz {number}", message_id=f"<{number}@t>"))
    assert (intake.state, claims().count()) == ("parsed", 10)
    assert "Odeur de gaz 10" in came_in(intake.claim)


def test_in_a_conversation_a_person_behind_a_list_is_seen_and_a_robot_is_not(told, arrive, mails):
    claim, sent = told
    events = claim.events.filter(name="message_in")
    arrive(answer(sent, "Absente.", Auto_Submitted="auto-replied", message_id="<1@t>"))
    assert not events.exists()
    arrive(answer(sent, "Il coule encore.", Precedence="list", message_id="<2@t>"))
    assert events.count() == 1
    arrive(answer(sent, "Odeur de gaz !", Auto_Submitted="auto-replied", message_id="<3@t>"))
    assert events.count() == 2
    assert any("danger" in note.lower() for note in notes(claim))
    assert claims().exclude(pk=claim.pk).get().urgency == "U0"
    assert len(came_in(claim)) == 3
    assert len(mails.sent) == 1


def test_doubles_are_folded_and_can_be_taken_out(told, arrive, staff):
    _claim, sent = told
    other = Mailbox.objects.create(slug="siege", address="siege@bailleur.example")
    first, second = arrive(answer(sent)), arrive(answer(sent), other)
    assert (second.state, second.duplicate_of) == ("discarded", first)
    assert "Received twice (1)" in shown(staff)
    assert str(second.pk) in shown(staff, "?view=doubles")
    assert str(second.pk) not in shown(staff, "?view=discarded")
    assert staff.post(f"/agency/tray/{second.pk}/file/").status_code == 302
    assert claims().count() == 2


def test_a_robot_that_writes_to_two_mailboxes_stands_once(arrive, box):
    other = Mailbox.objects.create(slug="siege", address="siege@bailleur.example")
    raw = made.mail("Promo", List_Unsubscribe="<x>")
    first, second = arrive(raw), arrive(raw, other)
    assert [first.state, second.state, second.duplicate_of] == ["failed", "discarded", first]


@pytest.mark.parametrize(
    "two",
    [
        (b"Fuite au 3e", b"Fuite au 4e"),
        (made.mail(), made.mail(subject="Autre")),
        (made.mail(), made.mail(sender="Eve <eve@other.example>")),
    ],
    ids=["no headers", "another subject", "another sender"],
)
@pytest.mark.weakness("mails folded")
def test_two_mails_that_differ_are_both_kept_and_read(arrive, two):
    assert [arrive(raw).state for raw in two] == ["parsed", "parsed"]
    assert claims().count() == 2


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
def test_somebody_whom_we_know_is_read_whatever_passed_the_mail_on(arrive, landlord, mails, mark):
    contact(tenant(landlord["dwelling"]), AWA)
    intake = arrive(made.mail("Le robinet du jardin fuit.", **mark))
    known = intake.automatic in PASSED_ON
    assert (intake.state, bool(intake.claim)) == (("parsed", True) if known else ("failed", False))
    assert mails.sent == []  # and no machine answers


def test_a_mail_can_be_saved_with_all_its_files(arrive, staff):
    raw = made.mail("Bonjour", Precedence="bulk")
    intake = arrive(raw)
    answer = staff.get(f"/agency/tray/{intake.pk}/original/")
    assert answer.content == raw
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]
    page = staff.get(f"/agency/tray/{intake.pk}/").content.decode()
    assert f"/agency/tray/{intake.pk}/original/" in page


def test_what_proves_the_sender_is_said_in_words(arrive, staff, told):
    claim, sent = told
    proofs = {
        "dmarc=pass header.from=tenant.example": "vouches for the sender (DMARC)",
        "dkim=pass header.d=tenant.example": "Signed by the domain of the address (DKIM)",
        "spf=pass smtp.mailfrom=awa@tenant.example": "Sent by a server of the address’s domain",
        "none": "Unproven, but answers a message that we sent",
    }
    for number, (result, words) in enumerate(proofs.items()):
        intake = arrive(
            made.mail(
                "Bonjour",
                message_id=f"<{number}@t>",
                In_Reply_To=sent.message_id,
                Authentication_Results=f"mx.bailleur.example; {result}",
            )
        )
        assert words in staff.get(f"/agency/tray/{intake.pk}/").content.decode()
    nobody = arrive(made.mail("Bonjour", sender="eve@other.example", Precedence="bulk"))
    shown_now = staff.get(f"/agency/tray/{nobody.pk}/").content.decode()
    assert "Nothing proves the sender: anybody can write this address" in shown_now


def test_all_of_one_robot_is_set_aside_by_a_person_and_nothing_that_came_meanwhile(arrive, staff):
    seen = [
        arrive(made.mail(f"Promo {n}", List_Unsubscribe="<x>", message_id=f"<{n}@t>"))
        for n in range(3)
    ]
    page = shown(staff, f"?view=lists&sender={AWA}")
    assert "Set aside all of this page" in page
    late = arrive(made.mail("Promo", List_Unsubscribe="<x>", message_id="<late@t>"))
    numbers = [str(i.pk) for i in seen]
    data = {"view": "lists", "sender": AWA, "pk": [*numbers, "x"]}
    staff.post("/agency/tray/robots/discard/", data)
    assert Intake.unscoped.filter(state="discarded").count() == 0  # a number that is none
    assert staff.post("/agency/tray/robots/discard/", {**data, "pk": numbers}).status_code == 302
    states = dict(Intake.unscoped.values_list("pk", "state"))
    assert [states[i.pk] for i in seen] == ["discarded"] * 3
    assert states[late.pk] == "failed"


def test_a_bounce_that_names_none_of_our_messages_stands_among_the_robots(told, arrive, staff):
    intake = arrive(made.bounce("failed", "5.1.1", "<x@palier.invalid>"))
    assert (intake.state, intake.automatic) == ("failed", "report")
    assert Delivery.unscoped.get().state == "sent"
    assert "Written by machines (1)" in shown(staff)


def test_what_belongs_to_a_claim_of_another_agency_is_in_no_list(told, arrive, client, landlord):
    _claim, sent = told
    other = Mailbox.objects.create(slug="siege", address="siege@bailleur.example")
    arrive(answer(sent))
    copy = arrive(answer(sent), other)
    client.force_login(member(landlord["north"], "agent").user)
    assert str(copy.pk) in shown(client, "?view=doubles")
    client.force_login(member(landlord["south"], "agent").user)
    for query in ("?view=doubles", "?q=coule", ""):
        assert str(copy.pk) not in shown(client, query)
