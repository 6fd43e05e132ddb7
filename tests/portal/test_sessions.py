"""Inactivity ends a session, typed text survives it, and staff prove a second factor."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from portal.models import User
from tests.factories import member

SAME = {"Origin": "http://testserver"}


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent").user


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moment:
        yield moment


def test_staff_are_signed_out_after_thirty_minutes(client, agent, clock):
    client.force_login(agent)
    clock.shift(timedelta(minutes=29))
    assert client.get("/agency/").status_code == 200
    clock.shift(timedelta(minutes=29))
    assert client.get("/agency/").status_code == 200, "activity prolongs the session"
    clock.shift(timedelta(minutes=32))
    english = {"Accept-Language": "en"}
    answer = client.get("/agency/", headers=english)
    assert answer.url == "/accounts/login/?next=/agency/"
    assert "You were away" in client.get(answer.url, headers=english).content.decode()


def test_tenants_stay_for_fourteen_days(client, db, clock):
    client.force_login(User.objects.create_user("awa@example.test"))
    clock.shift(timedelta(days=13))
    assert client.get("/accessibility/").context["user"].is_authenticated
    clock.shift(timedelta(days=13))
    assert client.get("/accessibility/").context["user"].is_authenticated
    clock.shift(timedelta(days=15))
    assert not client.get("/accessibility/").context["user"].is_authenticated


def test_a_caretaker_keeps_the_session_for_a_working_day(client, landlord, clock):
    client.force_login(member(landlord["north"], "caretaker").user)
    clock.shift(timedelta(hours=8))
    assert client.get("/accessibility/").context["user"].is_authenticated
    clock.shift(timedelta(hours=13))
    assert not client.get("/accessibility/").context["user"].is_authenticated


PATH = "/agency/7f8dc7a3-2b4f-4b29-9d0c-1f5b7a1f0a11/message/"
TYPED = {"text": "Un long texte tapé avec soin", "kind": "out", "password": "hush"}


def test_text_typed_before_the_session_ended_is_given_back(client, agent, clock):
    client.force_login(agent)
    clock.shift(timedelta(minutes=45))
    answer = client.post(PATH, TYPED)
    assert answer.url == "/accounts/login/?next=/kept/"
    client.force_login(agent)
    page = client.get("/kept/").content.decode()
    assert "Un long texte tapé avec soin" in page
    assert f'action="{PATH}"' in page
    assert 'name="kind" value="out"' in page
    assert "hush" not in page
    client.post(PATH, TYPED)
    assert client.get("/kept/").status_code == 302, "sent again, it is not kept any longer"


def test_nobody_else_reads_the_text_kept(client, agent, landlord, clock):
    client.force_login(agent)
    clock.shift(timedelta(minutes=45))
    client.post(PATH, TYPED)
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get("/kept/").status_code == 302


def test_kept_text_is_forgotten_after_an_hour(client, agent, clock):
    client.force_login(agent)
    clock.shift(timedelta(minutes=45))
    client.post(PATH, TYPED)
    clock.shift(timedelta(minutes=61))
    client.force_login(agent)
    assert client.get("/kept/").status_code == 302


def test_scripts_are_told_instead_of_redirected(client, agent, clock):
    answer = client.post(PATH, TYPED, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    answer = client.post(PATH, TYPED, headers={"X-Panel": "1"})
    assert (answer.status_code, answer["X-Location"]) == (204, "/accounts/login/?next=/kept/")
    assert "Location" not in answer


def test_a_stale_form_of_ours_gives_the_text_back_and_another_sites_does_not(agent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    answer = client.post(PATH, TYPED, headers=SAME)
    assert answer.status_code == 403
    assert "Un long texte" in answer.content.decode()
    evil = client.post(PATH, TYPED, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    assert "Un long texte" not in evil.content.decode()


def test_a_leaver_is_out_at_the_next_request(client, agent):
    client.force_login(agent)
    assert client.get("/agency/").status_code == 200
    Membership.objects.filter(user=agent).update(ends=timezone.localdate() - timedelta(days=1))
    assert client.get("/agency/").status_code == 403
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert client.get("/agency/").status_code == 302


def test_the_session_id_changes_at_sign_in(client, agent):
    client.get("/file/fault/water/")
    agent.set_password("un mot de passe long")
    agent.save()
    client.post("/file/where/", {"address": "x"})
    before = client.session.session_key
    client.force_login(agent)
    assert client.session.session_key != before


@pytest.mark.parametrize("role", ["agent", "head_office", "admin", "dpo"])
def test_staff_without_a_second_factor_only_see_how_to_set_one_up(client, landlord, settings, role):
    settings.PALIER_STAFF_MFA = True
    client.force_login(member(landlord["north"], role).user)
    for path in ("/agency/", "/head-office/", "/"):
        assert client.get(path).url == "/accounts/2fa/totp/activate/"
    assert client.get("/healthz").status_code == 200
    api = client.get("/api/v1/claims/", headers={"Accept": "application/json"})
    assert api.status_code == 403


def test_with_a_second_factor_staff_come_in_and_keep_it(client, agent, settings):
    settings.PALIER_STAFF_MFA = True
    TOTP.activate(agent, generate_totp_secret())
    client.force_login(agent)
    assert client.get("/agency/").status_code == 200
    assert client.get("/accounts/2fa/totp/deactivate/").url == "/accounts/2fa/"


@pytest.mark.parametrize("role", ["caretaker", None])
def test_caretakers_and_tenants_need_none(client, landlord, settings, role):
    settings.PALIER_STAFF_MFA = True
    user = (
        member(landlord["north"], role).user
        if role
        else User.objects.create_user("awa@example.test")
    )
    client.force_login(user)
    assert client.get("/accessibility/").status_code == 200


def test_strangers_cannot_fill_the_sessions_table(client, db, monkeypatch):
    monkeypatch.setattr("portal.saved_text.SAVES_PER_HOUR", 1)
    assert client.post(PATH, TYPED).url == "/accounts/login/?next=/kept/"
    assert client.post(PATH, TYPED).url == f"/accounts/login/?next={PATH}"
