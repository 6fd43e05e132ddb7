"""People through the console's pages: invited, moved, away, gone; and what each leaves behind."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from portal.actor import Actor
from portal.clock import now
from portal.models import ApiToken, User
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from requests.teamwork import assignment, watches
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Watch
from requests.teamwork.models import Seat
from tests.factories import member, tenant
from tests.moments import at

pytestmark = pytest.mark.django_db
NEW = {"email": "awa@example.test", "first_name": "Awa", "last_name": "Ndiaye", "role": "agent"}
PASSWORD = "correct-horse-battery"


def invite(client, unit, **more):
    return client.post("/console/people/invite/", NEW | {"unit": unit.pk} | more)


def awa() -> Membership:
    return Membership.everything.get(user__email="awa@example.test")


def test_an_invited_colleague_opens_the_account_and_works(client, landlord, admin, link):
    desk = landlord["north"].desks.get(kind="technical")
    answer = invite(client, landlord["north"], desks=[desk.pk])
    assert answer.status_code == 302
    assert Seat.objects.filter(membership=awa(), desk=desk).exists()
    person = Client()
    path = link("awa@example.test")
    assert "Welcome, Awa" in person.get(path).content.decode()
    assert not User.objects.get(email="awa@example.test").has_usable_password()

    wrong = person.post(path, {"password": "azerty", "again": "azerty"})
    assert wrong.status_code == 422
    done = person.post(path, {"password": PASSWORD, "again": PASSWORD})
    assert done.status_code == 302
    assert person.get("/agency/").status_code == 200
    assert person.get(path).status_code == 410  # once
    assert "in force" in client.get(f"/console/people/{awa().pk}/").content.decode()


def test_staff_set_up_a_second_factor_first(client, landlord, admin, link, settings):
    settings.PALIER_STAFF_MFA = True
    client.logout()  # the administrator has none here
    settings.PALIER_STAFF_MFA = False
    client.force_login(admin)
    invite(client, landlord["north"])
    settings.PALIER_STAFF_MFA = True
    person = Client()
    done = person.post(link("awa@example.test"), {"password": PASSWORD, "again": PASSWORD})
    assert done.url == "/accounts/2fa/totp/activate/"
    assert person.get(done.url).status_code == 200  # without asking the password once more
    secret = person.session["mfa.totp.secret"]
    assert person.get("/look.css").status_code != 302
    assert person.session["mfa.totp.secret"] == secret  # the page's own style draws no other
    assert person.get("/agency/").status_code == 302


def test_a_link_ends_after_a_week_and_a_newer_one_replaces_it(client, landlord, admin, link):
    invite(client, landlord["north"])
    first = link("awa@example.test")
    client.post(f"/console/people/{awa().pk}/resend/")
    second = link("awa@example.test")
    person = Client()
    assert person.get(first).status_code == 410
    assert person.get(second).status_code == 200
    with at(now() + timedelta(days=8)):
        assert person.get(second).status_code == 410


def test_a_withdrawn_invitation_opens_nothing_and_leaves_no_role(client, landlord, admin, link):
    invite(client, landlord["north"])
    path, pk = link("awa@example.test"), awa().pk
    assert client.post(f"/console/people/{pk}/withdraw/").status_code == 302
    assert Client().get(path).status_code == 410
    assert not Membership.everything.filter(pk=pk).exists()
    assert not User.objects.get(email="awa@example.test").is_active
    assert invite(client, landlord["north"]).status_code == 302  # and again, as new
    assert Client().get(link("awa@example.test")).status_code == 200


def test_with_a_second_person_the_role_waits_and_opens_nothing(
    client, landlord, admin, second, link
):
    answer = client.post(
        "/console/people/invite/", NEW | {"unit": landlord["north"].pk}, follow=True
    )
    assert "waits until a second person confirms" in answer.content.decode()
    person = Client()
    person.post(link("awa@example.test"), {"password": PASSWORD, "again": PASSWORD})
    assert person.get("/agency/").status_code == 403
    assert client.post(f"/teams/{awa().pk}/confirm/").status_code == 302
    assert awa().pending  # the one who asked cannot confirm
    other = Client()
    other.force_login(second)
    other.post(f"/teams/{awa().pk}/confirm/")
    assert person.get("/agency/").status_code == 200


def test_nobody_gets_the_same_role_twice(client, landlord, admin):
    invite(client, landlord["north"])
    answer = invite(client, landlord["north"])
    assert answer.status_code == 422
    assert "has this role in this unit already" in answer.content.decode()
    assert 'value="Ndiaye"' in answer.content.decode()


def test_desks_of_another_unit_are_refused_in_words(client, landlord, admin):
    desk = landlord["south"].desks.first()
    answer = invite(client, landlord["north"], desks=[desk.pk])
    assert answer.status_code == 422
    assert "Not of Nord" in answer.content.decode()


def test_a_mail_server_that_is_away_loses_no_invitation(client, landlord, admin, settings):
    settings.EMAIL_BACKEND = "tests.requests.console.broken_mail.Backend"
    answer = client.post(
        "/console/people/invite/", NEW | {"unit": landlord["north"].pk}, follow=True
    )
    assert "did not take the invitation" in answer.content.decode()
    assert awa().invitation.accepted_at is None


@pytest.fixture
def in_hand(landlord):
    """Sonia of the north has a request in hand and a seat; Luc is her colleague there."""
    sonia = member(landlord["north"], "agent")
    luc = member(landlord["north"], "agency_manager")
    tenant(landlord["dwelling"], email="t@example.test")
    claim = file_claim(
        Filing(
            channel="web",
            key="k",
            category="PLO-03",
            words="Ça coule.",
            dwelling=landlord["dwelling"].pk,
            contact_email="t@example.test",
        ),
        actor=Actor.TENANT,
        now=now(),
    )
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    assignment.assign(claim, sonia, why=Charge.Why.TAKEN, now=now())
    watches.follow(claim=claim, membership=sonia, now=now())
    Seat.objects.create(membership=sonia, desk=landlord["north"].desks.first())
    ApiToken.objects.create(
        user=sonia.user, name="x", digest="d", start="s", made_at=now(),
        ends_at=now() + timedelta(days=9),
    )  # fmt: skip
    return sonia, luc, claim


def test_who_leaves_passes_work_on_and_is_out_at_once(client, landlord, admin, in_hand, factor):
    sonia, luc, claim = in_hand
    factor(sonia.user)
    hers = Client()
    hers.force_login(sonia.user)
    assert hers.get("/agency/").status_code == 200
    shown = client.get(f"/console/people/{sonia.pk}/").content.decode()
    assert "Requests in hand : 1" in shown
    client.post(f"/console/people/{sonia.pk}/leave/", {"leave-taker": luc.pk})
    assert hers.get("/agency/").status_code == 302  # the session is over
    sonia.user.refresh_from_db()
    assert (sonia.user.is_active, sonia.user.api_tokens.get().revoked_at is None) == (False, False)
    assert not sonia.user.authenticator_set.exists()
    assert assignment.holder(claim, timezone.localdate()).member == luc
    assert list(Seat.objects.values_list("membership", flat=True)) == [luc.pk]
    assert Watch.objects.get().membership == luc
    assert Membership.objects.get(pk=sonia.pk).ends < timezone.localdate()


def test_without_a_colleague_the_work_goes_back_to_the_desk(client, landlord, admin, in_hand):
    sonia, _luc, claim = in_hand
    client.post(f"/console/people/{sonia.pk}/leave/", {"leave-taker": ""})
    assert assignment.holder(claim, timezone.localdate()) is None
    assert not Seat.objects.exists()
    assert not Watch.objects.exists()


def test_a_tenant_who_worked_here_keeps_the_tenants_account(client, landlord, admin, in_hand):
    sonia, _luc, _claim = in_hand
    person = tenant(landlord["dwelling"])
    person.user = sonia.user
    person.save()
    client.post(f"/console/people/{sonia.pk}/leave/", {"leave-taker": ""})
    sonia.user.refresh_from_db()
    assert sonia.user.is_active
    assert not Membership.objects.filter(user=sonia.user, ends=None).exists()


def test_the_last_administrator_and_oneself_stay(client, landlord, admin):
    own = Membership.objects.get(user=admin)
    client.post(f"/console/people/{own.pk}/leave/", {"leave-taker": ""})
    own.refresh_from_db()
    assert own.ends is None
    answer = client.post(
        f"/console/people/{own.pk}/move/", {"role": "agent", "unit": landlord["north"].pk}
    )
    assert answer.status_code == 422


def test_a_move_inside_the_unit_is_at_once_and_needs_nobody(client, landlord, admin, second):
    sonia = member(landlord["north"], "agent")
    desk = landlord["north"].desks.get(kind="clientele")
    data = {"role": "agent", "unit": landlord["north"].pk, "desks": [desk.pk]}
    client.post(f"/console/people/{sonia.pk}/move/", data)
    sonia.refresh_from_db()
    assert (sonia.pending, sonia.seats.get().desk) == (False, desk)


def test_a_move_to_another_unit_waits_and_the_former_role_lasts_until_then(
    client, landlord, admin, second, in_hand
):
    sonia, luc, claim = in_hand
    data = {"role": "agent", "unit": landlord["south"].pk, "taker": luc.pk}
    client.post(f"/console/people/{sonia.pk}/move/", data)
    new = Membership.everything.get(user=sonia.user, unit=landlord["south"])
    assert new.pending
    assert Membership.objects.get(pk=sonia.pk).ends is None
    assert assignment.holder(claim, timezone.localdate()).member == luc
    other = Client()
    other.force_login(second)
    other.post(f"/teams/{new.pk}/confirm/")
    assert Membership.objects.get(pk=new.pk).pending is False
    assert Membership.objects.get(pk=sonia.pk).ends < timezone.localdate()


def test_a_lost_second_factor_is_reset_and_told(client, landlord, admin, factor):
    sonia = member(landlord["north"], "agent")
    factor(sonia.user)
    mail.outbox.clear()
    client.post(f"/console/people/{sonia.pk}/factor/")
    assert not sonia.user.authenticator_set.exists()
    assert any(m.to == [sonia.user.email] for m in mail.outbox)


def test_what_changes_access_asks_who_is_there_first(client, landlord, admin, settings):
    settings.PALIER_REAUTHENTICATION = -1
    sonia = member(landlord["north"], "agent")
    for path in ("invite/", f"{sonia.pk}/move/", f"{sonia.pk}/factor/", f"{sonia.pk}/leave/"):
        answer = client.post(f"/console/people/{path}", NEW)
        assert answer.status_code == 302
        assert "confirm" in answer.url or "reauthenticate" in answer.url


def test_only_administrators_open_the_people(client, landlord):
    sonia = member(landlord["north"], "agent")
    for role in ("agent", "agency_manager", "head_office", "dpo"):
        user = sonia.user if role == "agent" else member(landlord["head"], role).user
        client.force_login(user)
        assert client.get("/console/people/").status_code == 403
        assert client.post(f"/console/people/{sonia.pk}/leave/").status_code == 403


def test_an_absence_is_entered_for_somebody(client, landlord, admin):
    sonia = member(landlord["north"], "agent")
    today = timezone.localdate()
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat()}
    client.post(f"/console/people/{sonia.pk}/away/", {"member": sonia.pk, **days})
    assert "away today" in client.get("/console/people/").content.decode()
    answer = client.post(f"/console/people/{sonia.pk}/away/", {"member": sonia.pk, **days})
    assert answer.status_code == 422
    assert "already away" in answer.content.decode()


def test_the_list_is_narrowed_and_costs_the_same_for_many(
    client, landlord, admin, django_assert_max_num_queries
):
    for number in range(12):
        user = User.objects.create_user(f"p{number}@example.test", last_name=f"Zed{number:02}")
        Membership.objects.create(user=user, unit=landlord["north"], role="agent",
                                  starts="2020-01-01")  # fmt: skip
    with django_assert_max_num_queries(16):
        shown = client.get("/console/people/?q=zed0").content.decode()
    assert "Zed07" in shown
    assert "Zed11" not in shown
