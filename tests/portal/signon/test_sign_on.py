"""Staff sign on through their organisation: linked once, never with more rights than before."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from portal import not_me
from portal.models import SignOnIdentity, User
from tests.factories import member, tenant
from tests.portal.signon.conftest import sign_on, through

pytestmark = pytest.mark.long

ENGLISH = {"Accept-Language": "en"}


def linked(user: User, provider, subject: str = "u-1") -> SignOnIdentity:
    moment = timezone.now()
    return SignOnIdentity.objects.create(
        user=user, issuer=provider.issuer, subject=subject, linked_at=moment, used_at=moment
    )


def is_in(client: Client) -> bool:
    return client.get("/accessibility/").context["user"].is_authenticated


def code_in(message) -> str:
    return re.search(r"\b([A-Z0-9]{4,}(?:-[A-Z0-9]+)?)\b", message.body)[1]


def test_the_first_time_a_code_links_the_account_and_then_never_again(client, provider, agent):
    answer = sign_on(client, "/signon/start/?next=/agency/")
    assert answer.url == "/signon/link/"
    assert not is_in(client)
    page = client.get("/signon/link/", headers=ENGLISH).content.decode()
    assert "Val-Habitat has recognised you" in page
    client.post("/signon/link/", {"send": "1"})
    assert mail.outbox[0].to == ["sonia@example.test"]
    assert client.post("/signon/link/", {"code": "WRONG1"}).status_code == 422
    assert not SignOnIdentity.objects.exists()
    answer = client.post("/signon/link/", {"code": code_in(mail.outbox[0])})
    assert answer.url == "/agency/"
    assert client.get("/agency/").status_code == 200
    assert "/not-me/" in mail.outbox[1].body, "the person is told, with a way back"
    again = Client()
    provider.do(person={"email": "new.name@example.test"})
    assert sign_on(again, "/signon/start/?next=/agency/").url == "/agency/"
    assert again.get("/agency/").status_code == 200, "the number counts, not the address"


def test_the_address_of_another_person_opens_nothing(client, provider, agent):
    linked(agent, provider)
    provider.do(person={"sub": "u-2"})
    answer = sign_on(client)
    assert answer.status_code == 403
    assert not is_in(client)
    assert mail.outbox == []


def test_nobody_without_a_role_of_staff_is_let_in(client, provider, agent, landlord):
    linked(agent, provider)
    contractor = member(landlord["north"], "contractor").user
    for person in (contractor, tenant(landlord["dwelling"], email="awa@example.test").user):
        provider.do(person={"sub": "u-9", "email": person.email})
        assert sign_on(client).status_code == 403
    User.objects.create_superuser("root@example.test")
    provider.do(person={"email": "root@example.test"})
    assert sign_on(client).status_code == 403
    provider.do(person={"sub": "u-1"})
    Membership.objects.filter(user=agent).update(ends=timezone.localdate() - timedelta(days=1))
    assert sign_on(client).status_code == 403
    Membership.objects.filter(user=agent).update(ends=None)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert sign_on(client).status_code == 403
    assert User.objects.count() == 4, "no account was made"
    assert not is_in(client)


def test_the_request_holds_what_protects_it(client, provider, agent):
    sign_on(client)
    asked = provider.asked()
    assert len(asked["state"]) == len(asked["nonce"]) == 64
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/signon/callback/"


LIES = {
    "wrong issuer": {"claims": {"iss": "https://evil.example"}},
    "wrong audience": {"claims": {"aud": "another"}},
    "one of several audiences": {"claims": {"aud": ["palier", "another"]}},
    "made for another party": {"claims": {"azp": "another"}},
    "expired": {"claims": {"exp": 1_000}},
    "without end": {"claims": {"exp": None}},
    "from the future": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_060}},
    "not yet": {"claims": {"nbf": 4_000_000_000}},
    "nonce of another login": {"claims": {"nonce": "0" * 64}},
    "without nonce": {"claims": {"nonce": None}},
    "without subject": {"claims": {"sub": None}},
    "a subject that is no text": {"claims": {"sub": {"$ne": ""}}},
    "dates that are no numbers": {"claims": {"exp": "tomorrow"}},
    "no signature": {"sign": "none"},
    "signed with the public key as a secret": {"sign": "secret"},
    "another's key under the same name": {"sign": "swapped"},
    "answer of another issuer": {"iss": "https://evil.example"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_cannot_be_believed_opens_nothing(lie, client, provider, agent):
    linked(agent, provider)
    provider.do(**LIES[lie])
    answer = client.get(through(client), headers=ENGLISH)
    assert answer.status_code == 403
    assert "could not be checked" in answer.content.decode()
    assert not is_in(client)


def test_an_answer_is_good_once_and_in_its_own_browser(client, provider, agent):
    linked(agent, provider)
    back = through(client)
    assert Client().get(back).status_code == 400, "another browser: somebody was sent the link"
    assert client.get(back).status_code == 302
    assert is_in(client)
    assert Client().get(back).status_code == 400
    client.logout()
    assert client.get(back).status_code == 400


def test_an_answer_is_good_for_ten_minutes(client, provider, agent):
    linked(agent, provider)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        back = through(client)
        clock.shift(timedelta(minutes=11))
        assert client.get(back, headers=ENGLISH).status_code == 400
    assert not is_in(client)


def test_clocks_may_differ_by_a_minute(client, provider, agent):
    linked(agent, provider)
    ahead = timezone.now().timestamp() + 50
    provider.do(now=ahead, claims={"nbf": ahead})
    assert sign_on(client).status_code == 302
    provider.do(now=timezone.now().timestamp() - 100, claims={})
    assert sign_on(Client()).status_code == 302
    provider.do(now=timezone.now().timestamp() + 120)
    assert sign_on(Client()).status_code == 403


def test_a_new_key_is_found_and_unknown_ones_ask_once_a_minute(client, provider, agent):
    linked(agent, provider)
    assert sign_on(client).status_code == 302
    before = provider.asked()["fetched"]
    assert sign_on(Client()).status_code == 302
    assert provider.asked()["fetched"] == before, "keys are kept"
    provider.do(rotate=True)
    assert sign_on(Client()).status_code == 302
    assert provider.asked()["fetched"] == before + 1
    provider.do(rotate=True)
    assert sign_on(Client()).status_code == 403
    assert provider.asked()["fetched"] == before + 1
    caches["process"].clear()
    assert sign_on(Client()).status_code == 302


def test_a_person_who_gives_up_reads_what_to_do(client, provider, agent):
    provider.do(error="access_denied")
    answer = client.get(through(client))
    assert answer.status_code == 403
    assert "annulée" in answer.content.decode()


def test_a_provider_that_is_out_of_order_is_said_so(client, provider, settings):
    settings.PALIER_SIGNON_ISSUER = "http://127.0.0.1:1"
    answer = client.get("/signon/start/", headers=ENGLISH)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    assert "/accounts/login/" in answer.content.decode()


def test_the_description_of_another_issuer_is_refused(client, provider):
    provider.do(issuer="https://evil.example")
    assert client.get("/signon/start/").status_code == 403


def test_proconnect_is_asked_in_its_own_way(client, provider, agent, settings):
    settings.PALIER_SIGNON_PRESET = "proconnect"
    linked(agent, provider)
    provider.do(strict=True, userinfo="jwt", auth="post")
    assert sign_on(client).status_code == 302
    assert '"amr"' in provider.asked()["claims"]
    provider.do(aud="another")
    assert sign_on(Client()).status_code == 403, "its answer about the person is checked too"


def test_our_second_factor_is_asked_unless_theirs_was(client, provider, agent, settings):
    settings.PALIER_STAFF_MFA = True
    linked(agent, provider)
    sign_on(client)
    assert client.get("/agency/").url == "/accounts/2fa/totp/activate/"
    for claims in ({"amr": ["mfa"]}, {"amr": ["pwd", "otp"]}, {"acr": "two"}):
        settings.PALIER_SIGNON_ACR = ["two"]
        provider.do(claims=claims)
        other = Client()
        sign_on(other)
        assert other.get("/agency/").status_code == 200, claims
    TOTP.activate(agent, generate_totp_secret())
    provider.do(claims={"amr": ["pwd"]})
    assert sign_on(Client()).url.startswith("/accounts/2fa/authenticate/")
    provider.do(claims={"amr": ["mfa"]})
    assert not sign_on(Client()).url.startswith("/accounts/2fa/")


def test_only_the_organisation_lets_staff_in(client, provider, agent, landlord, settings, caplog):
    settings.PALIER_SIGNON_ONLY = True
    settings.PALIER_SIGNON_EMERGENCY = ["secours@example.test"]
    typed = {"login": agent.email, "password": "une longue phrase de passe"}
    answer = client.post("/accounts/login/", typed, headers=ENGLISH)
    assert answer.status_code == 403
    assert "through their organisation" in answer.content.decode()
    assert not is_in(client)
    secours = "secours@example.test"
    User.objects.filter(pk=agent.pk).update(email=secours)
    EmailAddress.objects.create(user=agent, email=secours, verified=True, primary=True)
    client.post("/accounts/login/", typed | {"login": secours})
    assert is_in(client)
    assert "emergency account" in caplog.text
    awa = tenant(landlord["dwelling"], email="awa@example.test").user
    awa.set_password("une longue phrase de passe")
    awa.save()
    assert Client().post("/accounts/login/", typed | {"login": awa.email}).status_code == 302


def test_the_organisation_confirms_an_open_session(client, provider, agent, settings):
    settings.PALIER_SIGNON_ONLY = True
    linked(agent, provider)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_on(client)
        clock.shift(timedelta(minutes=20))
        answer = client.get("/accounts/email/")
        assert answer.url.startswith("/signon/start/?next=")
        provider.do(now=timezone.now().timestamp(), claims={"auth_time": 1_000})
        assert sign_on(client, answer.url).status_code == 403, "it did not ask again"
        provider.do(claims={}, person={"sub": "u-2"})
        assert sign_on(client, answer.url).status_code == 403, "somebody else"
        provider.do(person={"sub": "u-1"})
        assert sign_on(client, answer.url).url == "/accounts/email/"
        assert client.get("/accounts/email/").status_code == 200
        assert provider.asked()["prompt"] == "login"


def test_staff_link_their_own_account_under_another_address(client, provider, agent, landlord):
    provider.do(person={"sub": "u-5", "email": "someone@elsewhere.test"})
    client.force_login(agent)
    assert "/signon/connect/" in client.get("/account/").content.decode()
    assert sign_on(client, "/signon/connect/").url == "/account/"
    assert SignOnIdentity.objects.get().user == agent
    assert "/signon/connect/" not in client.get("/account/").content.decode()
    other = Client()
    other.force_login(member(landlord["south"], "agent").user)
    assert sign_on(other, "/signon/connect/").status_code == 403, "linked once"
    person = Client()
    person.force_login(tenant(landlord["dwelling"], email="awa@example.test").user)
    assert person.get("/signon/connect/").status_code == 403


def test_logging_out_offers_to_log_out_there_too(client, provider, agent):
    linked(agent, provider)
    sign_on(client)
    assert client.post("/accounts/logout/").url == "/signon/ended/"
    assert not is_in(client)
    page = client.get("/signon/ended/").content.decode()
    assert f"{provider.issuer}/logout?id_token_hint=" in page
    plain = Client()
    plain.force_login(agent)
    assert plain.post("/accounts/logout/").url == "/"


def test_an_account_that_is_given_back_loses_the_link(client, provider, agent):
    before = timezone.now()
    linked(agent, provider)
    not_me.give_back(agent, agent.email, before)
    assert not SignOnIdentity.objects.exists()


def test_without_a_provider_nothing_of_it_is_shown(client, landlord):
    assert "/signon/" not in client.get("/accounts/login/").content.decode()
    for path in ("start", "callback", "link", "ended"):
        assert client.get(f"/signon/{path}/").url == "/accounts/login/"


def test_the_login_page_offers_it_and_keeps_where_one_was_going(client, provider):
    page = client.get("/accounts/login/?next=/agency/%3Fa%3D1", headers=ENGLISH).content.decode()
    assert "Log in with Val-Habitat" in page
    assert 'href="/signon/start/?next=%2Fagency%2F%3Fa%3D1"' in page
    back = client.get("/signon/start/?next=https://evil.example/")
    assert "evil" not in back.url
