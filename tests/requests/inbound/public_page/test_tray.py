"""What a person does with a post: dangers, claims, what was refused."""

from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.inbound.invitation_models import Invitation
from tests.factories import category, member
from tests.requests.inbound.public_page.helpers import MOMENT, comment, post, shown, the_intake


def test_a_danger_is_a_claim_at_once_and_hears_of_112(read, provider, clock):
    category("ADM-14", "A1", "crc")
    post(comment("1", "bonjour ca sent le gaz ds lescalier B"))
    post(comment("2", "Le hall est sale", who="7700000000000002"))
    read()
    urgent = Intake.unscoped.get(urgent=True)
    assert (urgent.state, urgent.text) == ("parsed", "bonjour ca sent le gaz ds lescalier B")
    claim = Claim.objects.system("test").get()
    assert (urgent.claim, claim.category.code, claim.urgency) == (claim, "GAZ-01", "U0")
    assert "gaz" in claim.danger
    said = {sent["recipient"]["comment_id"]: sent for _path, sent in provider.posts}
    assert "112" in said["5001_1"]["message"]["text"].splitlines()[0]
    assert "112" not in said["5001_2"]["message"]["text"].splitlines()[0]
    assert Intake.unscoped.filter(state="answered", urgent=False).count() == 1


def test_a_danger_is_filed_even_when_it_cannot_be_answered(read, provider):
    category("ADM-14", "A1", "crc")
    provider.answers.append((400, 10903))
    post(comment("1"))  # refused, which leaves the day free
    read()
    post(comment("2"), comment("3", "au secours il y a le feu dans la cave"))
    read()
    urgent = Intake.unscoped.get(urgent=True)
    assert urgent.state == "parsed"
    # Invited for the second, so not again: a note says it.
    assert [sent["recipient"]["comment_id"] for _p, sent in provider.posts] == ["5001_1", "5001_2"]
    notes = urgent.claim.messages.filter(direction="note", text__contains="déjà été invitée")
    assert notes.count() == 1
    # What the same person goes on writing belongs to it.
    post(comment("4", "odeur de gaz !!", created_time=MOMENT - 30 * 86400))
    read()
    assert Intake.unscoped.filter(urgent=True, claim=urgent.claim).count() == 2


def test_an_answer_to_a_danger_that_is_refused_is_told_in_its_claim(
    read, provider, landlord, client, clock
):
    category("ADM-14", "A1", "crc")
    provider.answers.append((400, 10903))
    post(comment("2", "<b>ça sent le gaz</b>", who="7700000000000002"))
    read()
    claim = Claim.objects.system("test").get()
    assert claim.messages.filter(direction="note", text__contains="10903").exists()
    client.force_login(member(landlord["head"], "on_call").user)
    entry = shown(client, f"/agency/tray/{Intake.unscoped.get(urgent=True).pk}/")
    assert "&lt;b&gt;" in entry
    assert "https://www.facebook.com/5001_2" in entry
    assert "112" in entry


def test_a_person_makes_a_claim_of_a_post_without_its_network_number(read, landlord, client):
    category("ADM-14", "A1", "crc")
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{the_intake().pk}/file/").status_code == 302
    claim = Claim.objects.system("test").get()
    assert (claim.channel, claim.contact_name) == ("page", "Awa Traoré")
    assert (claim.contact_phone, claim.contact_email) == ("", "")
    assert "Le hall est sale" in claim.words
    assert the_intake().state == "parsed"


def test_a_person_adds_a_post_to_a_conversation(read, landlord, client, make_claim):
    claim = make_claim()
    post(comment())
    read()
    client.force_login(member(landlord["head"], "head_office").user)
    address = f"/agency/tray/{the_intake().pk}/attach/"
    assert client.post(address, {"reference": claim.reference}).status_code == 302
    assert Message.unscoped.get(claim=claim, channel="page").text == "Le hall est sale"


def test_what_was_refused_is_tried_again_when_a_person_asks(read, provider, landlord, client):
    provider.answers.append((400, 190))
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    client.post(f"/agency/tray/{the_intake().pk}/replay/")
    read()
    assert the_intake().state == "answered"
    assert Invitation.unscoped.get().state == "sent"
    # Read again once more: one post has one answer.
    client.post(f"/agency/tray/{the_intake().pk}/replay/")
    read()
    assert len(provider.posts) == 2


def test_what_a_person_has_dealt_with_is_not_answered_by_the_machine(
    read, provider, landlord, client, clock
):
    category("ADM-14", "A1", "crc")
    provider.answers.append((500, 2))
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    client.post(f"/agency/tray/{the_intake().pk}/file/")
    clock.forward(minutes=5)
    read()
    assert len(provider.posts) == 1
    assert the_intake().state == "parsed"
    assert Invitation.unscoped.get().state == "failed"
