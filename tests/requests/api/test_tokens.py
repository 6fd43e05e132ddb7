"""Tokens of the API: one's own, shown once, ending, reading unless they may write, revocable."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal import api_tokens
from portal.clock import now
from portal.models import ApiToken
from tests.factories import member

LIST = "/api/v1/claims/"


@pytest.fixture
def sonia(landlord):
    return member(landlord["north"], "agent").user


@pytest.fixture
def desk(sonia) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(sonia)
    return client


def call(token: str, method: str = "get", **more) -> int:
    headers = {"Authorization": f"Token {token}"}
    return getattr(Client(), method)(LIST, headers=headers, **more).status_code


def test_a_token_is_shown_once_and_only_its_digest_is_kept(desk, sonia):
    page = desk.post("/account/tokens/", {"name": "ERP", "days": "30"})
    token = page.context["made"]
    assert token in page.content.decode()
    assert token not in desk.get("/account/tokens/").content.decode()
    row = ApiToken.objects.get()
    assert row.user == sonia
    assert token not in str(ApiToken.objects.values().get())
    assert call(token) == 200
    row.refresh_from_db()
    assert row.used_at is not None


def test_a_token_ends_and_is_revoked_by_its_owner_only(desk, sonia, landlord):
    token = api_tokens.make(sonia, name="ERP", writes=False, days=30, now=now())
    other = Client()
    other.force_login(member(landlord["south"], "agent").user)
    row = ApiToken.objects.get()
    assert other.post(f"/account/tokens/{row.pk}/revoke/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert call(token) == 401
    assert call(token) == 200
    desk.post(f"/account/tokens/{row.pk}/revoke/")
    assert call(token) == 401


def test_a_reading_token_writes_nothing_and_a_closed_account_nothing_at_all(sonia):
    token = api_tokens.make(sonia, name="ERP", writes=False, days=30, now=now())
    assert call(token, "post", data={}, content_type="application/json") == 403
    sonia.is_active = False
    sonia.save()
    assert call(token) == 401


def test_an_open_session_makes_no_token(sonia):
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=20)):
        client.force_login(sonia)
        client.get("/accessibility/")
    answer = client.post("/account/tokens/", {"name": "thief", "days": "365"})
    assert answer.url.startswith("/confirm/")
    assert not ApiToken.objects.exists()
