"""A landlord that has files only: its people are recognised at their first message."""

import io
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.urls import reverse

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.transitions import undo
from requests.identity import callers, proxies, senders
from requests.notifications import outgoing
from tenants.actions import mandates
from tenants.actions.senders import find
from tenants.models import ContactPoint, Lease, PersonChange, Tenant
from tests.factories import member
from tests.requests.fixtures.known_people import (
    AWA,
    COUNTS,
    COUPLE,
    MOVED,
    SHARED,
    confirm,
    home_of,
    person,
)
from tests.requests.inbound.mail.helpers import notes

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("channel", "sender"),
    [("sms", AWA), ("social", AWA), ("email", "awa.t@tenant.example")],
)
def test_a_known_tenant_is_probably_recognised_at_the_first_message(
    send, sonia, client, clock, channel, sender
):
    claim = send(channel, sender)
    assert (claim.channel, claim.tenant, claim.dwelling) == (channel, None, home_of("T1"))
    assert claim.owner.unit == sonia.unit
    client.force_login(sonia.user)
    page = client.get(reverse("agency:claim", args=[claim.pk]))
    assert "Probablement MME Awa TRAORE" in page.content.decode()
    listed = client.get(reverse("agency:inbox") + "?view=all").content.decode()
    assert "probablement MME Awa TRAORE" in " ".join(listed.split())
    assert "Personne n’a encore confirmé qui a écrit" in notes(claim)[0]


def test_a_caller_is_told_apart_by_the_strength_of_the_number(house, sonia):
    def grades(number: str) -> set:
        return {(c.tenant.external_ref, c.grade) for c in callers.callers(sonia, number)}

    assert grades("06 39 98 00 01") == {("T1", "probably")}
    assert grades("02 40 00 00 10") == {("T1", "probably")}
    assert grades("0639980002") == {("T2", "home"), ("T3", "home")}
    assert grades("0639980003") == {("T4", "shared"), ("T5", "shared")}
    assert ("T7", "probably") in grades("0639980004")


def test_one_click_makes_the_author_and_is_remembered_on_every_channel(
    send, sonia, client, clock, mails
):
    claim = send("sms", AWA)
    confirm(client, sonia, claim, "T1")
    assert claim.tenant == person("T1")
    point = ContactPoint.unscoped.get(value=AWA)
    assert (point.proof, point.verified) == ("colleague", False)
    assert PersonChange.unscoped.get().what == "point_learned"
    again = send("social", AWA, "Et la lampe du hall")
    assert (again.pk != claim.pk, again.tenant, again.dwelling) == (
        True,
        person("T1"),
        home_of("T1"),
    )


def test_undoing_the_link_forgets_what_it_taught(send, helene, client, clock):
    claim = send("sms", "+33639980077")
    assert (claim.tenant, claim.dwelling) == (None, None)
    confirm(client, helene, claim, "T8")
    assert person("T8").contact_points.get(value="+33639980077").origin == "learned"
    event = ClaimEvent.unscoped.filter(name="identify").latest("pk")
    undo(event=event, actor=Actor.member(helene), now=event.at + timedelta(seconds=5))
    assert not person("T8").contact_points.filter(value="+33639980077").exists()
    assert PersonChange.unscoped.get(what="point_learned").outcome == "undone"


def test_a_number_from_which_messages_came_back_is_no_longer_sure(
    send, sonia, client, clock, texts, work
):
    confirm(client, sonia, send("sms", AWA), "T1")
    outgoing.mark_failing("sms", AWA, "STOP", clock())
    assert find(AWA, clock()).grade == "sure"
    outgoing.mark_failing("sms", AWA, "unknown subscriber", clock())
    assert find(AWA, clock()).grade == "probably"
    claim = send("social", AWA, "C’est moi")
    assert claim.tenant is None
    confirm(client, sonia, claim, "T1")
    assert find(AWA, clock()).grade == "sure"


def test_who_wrote_for_somebody_else_is_not_learned(send, helene, client):
    claim = send("sms", "+33639980077")
    confirm(client, helene, claim, "T8", learn="")
    assert claim.tenant == person("T8")
    assert not person("T8").contact_points.exists()


def test_a_couples_number_leads_to_the_home_and_a_person_says_who(send, sonia, client):
    claim = send("sms", COUPLE)
    assert (claim.tenant, claim.dwelling) == (None, home_of("T2"))
    client.force_login(sonia.user)
    page = client.get(reverse("agency:claim", args=[claim.pk])).content.decode()
    assert "C’est M Luc MARTIN" in page
    assert "C’est MME Léa MARTIN" in page


@pytest.mark.parametrize(
    ("channel", "sender"),
    [("sms", SHARED), ("social", SHARED), ("email", "famille@tenant.example")],
)
def test_a_number_of_two_homes_reveals_neither(send, sonia, client, clock, channel, sender):
    claim = send(channel, sender)
    assert (claim.tenant, claim.dwelling, claim.residence) == (None, None, None)
    found = senders.guess(claim, sonia, clock())
    assert found.sender.grade == "shared"
    assert {p.external_ref for p in found.people} == {"T4", "T5"}


