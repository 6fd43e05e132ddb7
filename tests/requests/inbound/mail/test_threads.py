"""A mail finds its conversation: threads, trust in the sender, merged and ended claims."""

import pytest

from portal.actor import Actor
from requests.channels import marks
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.conversation.actions import write
from tenants.models import ContactPoint, Tenant
from tests.factories import member
from tests.requests.channels import mails as made
from tests.requests.inbound.mail.helpers import AWA, PROVEN, answer, came_in, claims, notes

# 3 · threading


def test_an_answer_finds_its_conversation_by_our_signed_message_id(told, arrive):
    claim, sent = told
    intake = arrive(answer(sent, subject="sans rapport", **PROVEN))
    assert (intake.state, intake.claim) == ("parsed", claim)
    assert came_in(claim) == ["Il coule encore."]
    assert intake.message.claim == claim
    assert (intake.belongs, intake.verified) == (True, True)
    assert not notes(claim)


@pytest.mark.parametrize("where", ["body", "address", "references"])
def test_without_headers_the_signed_mark_is_enough(told, arrive, where):
    claim, sent = told
    mark = marks.claim_mark(claim.reference)
    raw = {
        "body": made.mail(f"Oui.\n\n> Repère de réponse, à laisser : {mark}"),
        "address": made.mail("Oui.", To=sent.reply_to),
        "references": made.mail("Oui.", References=f"<other@x> {sent.message_id} <more@y>"),
    }[where]
    assert mark in sent.text
    assert arrive(raw).claim == claim


def test_a_forged_mark_or_identifier_is_nothing(told, arrive):
    claim, sent = told
    forged = sent.message_id.replace(".", ".0", 2)[:70] + "@palier.invalid>"
    genuine = marks.claim_mark(claim.reference)
    wrong = genuine[:-1] + ("6" if genuine.endswith("7") else "7")
    for raw in (
        made.mail("a", In_Reply_To=forged, sender="eve@evil.example", message_id="<2@e>"),
        made.mail(f"b {wrong}", sender="eve@evil.example", message_id="<3@e>"),
        made.mail("c", subject=f"{claim.reference}", sender="eve@evil.example", message_id="<4@e>"),
    ):
        assert arrive(raw).claim != claim
    assert came_in(claim) == []


def test_a_reference_in_the_subject_counts_for_people_of_the_claim_only(told, arrive):
    claim, _sent = told
    assert (
        arrive(made.mail("Et alors ?", subject=f"Demande {claim.spoken_reference}")).claim == claim
    )


def test_strangers_who_answer_one_newsletter_are_never_joined(arrive, box):
    one = arrive(made.mail("Un", References="<news@x.example>", message_id="<a@x>"))
    two = arrive(
        made.mail(
            "Deux",
            sender="bob@other.example",
            References="<news@x.example> <a@x>",
            message_id="<b@x>",
        )
    )
    assert one.claim != two.claim
    again = arrive(made.mail("Encore", In_Reply_To="<a@x>", message_id="<c@x>"))
    assert again.claim == one.claim


# 11 · trust


def test_an_unknown_sender_with_our_identifier_is_shown_and_moves_nothing(
    told, arrive, landlord, clock
):
    claim, sent = told
    sonia = member(landlord["north"], "agent")
    advance(
        claim=claim,
        transition=Event.ASK,
        actor=Actor.member(sonia),
        now=clock(),
        text="Une photo ?",
    )
    intake = arrive(answer(sent, sender="eve@evil.example"))
    claim.refresh_from_db()
    assert (intake.claim, intake.belongs, intake.verified) == (claim, False, False)
    assert claim.state == "waiting_tenant"
    assert "eve@evil.example" in notes(claim)[0]
    arrive(answer(sent, "La photo.", message_id="<5@t>"))
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_an_employees_address_is_never_believed(told, arrive, landlord):
    claim, sent = told
    sonia = member(landlord["north"], "agent").user
    sonia.email = "sonia@bailleur.example"
    sonia.save()
    intake = arrive(answer(sent, sender="sonia@bailleur.example", **PROVEN))
    message = Message.unscoped.get(pk=intake.message_id)
    assert (message.direction, message.author, intake.belongs) == ("in", None, False)
    fresh = arrive(made.mail("Bonjour", sender="sonia@bailleur.example", message_id="<6@t>"))
    assert fresh.belongs is False
    assert "adresse" in notes(fresh.claim)[0] or "address" in notes(fresh.claim)[0]


