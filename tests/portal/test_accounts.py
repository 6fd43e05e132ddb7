"""The account pages: our look, both languages, codes by e-mail and by phone."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.db import IntegrityError, transaction

from portal.accounts import AccountAdapter
from portal.models import User
from portal.phones import to_e164
from tests.factories import member
from tests.portal.accounts import PASSWORD, code_of, signed_in


@pytest.fixture
def awa(db) -> User:
    user = User.objects.create_user("awa@example.test", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "path", ["login/", "login/code/", "signup/", "password/reset/", "password/reset/done/"]
)
def test_pages_before_signing_in_wear_our_layout(client, db, path, language):
    page = client.get(f"/accounts/{path}", headers={"Accept-Language": language})
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert 'class="skip"' in text
    assert "<form" not in text.split("<main")[1] or 'class="btn"' in text
    assert "<p><label" not in text, "fields come from our own component"


@pytest.mark.parametrize(
    "path",
    ["email/", "password/change/", "logout/", "2fa/", "2fa/totp/activate/", "phone/change/"],
)
def test_pages_of_the_account_wear_our_layout(client, awa, path):
    client.post("/accounts/login/", {"login": awa.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(f"/accounts/{path}")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert 'class="skip"' in text
    assert "<script" not in text.split("</main>")[0]


def test_a_code_by_mail_signs_in(client, awa):
    client.post("/accounts/login/code/", {"email": awa.email})
    client.post("/accounts/login/code/confirm/", {"code": code_of(mail.outbox[0])})
    assert signed_in(client)


def test_a_code_by_phone_signs_in(client, awa):
    AccountAdapter().set_phone(awa, "+33612345678", True)
    answer = client.post("/accounts/login/code/", {"phone": "06 12 34 56 78"})
    assert answer.status_code == 302
    text = mail.outbox[0]
    assert text.to == ["33612345678@sms.palier.example"]
    client.post("/accounts/login/code/confirm/", {"code": code_of(text)})
    assert signed_in(client)


def test_an_unproved_phone_signs_nobody_in(client, awa):
    AccountAdapter().set_phone(awa, "+33612345678", False)
    known = client.post("/accounts/login/code/", {"phone": "06 12 34 56 78"})
    unknown = client.post("/accounts/login/code/", {"phone": "06 99 99 99 99"})
    assert known.status_code == unknown.status_code == 302
    assert mail.outbox == []


def test_a_proved_phone_belongs_to_one_account(awa):
    other = User.objects.create_user("ali@example.test")
    AccountAdapter().set_phone(awa, "+33612345678", True)
    AccountAdapter().set_phone(other, "+33612345678", False)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountAdapter().set_phone(other, "+33612345678", True)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+32 470 12 34 56", "+32470123456"),
        ("12", ""),
        ("awa@example.test", ""),
        ("\0", ""),
    ],
)
def test_phone_numbers_as_people_write_them(typed, number):
    assert to_e164(typed) == number


def test_strangers_and_known_people_get_the_same_answer(client, awa):
    wrong = [
        client.post("/accounts/login/", {"login": login, "password": "wrong wrong wrong"})
        for login in (awa.email, "nobody@example.test")
    ]
    assert [a.status_code for a in wrong] == [422, 422]
    summaries = [re.search(r"<ul>\s*<li>.*?</ul>", a.content.decode(), re.S)[0] for a in wrong]
    assert summaries[0] == summaries[1]
    reset = [
        client.post("/accounts/password/reset/", {"email": e})
        for e in (awa.email, "nobody@example.test")
    ]
    assert reset[0].url == reset[1].url


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012"])
def test_weak_passwords_are_refused(client, db, password):
    data = {"email": "new@example.test", "password1": password}
    answer = client.post("/accounts/signup/", data)
    assert answer.status_code == 422
    assert 'value="new@example.test"' in answer.content.decode()
    assert not User.objects.exists()


def test_staff_sign_in_with_two_factors(client, landlord, settings):
    settings.PALIER_STAFF_MFA = True
    user = member(landlord["north"], "agent").user
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert not signed_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 422
    code = f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/agency/").status_code == 200


def test_allauths_own_limit_answers_with_our_page(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/h/ip"}
    for status in (302, 429):
        answer = client.post("/accounts/password/reset/", {"email": "awa@example.test"})
        assert answer.status_code == status
    assert 'class="skip"' in answer.content.decode()
