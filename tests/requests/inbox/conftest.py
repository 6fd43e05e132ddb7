"""Fixtures of these tests."""

from tests.requests.fixtures.compiled import _compiled_is_checked
from tests.requests.fixtures.desk import place

__all__ = ["_compiled_is_checked", "place"]