@pytest.mark.parametrize("proven", [True, False])
def test_a_tenant_is_recognised_only_when_our_server_proved_the_sender(arrive, proven):
    tenant = Tenant.objects.system("test").create(last_name="Traoré")
    ContactPoint.unscoped.create(tenant=tenant, kind="email", value=AWA, verified=True)
    intake = arrive(made.mail(**(PROVEN if proven else {})))
    assert intake.claim.tenant == (tenant if proven else None)
    assert intake.claim.contact_email == AWA


def test_an_address_of_two_tenants_recognises_nobody(arrive):
    for name in ("Traoré", "Diallo"):
        tenant = Tenant.objects.system("test").create(last_name=name)
        ContactPoint.unscoped.create(tenant=tenant, kind="email", value=AWA, verified=True)
    assert arrive(made.mail(**PROVEN)).claim.tenant is None


def test_our_answer_threads_with_their_mail_and_a_persons_words_are_not_automatic(
    arrive, clock, work, mails
):
    claim = arrive(made.mail(message_id="<first@tenant.example>")).claim
    write(
        claim=claim,
        text="Bonjour",
        direction="out",
        channel="email",
        actor=Actor.SYSTEM,
        now=clock(),
    )
    work()
    first, second = mails.sent
    assert first.in_reply_to == second.in_reply_to == "<first@tenant.example>"
    assert second.references[:2] == ["<first@tenant.example>", first.message_id]
    assert (first.automatic, second.automatic) == (True, False)


# 4 · merged and closed


def test_mail_to_a_merged_claim_follows_the_merge(told, make_claim, arrive, clock):
    claim, sent = told
    other = make_claim()
    claims().filter(pk=claim.pk).update(state="merged", ended_at=clock())
    claim.events.create(name=Event.MERGE, at=clock(), state="merged", facts={"into": str(other.pk)})
    assert arrive(answer(sent)).claim == other


def test_mail_after_the_end_proposes_reopening_then_begins_a_linked_claim(told, arrive, clock):
    claim, sent = told
    claims().filter(pk=claim.pk).update(state="closed", ended_at=clock())
    clock.forward(days=10)
    assert arrive(answer(sent)).claim == claim
    claim.refresh_from_db()
    assert claim.state == "closed"
    assert len(notes(claim)) == 1
    clock.forward(days=30)
    late = arrive(answer(sent, "Ça recommence.", message_id="<9@t>"))
    assert late.claim != claim
    assert late.previous == claim
    assert claim.spoken_reference in notes(late.claim)[0]
    assert late.claim.spoken_reference in notes(claim)[1]


def test_a_display_name_that_is_a_tenants_address_recognises_nobody(arrive, mails):
    tenant = Tenant.objects.system("test").create(last_name="Traoré")
    ContactPoint.unscoped.create(tenant=tenant, kind="email", value=AWA, verified=True)
    raw = made.mail(From="=?utf-8?Q?awa=40tenant=2Eexample_=28?= <eve@tenant.example>", **PROVEN)
    intake = arrive(raw)
    assert (intake.sender, intake.verified) == ("eve@tenant.example", True)
    assert (intake.claim.tenant, intake.claim.contact_email) == (None, "eve@tenant.example")
    assert [m.to for m in mails.sent] == ["eve@tenant.example"]


def test_an_unreadable_sender_is_said_and_nobody_is_answered(arrive, mails):
    raw = made.mail(From="(Awa Traore awa@tenant.example", Reply_To="<awa@free.example>", **PROVEN)
    intake = arrive(raw)
    assert (intake.state, intake.sender, intake.verified) == ("parsed", "", False)
    assert (intake.claim.contact_email, intake.claim.tenant) == ("", None)
    assert intake.claim.contact_name == "(Awa Traore awa@tenant.example"
    (note,) = notes(intake.claim)
    assert "n’a pas pu être lu" in note
    assert "awa@free.example (Reply-To)" in note
    assert mails.sent == []
