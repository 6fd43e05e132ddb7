"""A landlord that has files only: its people are recognised at their first message."""

import io
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.urls import reverse

from portal.actor import Actor
from requests.channels.mailbox_models import Mailbox
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.transitions import undo
from requests.identity import callers, proxies, senders
from requests.inbound import imap
from requests.notifications import outgoing
from tenants.actions import mandates
from tenants.actions.senders import find
from tenants.models import ContactPoint, Lease, PersonChange, Tenant
from tests.agencies.imports.rpls_files import dwelling, rpls_bytes
from tests.factories import category, member
from tests.requests.channels import mails as made
from tests.requests.fixtures.sms_provider import TOKEN, hook, text
from tests.requests.fixtures.whatsapp import SECRET, envelope, message, post
from tests.requests.inbound.mail.helpers import notes

pytestmark = pytest.mark.django_db
AWA, COUPLE, SHARED, MOVED = "+33639980001", "+33639980002", "+33639980003", "+33639980004"
# Written as rent systems write: zeros lost, capitals, spaces, a number that two homes have, a
# couple with one mobile, somebody who moved and has two records, a number that is none.
PEOPLE = """Bail;Logement;Locataire;Civilité;Prénom;Nom;Courriel;Tél;Mobile;Début;Fin;Qualité
B1;LGT00001;T1;MME;Awa;TRAORE;AWA.T@Tenant.Example;02 40 00 00 10;06 39 98 00 01;01/02/2012;;
B2;LGT00002;T2;M;Luc;MARTIN;;;639980002;01/03/2015;;titulaire
B2;LGT00002;T3;MME;Léa;MARTIN;;;+33 (0)6 39 98 00 02;01/03/2015;;cotitulaire
B3;LGT00003;T4;MME;Zoé;DIALLO;famille@tenant.example;;0639980003;01/03/2018;;titulaire
B4;LGT00004;T5;M;Ali;DIALLO;famille@tenant.example;;06.39.98.00.03;01/03/2019;;titulaire
B5;LGT00005;T6;M;Max;PETIT;;;0639980004;01/01/2010;30/06/2020;titulaire
B6;LGT00006;T7;M;Max;PETIT;;;06 39 98 00 04;01/07/2020;;titulaire
B7;LGT00007;T8;M;Jo;NOIR;pas-de-courriel;;06 12;01/07/2021;;titulaire
"""
COUNTS = """People who live in the stock: 7
recognised, proved or confirmed: 0
probably one person, to be confirmed by a click: 2
probably of one home, a person says who: 2
shared by several homes, nobody is recognised: 2
not recognised (no number or address, or a dead one): 1
could give a mandate online: 1
Phones and e-mails: 7
recognised, proved or confirmed: 0
probably one person, to be confirmed by a click: 4
probably of one home, a person says who: 1
shared by several homes, nobody is recognised: 2
not recognised (no number or address, or a dead one): 0
origin register: 11"""
PROVEN = {"Authentication_Results": "mx.bailleur.example; dmarc=pass header.from=tenant.example"}


@pytest.fixture
def house(landlord, settings, tmp_path):
    """The stock and its people, from two files by the commands."""
    category("ADM-14", "A1", "crc")
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PALIER_SMS_TOKEN, settings.PALIER_SMS_URL = TOKEN, "http://127.0.0.1:9/x"
    settings.PALIER_SMS_ACCOUNT, settings.PALIER_SMS_FROM = "AC1", "+33700000000"
    settings.PALIER_WHATSAPP_SECRET = SECRET
    Mailbox.objects.create(
        slug="agence", address="palier@bailleur.example", authserv_id="mx.bailleur.example"
    )
    stock, people = tmp_path / "rpls.csv", tmp_path / "people.csv"
    stock.write_bytes(rpls_bytes([dwelling(number) for number in range(1, 9)], "landlord"))
    options = ("--apply", "--agency", "nord", "--one-agency")
    call_command("import_stock", str(stock), "--format", "rpls", *options, stdout=io.StringIO())
    people.write_bytes(PEOPLE.encode())
    call_command("import_tenants", str(people), "--apply", stdout=io.StringIO())
    return landlord


@pytest.fixture
def sonia(house):
    return member(house["north"], "agent")


@pytest.fixture
def helene(house):
    return member(house["head"], "head_office")


@pytest.fixture
def send(house, clock, work, monkeypatch, texts, mails):
    """Something comes in by a channel and is read; returns the new claim."""
    monkeypatch.setattr("requests.inbound.webhook_views.now", clock)
    monkeypatch.setattr("requests.inbound.views.now", clock)

    def send(channel: str, sender: str, body: str = "La porte du hall ferme mal", **more) -> Claim:
        number = send.number = getattr(send, "number", 0) + 1
        clock.forward(minutes=5)
        if channel == "sms":
            assert hook(text(body, f"SM{number}", sender)).status_code == 200
        elif channel == "social":
            assert post(envelope(message(str(number), body=body, sender=sender))).status_code == 200
        else:
            raw = made.mail(body, sender=sender, message_id=f"<{number}@x>", **{**PROVEN, **more})
            imap.store(Mailbox.objects.get(), raw, clock())
        work()
        return Claim.objects.system("test").latest("filed_at", "pk")

    return send


def person(ref: str) -> Tenant:
    return Tenant.objects.system("test").get(external_ref=ref)


def home_of(ref: str):
    return Lease.unscoped.get(occupancies__tenant__external_ref=ref).dwelling


def confirm(client, sonia, claim, ref: str, **more):
    client.force_login(sonia.user)
    data = {"tenant": str(person(ref).pk), "version": claim.version, "learn": "on", **more}
    assert client.post(reverse("agency:identify", args=[claim.pk]), data).status_code == 302
    claim.refresh_from_db()


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
