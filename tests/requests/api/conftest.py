"""Callers of the API: an agent, the contact centre, a tenant; each with a token."""

import json

import pytest
from django.test import Client

from portal import api_tokens
from portal.clock import now
from tests.factories import member
from tests.factories import tenant as tenant_at


class Caller:
    """Speaks JSON with a token; answers with the status and the parsed body."""

    def __init__(self, user=None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Accept-Language": "en"}
        if user:
            token = api_tokens.make(user, name="tool", writes=True, days=30, now=now())
            self.headers["Authorization"] = f"Token {token}"

    def get(self, path: str, **query):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body, key: str | None = "key-00001", **headers):
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post(
            f"/api/v1/{path}",
            body if isinstance(body, (str, bytes)) else json.dumps(body),
            content_type="application/json",
            headers={**self.headers, **headers},
        )


@pytest.fixture
def agent(landlord) -> Caller:
    return Caller(member(landlord["north"], "agent").user)


@pytest.fixture
def southerner(landlord) -> Caller:
    return Caller(member(landlord["south"], "agent").user)


@pytest.fixture
def tenant(landlord) -> Caller:
    person = tenant_at(landlord["dwelling"], email="awa@example.test")
    caller = Caller(person.user)
    caller.tenant = person
    return caller


@pytest.fixture
def nobody() -> Caller:
    return Caller()
