"""Identifiers as forms and URLs send them."""

from uuid import UUID


def uuid_of(text: str) -> UUID | None:
    """Return the identifier that a form sent, or None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
