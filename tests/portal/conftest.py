"""Fixtures of these tests."""

from tests.portal.static_files import static_files

__all__ = ["static_files"]
