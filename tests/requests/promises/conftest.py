"""Fixtures of these tests."""

import pytest

from tests.factories import member


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")
