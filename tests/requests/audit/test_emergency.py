"""A request opened with a reason: for an hour, told at once, and never a complaint or a debt."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.clock import now
from requests.audit import emergency
from requests.audit.models import EmergencyOpening, RecordView
from requests.audit.rules import may_be_opened
from tests import moments
from tests.factories import category, leak, member, tenant, unit

REASON = "La voisine appelle : l’eau coule, l’agence est fermée."


@pytest.fixture
def claim(landlord):
    """A leak in the north, of somebody with an account."""
    person = tenant(landlord["dwelling"], email="awa@example.test")
    return leak(landlord, now(), tenant=person.pk, words="Code du gardien : 4471")


@pytest.fixture
def stranger(landlord):
    return member(landlord["south"], "agent")


def ask(client, claim, reason=REASON, **given):
    given = {"reference": claim.reference, "reason": reason, **given}
    return client.post(reverse("emergency:index"), given)


def openings():
    return EmergencyOpening.objects.system("test")


def test_a_colleague_reads_for_an_hour_and_no_longer(client, claim, stranger):
    client.force_login(stranger.user)
    page = reverse("emergency:claim", args=[claim.pk])
    assert client.get(page).status_code == 404
    answer = ask(client, claim, reference=f" {claim.spoken_reference.lower()} ")
    assert answer.url == page
    shown = client.get(page)
    assert "4471" in shown.content.decode()
    assert page in client.get(reverse("emergency:index")).content.decode()
    # Nothing but reading, and nothing of the claim's own pages.
    assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 404
    assert client.post(page).status_code == 405
    with moments.at(now() + timedelta(minutes=59)):
        client.logout()
        client.force_login(stranger.user)
        assert client.get(page).status_code == 200
    with moments.at(now() + timedelta(minutes=61)):
        client.logout()
        client.force_login(stranger.user)
        assert client.get(page).status_code == 404


def test_the_length_is_a_setting(client, claim, stranger, settings):
    settings.PALIER_EMERGENCY_MINUTES = 5
    client.force_login(stranger.user)
    ask(client, claim)
    made = openings().get()
    assert made.until - made.at == timedelta(minutes=5)


def test_it_opens_to_who_asked_alone(client, claim, stranger, landlord):
    client.force_login(stranger.user)
    ask(client, claim)
    other = member(landlord["south"], "agency_manager")
    client.force_login(other.user)
    assert client.get(reverse("emergency:claim", args=[claim.pk])).status_code == 404


def test_those_who_answer_for_it_are_told_at_once(
    client, claim, stranger, landlord, mailoutbox, django_capture_on_commit_callbacks
):
    told = [
        member(landlord["north"], "agency_manager"),
        member(landlord["south"], "agency_manager"),
        member(landlord["head"], "dpo"),
    ]
    client.force_login(stranger.user)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, claim)
    assert {m.to[0] for m in mailoutbox} == {m.user.email for m in told}
    for mail in mailoutbox:
        assert claim.reference not in mail.subject
        for word in (REASON, "4471", "Fuite", "Traoré"):
            assert word not in mail.body + mail.subject
        page = reverse("audit:log" if mail.to[0].startswith("dpo") else "emergency:index")
        assert page in mail.body
    for who in told:
        client.force_login(who.user)
        page = reverse("audit:log" if who.role == "dpo" else "emergency:index")
        assert REASON in client.get(page).content.decode()
    client.force_login(member(landlord["north"], "agent").user)
    assert REASON not in client.get(reverse("emergency:index")).content.decode()


def test_a_manager_elsewhere_reads_nothing_of_it(client, claim, stranger, landlord):
    client.force_login(stranger.user)
    ask(client, claim)
    west = member(unit("ouest"), "agency_manager")
    client.force_login(west.user)
    assert REASON not in client.get(reverse("emergency:index")).content.decode()


def test_the_person_sees_it(client, claim, stranger):
    client.force_login(stranger.user)
    ask(client, claim)
    client.get(reverse("emergency:claim", args=[claim.pk]))
    assert RecordView.objects.system("test").get().means == "emergency"
    client.force_login(claim.tenant.user)
    page = client.get(reverse("my:readers"), headers={"accept-language": "en"}).content.decode()
    assert "Opened in an emergency" in page
    assert REASON not in page


@pytest.mark.parametrize("reason", ["", "urgent", " " * 40])
def test_without_a_reason_nothing_opens(client, claim, stranger, reason):
    client.force_login(stranger.user)
    answer = ask(client, claim, reason=reason)
    assert answer.status_code == 422
    assert claim.reference in answer.content.decode()  # what was typed is kept
    assert not openings().exists()


@pytest.mark.parametrize(
    ("urgency", "confidential", "opens"),
    [
        ("U0", True, True),
        ("U2", True, True),
        ("U3", True, False),
        ("A2", True, False),
        ("A4", True, False),
        ("A4", False, True),
        ("U5", False, True),
    ],
)
def test_a_confidential_request_opens_only_in_danger(urgency, confidential, opens):
    assert may_be_opened(urgency=urgency, confidential=confidential) is opens


def test_a_complaint_and_an_unknown_reference_get_the_same_answer(client, landlord, stranger):
    category("ADM-17", "A2", "agency_clientele", asset="none")
    person = tenant(landlord["dwelling"])
    kept = leak(landlord, now(), tenant=person.pk, category="ADM-17", key="k2", confidential=True)
    client.force_login(stranger.user)
    answers = [ask(client, kept), ask(client, kept, reference="ZZZZZZ")]
    bodies = [a.content.decode().replace(kept.reference, "ZZZZZZ") for a in answers]
    assert [a.status_code for a in answers] == [422, 422]
    assert strip(bodies[0]) == strip(bodies[1])
    assert not openings().exists()


def strip(body: str) -> str:
    """Leave out what differs on each page."""
    return re.sub(r'(nonce|value|content)="[^"]*"', "", body)


def test_references_are_not_guessed(client, claim, stranger):
    client.force_login(stranger.user)
    for _ in range(emergency.TRIES):
        ask(client, claim, reference="ZZZZZZ")
    assert ask(client, claim).status_code == 422
    assert not openings().exists()


def test_what_one_sees_anyway_is_not_opened(client, claim, landlord):
    client.force_login(member(landlord["north"], "agent").user)
    assert ask(client, claim).url == reverse("agency:claim", args=[claim.pk])
    assert not openings().exists()


def test_other_roles_do_not_ask(client, claim, landlord):
    for role in ("caretaker", "call_taker", "on_call", "contractor", "admin", "dpo"):
        client.force_login(member(landlord["south"], role).user)
        assert ask(client, claim).status_code == 403, role
    client.force_login(member(landlord["head"], "head_office").user)
    ask(client, claim)
    assert not openings().exists()


def test_an_opening_is_not_rewritten(client, claim, stranger):
    client.force_login(stranger.user)
    ask(client, claim)
    for change in (
        lambda: openings().update(until=now() + timedelta(days=9)),
        lambda: openings().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
