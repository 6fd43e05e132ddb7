"""An open session is no proof of the person: what outlasts it asks again, and is undone."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Membership
from portal.accounts import AccountAdapter
from portal.models import User
from requests.open311.models import Open311Key
from tests.factories import administrator, member, tenant

ENGLISH = {"Accept-Language": "en"}
THIEF = "thief@example.test"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moment:
        yield moment


@pytest.fixture
def awa(landlord) -> User:
    """A tenant who signs in by a code: neither password nor second factor."""
    user = tenant(landlord["dwelling"], email="awa@example.test").user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def left_open(client, awa, clock) -> Client:
    """Her phone on a table, an hour after she signed in."""
    client.force_login(awa)
    client.get("/accessibility/")
    clock.shift(timedelta(hours=1))
    return client


def code_in(message) -> str:
    return re.search(r"\b([A-Z0-9]{4,}(?:-[A-Z0-9]+)?)\b(?!@)", message.body)[1]


PAGES = ["account_email", "account_change_phone", "account_set_password", "mfa_activate_totp"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.weakness("address changed")
def test_an_open_session_changes_nothing_of_the_account(name, method, left_open, awa):
    data = {"email": THIEF, "action_add": "", "phone": "06 39 98 00 01", "password1": "x" * 14}
    answer = getattr(left_open, method)(reverse(name), data if method == "post" else {})
    assert answer.url.startswith("/confirm/?next=")
    awa.refresh_from_db()
    assert not awa.has_usable_password()
    assert awa.phone == ""
    assert list(awa.emailaddress_set.values_list("email", flat=True)) == ["awa@example.test"]
    assert mail.outbox == []


def test_who_reads_the_mails_confirms_by_a_code(left_open, awa):
    wanted = left_open.get(reverse("account_email")).url
    assert left_open.post(wanted, {"send": "1"}).status_code == 302
    assert mail.outbox[0].to == ["awa@example.test"]
    assert left_open.post(wanted, {"code": "WRONG1"}).status_code == 422
    done = left_open.post(wanted, {"code": code_in(mail.outbox[0]).lower()})
    assert done.url == "/accounts/email/"
    assert left_open.get(done.url).status_code == 200


def test_a_code_is_tried_five_times_and_for_ten_minutes(left_open, clock):
    wanted = left_open.get(reverse("account_email")).url
    left_open.post(wanted, {"send": "1"})
    code = code_in(mail.outbox[0])
    for _try in range(5):
        left_open.post(wanted, {"code": "WRONG1"})
    assert left_open.post(wanted, {"code": code}).status_code == 422
    left_open.post(wanted, {"send": "1"})
    clock.shift(timedelta(minutes=11))
    assert left_open.post(wanted, {"code": code_in(mail.outbox[1])}).status_code == 422
    for _more in range(6):
        left_open.post(wanted, {"send": "1"})
    assert len(mail.outbox) == 5


def test_a_mandate_asks_and_what_was_typed_is_kept(left_open, awa):
    typed = {"proxy_name": "Un voisin", "proxy_email": THIEF, "days": "30"}
    asked = left_open.post(reverse("my:proxies"), typed).url
    assert asked.startswith("/confirm/")
    left_open.post(asked, {"send": "1"})
    kept = left_open.post(asked, {"code": code_in(mail.outbox[0])}).url
    page = left_open.get(kept).content.decode()
    assert 'value="Un voisin"' in page
    assert f'action="{reverse("my:proxies")}"' in page


def test_other_sessions_end_after_a_proof_and_not_before(left_open, awa, clock):
    other = Client()
    other.force_login(awa)
    UserSession.objects.create(
        user=awa, session_key=other.session.session_key, ip="192.0.2.1", user_agent="Firefox"
    )
    clock.shift(timedelta(hours=1))
    sessions = reverse("usersessions_list")
    asked = left_open.post(sessions).url
    assert asked.startswith("/confirm/")
    assert other.get("/accessibility/").context["user"].is_authenticated
    left_open.post(asked, {"send": "1"})
    kept = left_open.post(asked, {"code": code_in(mail.outbox[0])}).url
    page = left_open.get(kept, headers=ENGLISH).content.decode()
    assert f'action="{sessions}"' in page
    assert left_open.post(sessions).status_code == 302
    assert not other.get("/accessibility/").context["user"].is_authenticated
    assert left_open.get("/accessibility/").context["user"].is_authenticated


def test_the_code_leads_to_no_other_site(left_open):
    left_open.post("/confirm/?next=//evil.example/", {"send": "1"})
    done = left_open.post("/confirm/?next=//evil.example/", {"code": code_in(mail.outbox[0])})
    assert done.url == "/enter/"


def test_a_second_factor_is_not_replaced_by_a_mailed_code(client, landlord, clock):
    agent = member(landlord["north"], "agent").user
    TOTP.activate(agent, generate_totp_secret())
    client.force_login(agent)
    client.get("/accessibility/")
    clock.shift(timedelta(minutes=20))
    assert client.get(reverse("account_email")).url.startswith("/accounts/2fa/reauthenticate/")
    client.post("/confirm/", {"send": "1"})
    assert mail.outbox == []


def test_an_administrator_left_at_the_screen_gives_nobody_a_role(client, landlord, clock):
    client.force_login(administrator(landlord["head"]).user)
    client.get("/accessibility/")
    clock.shift(timedelta(minutes=20))
    add = reverse("admin:agencies_membership_add")
    friend = User.objects.create_user(THIEF)
    data = {"user": str(friend.pk), "unit": landlord["head"].pk, "role": "head_office"}
    assert client.post(add, data).url.startswith("/confirm/")
    assert not Membership.objects.filter(user=friend).exists()


def test_nor_a_key_to_a_machine(client, landlord, clock):
    """Each of these shows a secret that goes on working, or says from where files are fetched."""
    client.force_login(administrator(landlord["head"]).user)
    client.get("/accessibility/")
    clock.shift(timedelta(minutes=20))
    key = Open311Key.objects.create(name="Ville", contact=THIEF, digest="x", made_at=timezone.now())
    for address in (
        reverse("hooks:add"),
        reverse("hooks:renew", args=[1]),
        reverse("api_tokens"),
        reverse("admin:requests_open311key_add"),
        reverse("admin:requests_open311key_change", args=[key.pk]),
        reverse("admin:requests_sensor_changelist"),
    ):
        answer = client.post(address, {"media_hosts": "evil.example", "action": "new_key"})
        assert answer.url.startswith("/confirm/"), address
    assert Open311Key.objects.get().hosts == []


def test_whoever_lost_the_account_gets_it_back(client, awa, settings):
    """The thief signed in just now; the old address is told, and its link undoes everything."""
    client.force_login(awa)
    client.post("/confirm/", {"send": "1"})
    client.post("/confirm/", {"code": code_in(mail.outbox[0])})
    client.post(reverse("account_email"), {"email": THIEF, "action_add": ""})
    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[-1])})
    told = mail.outbox[-1]
    assert told.to == ["awa@example.test"]
    assert THIEF in told.body
    client.post(reverse("account_email"), {"email": THIEF, "action_primary": ""})
    awa.refresh_from_db()
    assert awa.email == THIEF
    AccountAdapter().set_phone(awa, "+33639980001", True)
    TOTP.activate(awa, generate_totp_secret())

    told = [m for m in mail.outbox if m.to == ["awa@example.test"]][-1]
    link = re.search(r"(/not-me/\S+)", told.body)[1]
    owner = Client(headers=ENGLISH)
    assert "only address of your account" in owner.get(link).content.decode()
    awa.refresh_from_db()
    assert awa.email == THIEF, "a mail scanner opens links"
    assert owner.post(link).status_code == 200
    awa.refresh_from_db()
    assert (awa.email, awa.phone_verified) == ("awa@example.test", False)
    assert list(awa.emailaddress_set.values_list("email", flat=True)) == ["awa@example.test"]
    assert not awa.authenticator_set.exists()
    assert not client.get("/accessibility/").context["user"].is_authenticated, "the thief is out"


def test_a_link_of_another_or_of_last_month_gives_nothing_back(client, awa, clock):
    from portal.not_me import address  # the links themselves are what is tested

    link = address(awa, awa.email)
    assert client.get(link[:-3] + "xx/").status_code == 404
    clock.shift(timedelta(days=8))
    assert client.get(link).status_code == 404


def test_a_new_number_is_told_to_the_old_one_and_by_mail(client, awa, rf):
    client.force_login(awa)
    awa.refresh_from_db()
    with request_context(rf.get("/")):
        AccountAdapter().set_phone(awa, "+33639980001", True)
        assert [m.to for m in mail.outbox] == [["awa@example.test"]]
        AccountAdapter().set_phone(awa, "+33639980002", True)
    assert mail.outbox[-1].to == ["33639980001@sms.palier.example"]
    assert "/not-me/" in mail.outbox[-1].body
