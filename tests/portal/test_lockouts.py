"""Whoever knows somebody's address cannot keep them out, nor learn whether they have an account."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client

from portal import lockouts, throttle
from portal.accounts import AccountAdapter
from portal.models import User
from tests.moments import MOMENT, at
from tests.portal.accounts import PASSWORD, code_of, signed_in

pytestmark = [pytest.mark.long, pytest.mark.django_db]
HERE, THERE = "192.0.2.1", "198.51.100.7"
PHONE = "06 39 98 12 34"
REFUSED = "Too many failed login attempts"


@pytest.fixture
def awa() -> User:
    user = User.objects.create_user("awa@example.test", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    AccountAdapter().set_phone(user, "+33639981234", True)
    return user


def browser(address: str = HERE) -> Client:
    return Client(REMOTE_ADDR=address, headers={"Accept-Language": "en"})


def sign_in(client: Client, password: str = PASSWORD, login: str = "awa@example.test"):
    return client.post("/accounts/login/", {"login": login, "password": password})


def guess(times: int, address: str = HERE, login: str = "awa@example.test") -> list:
    stranger = browser(address)
    return [sign_in(stranger, f"wrong wrong {n}", login) for n in range(times)]


def ask_code(client: Client, **who):
    return client.post("/accounts/login/code/", who or {"email": "awa@example.test"})


@pytest.fixture
def known(awa) -> Client:
    """A browser of hers: she signed in there, and out again."""
    client = browser()
    sign_in(client)
    client.post("/accounts/logout/")
    assert not signed_in(client)
    return client


def test_guesses_stop_at_their_own_address_only(awa):
    answers = guess(6)
    assert [REFUSED in a.content.decode() for a in answers] == [False] * 5 + [True]
    right = browser()
    sign_in(right)
    assert not signed_in(right)
    elsewhere = browser(THERE)
    sign_in(elsewhere)
    assert signed_in(elsewhere)


def test_guesses_never_shut_the_browser_where_she_signed_in_before(awa, known, settings):
    settings.PALIER_LIMITS = {"*": (30, 3600)}
    assert guess(40)[-1].status_code == 429
    sign_in(known)
    assert signed_in(known)


def test_a_known_browser_has_its_own_limit_and_knows_one_account(awa, known):
    other = User.objects.create_user("ali@example.test", PASSWORD)
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    guess(6, login=other.email)
    sign_in(known, login=other.email)
    assert not signed_in(known)
    wrong = [sign_in(known, f"wrong wrong {n}") for n in range(6)]
    assert REFUSED in wrong[-1].content.decode()
    sign_in(known)
    assert not signed_in(known)


def test_the_cookie_of_a_browser_is_signed_hidden_and_ends_with_the_password(awa, known):
    name = django_settings.PALIER_DEVICE_COOKIE
    cookie = known.cookies[name]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] > 300 * 86400
    guess(6)
    forged = browser()
    forged.cookies[name] = cookie.value[:-2] + "xx"
    sign_in(forged)
    assert not signed_in(forged)
    awa.set_password("un autre mot de passe")
    awa.save()
    sign_in(known, "un autre mot de passe")
    assert not signed_in(known)


def test_what_was_mistyped_is_forgotten_with_a_good_password(awa):
    client = browser()
    for _ in range(2):
        assert [sign_in(client, "wrong wrong 1").status_code for _ in range(4)] == [422] * 4
        sign_in(client)
        assert signed_in(client)
        client.post("/accounts/logout/")
        client = browser()


def test_strangers_guessing_from_everywhere_make_it_ask_for_a_code_too(awa, known, monkeypatch):
    monkeypatch.setattr(lockouts, "EVERYWHERE", 8)
    for number in range(4):
        guess(3, f"203.0.113.{number}")
    mine = browser(THERE)
    assert sign_in(mine).url.startswith("/accounts/login/code/confirm/")
    assert not signed_in(mine)
    mine.post("/accounts/login/code/confirm/", {"code": code_of(mail.outbox[-1])})
    assert signed_in(mine)
    sign_in(known)
    assert signed_in(known)


def test_the_limit_is_over_after_a_while(awa):
    guess(6)
    with at(MOMENT + timedelta(minutes=20)):
        client = browser()
        sign_in(client)
        assert signed_in(client)


@pytest.mark.parametrize("who", [{"email": "awa@example.test"}, {"phone": PHONE}])
def test_a_code_of_hers_stays_good_and_another_is_to_be_had(awa, known, who):
    first = browser(THERE)
    ask_code(first, **who)
    hers = code_of(mail.outbox[-1])
    strangers = [ask_code(browser(), **who).status_code for _ in range(5)]
    assert strangers == [302] * 3 + [422] * 2
    first.post("/accounts/login/code/confirm/", {"code": hers})
    assert signed_in(first)
    sent = len(mail.outbox)
    for client in (browser("203.0.113.9"), known):
        assert ask_code(client, **who).status_code == 302
        sent += 1
        assert len(mail.outbox) == sent
        client.post("/accounts/login/code/confirm/", {"code": code_of(mail.outbox[-1])})
        assert signed_in(client)


def test_a_new_password_can_be_asked_for_beside_a_stranger(awa, known):
    reset = [
        browser().post("/accounts/password/reset/", {"email": awa.email}).status_code
        for _ in range(5)
    ]
    assert reset == [302] * 3 + [422] * 2
    sent = len(mail.outbox)
    assert known.post("/accounts/password/reset/", {"email": awa.email}).status_code == 302
    assert len(mail.outbox) == sent + 1


@pytest.mark.parametrize(
    "logins",
    [("awa@example.test", "nobody@example.test"), (PHONE, "06 39 98 00 00")],
)
def test_who_has_an_account_is_not_told_by_a_limit(awa, monkeypatch, logins):
    monkeypatch.setattr(lockouts, "EVERYWHERE", 3)
    kind = "email" if "@" in logins[0] else "phone"

    def told(answer) -> tuple[int, list[str]]:
        return answer.status_code, re.findall(r"<li>.*?</li>", answer.content.decode(), re.S)

    guesses = [
        [told(a) for a in guess(7, f"203.0.113.{n}", login=login)] for n, login in enumerate(logins)
    ]
    assert guesses[0] == guesses[1]
    codes = [
        [ask_code(browser(f"203.0.113.{n}"), **{kind: login}).status_code for _ in range(5)]
        for n, login in enumerate(logins)
    ]
    assert codes[0] == codes[1]


def test_no_limit_tells_whose_phone_goes_with_whose_address(awa):
    for own, other in [("awa@example.test", PHONE), (PHONE, "awa@example.test")]:
        guess(6, login=own)
        assert REFUSED not in guess(1, login=other)[0].content.decode()
        throttle.forget(MOMENT + timedelta(days=1))


def test_a_number_is_one_however_it_is_spelled(awa):
    for number in (PHONE, "06 39 98 00 00"):
        spelled = [number, number.replace(" ", ""), "+33 " + number[1:]]
        answers = [answer for login in spelled for answer in guess(2, login=login)]
        assert [REFUSED in a.content.decode() for a in answers] == [False] * 5 + [True]
        throttle.forget(MOMENT + timedelta(days=1))


def test_a_new_password_forgets_the_mistyped_ones(awa):
    client = browser()
    assert [sign_in(client, "wrong wrong 1").status_code for _ in range(6)] == [422] * 6
    client.post("/accounts/password/reset/", {"email": awa.email})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]
    form = client.get(link).url
    new = {"password1": "encore un long secret", "password2": "encore un long secret"}
    client.post(form, new)
    sign_in(client, "encore un long secret")
    assert signed_in(client)


def test_guesses_by_phone_shut_no_other_phone(awa):
    """allauth counts all numbers as one account."""
    for number in range(3):
        guess(2, f"203.0.113.{number}", login=f"06 39 98 99 0{number}")
    guess(6, login="06 39 98 99 99")
    client = browser(THERE)
    sign_in(client, login=PHONE)
    assert signed_in(client)
