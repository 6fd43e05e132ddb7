"""The unfinished filing: in the session for everyone, also in the database when signed in."""

import uuid

from django.http import HttpRequest

from portal.clock import now
from requests.filing.models import Draft

NAME = "draft"


def read(request: HttpRequest) -> dict:
    """What was answered so far; {} at the beginning. Writes nothing."""
    if NAME in request.session:
        return request.session[NAME]
    if request.user.is_authenticated:
        kept = Draft.objects.filter(user=request.user).first()
        if kept:
            return kept.data
    return {}


def keep(request: HttpRequest, **answers) -> dict:
    """Add answers; the draft gets its random key, which is also its idempotency key."""
    draft = {"key": str(uuid.uuid4()), **read(request), **answers}
    request.session[NAME] = draft
    if request.user.is_authenticated:
        Draft.objects.update_or_create(user=request.user, defaults={"data": draft, "at": now()})
    return draft


def drop(request: HttpRequest) -> None:
    """Forget it, once it is sent."""
    request.session.pop(NAME, None)
    if request.user.is_authenticated:
        Draft.objects.filter(user=request.user).delete()
