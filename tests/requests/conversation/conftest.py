"""Fixtures of these tests."""

from tests.requests.fixtures.desk import place

__all__ = ["place"]