def test_words_from_a_shared_number_never_join_the_other_homes_conversation(
    send, helene, client, clock
):
    first = send("sms", SHARED, "Ça fuit chez Zoé")
    confirm(client, helene, first, "T4")
    second = send("social", SHARED, "Chez Ali, rien à voir")
    confirm(client, helene, second, "T5")
    # Both homes are written to at this number, by text message.
    Claim.objects.system("test").filter(pk=second.pk).update(channel="sms")
    second.deliveries.filter(channel="sms").delete()
    second.deliveries.update(channel="sms", recipient=SHARED)
    third = send("sms", SHARED, "Quand venez-vous chez nous ?")
    assert third.pk not in (first.pk, second.pk)
    assert third.tenant is None
    assert first.messages.filter(direction="in").count() == 1


def test_somebody_who_moved_is_recognised_where_they_live_now(send, sonia):
    assert send("sms", MOVED).dwelling == home_of("T7")


def test_a_mail_that_nothing_proves_gives_no_place(send, helene, client, clock):
    claim = send("email", "awa.t@tenant.example", Authentication_Results="")
    assert (claim.tenant, claim.dwelling) == (None, None)
    found = senders.guess(claim, helene, clock())
    assert [p.external_ref for p in found.people] == ["T1"]
    assert "ne prouve" in found.said


def test_another_agency_learns_neither_name_nor_number(send, house, clock, client):
    claim = send("sms", AWA)
    far = member(house["south"], "agent")
    found = senders.guess(claim, far, clock())
    assert (found.people, found.others) == ([], True)
    assert senders.likely_names([claim], far, clock()) == {}
    assert callers.callers(far, AWA) == []


def test_the_private_link_of_a_probable_sender_names_nobody(send, client):
    claim = send("sms", AWA)
    page = client.get(reverse("follow", args=[claim.token])).content.decode()
    assert "TRAORE" not in page
    assert "GLANTINES" not in page.upper()


def test_an_account_of_the_probable_person_does_not_read_a_strangers_words(send, django_user_model):
    user = django_user_model.objects.create_user("awa@compte.example")
    Tenant.objects.system("test").filter(external_ref="T1").update(user=user)
    claim = send("sms", AWA)
    today = claim.filed_at.date()
    assert not Claim.objects.of_user(user, today).exists()


def say_who(client, claim, ref: str, name: str):
    bill = Lease.unscoped.get(occupancies__tenant__external_ref=ref).bill_code
    url = reverse("follow_me", args=[claim.token])
    return client.post(url, {"code": f"{bill[:4]} {bill[4:].lower()}", "last_name": name})


def test_the_sender_proves_it_by_the_bill_and_the_number_of_the_register(send, client):
    claim = send("sms", AWA)
    url = reverse("follow_me", args=[claim.token])
    assert url in client.get(reverse("follow", args=[claim.token])).content.decode()
    assert client.get(url).status_code == 200
    assert say_who(client, claim, "T1", "Petit").status_code == 422
    assert say_who(client, claim, "T1", "traoré").status_code == 302
    claim.refresh_from_db()
    assert claim.tenant == person("T1")
    point = ContactPoint.unscoped.get(value=AWA)
    assert (point.verified, point.proof) == (True, "link")
    assert url not in client.get(reverse("follow", args=[claim.token])).content.decode()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("number", ["+33639980088", SHARED, COUPLE])
def test_a_bill_alone_makes_nobody_the_author(send, client, helene, clock, number):
    claim = send("sms", number)
    before = len(notes(claim))
    for _twice in range(2):
        assert say_who(client, claim, "T1", "Traore").status_code == 302
    claim.refresh_from_db()
    assert claim.tenant is None
    assert len(notes(claim)) == before + 1
    # The number of a stranger is now probably hers, for a person to confirm.
    if number == "+33639980088":
        assert senders.guess(claim, helene, clock()).sender.person == str(person("T1").pk)


def test_a_mandate_is_given_online_with_a_number_of_the_register(house, clock, django_user_model):
    user = django_user_model.objects.create_user("awa@compte.example")
    awa = person("T1")
    awa.user = user
    awa.save()
    given = {
        "proxy_name": "Inès",
        "proxy_email": "ines@example.test",
        "scope": "ordinary",
        "ends": clock().date() + timedelta(days=90),
    }
    mandate = proxies.ask(tenant=awa, given=given, by=user, now=clock())
    assert mandate.code.phone == AWA
    with pytest.raises(mandates.NotPossible):
        mandates.confirm(mandate=mandate, typed="000000", now=clock())
    digits = mandates.consent_digits(mandate.code)
    assert mandates.confirm(mandate=mandate, typed=digits, now=clock()).consent_at
    point = awa.contact_points.get(value=AWA)
    assert (point.verified, point.proof) == (True, "code")
    zoe = person("T4")
    with pytest.raises(mandates.NotPossible, match="no_phone"):
        proxies.ask(tenant=zoe, given=given, by=user, now=clock())


def test_a_number_of_the_register_links_no_account(house, clock):
    assert mandates.provable_phone(person("T1"), "", clock()) == ""


def test_the_command_counts_and_names_nobody(house):
    out = io.StringIO()
    call_command("contact_strength", stdout=out)
    said = [line.strip() for line in out.getvalue().splitlines()]
    assert "\n".join(said[: len(COUNTS.splitlines())]) == COUNTS
    assert "TRAORE" not in out.getvalue()
    assert site.LANGUAGE_CODE == "fr"
