"""Path converters that every list of addresses may use; ``portal/apps.py`` registers them."""

from django.urls import register_converter

# Parts of an address that only its holder knows.
LINKS = frozenset({"token", "sha256"})


class Token:
    """A secret in an address: letters, digits, ``-``, ``_`` and ``:`` (of signatures) only."""

    regex = "[A-Za-z0-9_:-]{1,300}"

    def to_python(self, value: str) -> str:
        """Return the value unchanged."""
        return value

    def to_url(self, value: str) -> str:
        """Return the value unchanged."""
        return value


def register() -> None:
    """Let addresses say ``<token:…>``."""
    register_converter(Token, "token")
