"""Drafts of filings: in the session, and also in the database for a signed-in person."""

import uuid
from typing import Any

from django.http import HttpRequest

from portal.clock import now
from requests.filing.models import Draft

NAME = "draft"


def read(request: HttpRequest) -> dict[str, Any]:
    """Return the answers so far; {} at the beginning. Writes nothing."""
    if NAME in request.session:
        return request.session[NAME]
    if request.user.is_authenticated:
        draft = Draft.objects.of(user=request.user).first()
        if draft:
            return draft.data
    return {}


def keep(request: HttpRequest, **answers: Any) -> dict[str, Any]:
    """Add answers to the draft and return it; its random key is also the idempotency key."""
    draft = {"key": str(uuid.uuid4()), **read(request), **answers}
    request.session[NAME] = draft
    if request.user.is_authenticated:
        Draft.objects.system("one's own draft").update_or_create(
            user=request.user, defaults={"data": draft, "at": now()}
        )
    return draft


def drop(request: HttpRequest) -> None:
    """Delete the draft, once it is sent."""
    request.session.pop(NAME, None)
    if request.user.is_authenticated:
        Draft.objects.of(user=request.user).delete()
