"""Identifiers as forms and addresses send them."""

from uuid import UUID


def uuid_of(text: str) -> UUID | None:
    """The identifier a form sent, or None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
