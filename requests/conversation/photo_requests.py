"""Ask for photos by a link that needs no account, and add the photos that are sent."""

import uuid
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.actor import Actor
from requests.attachments import uploads
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.conversation import actions as conversation
from requests.kit.choices import Channel


@transaction.atomic
def ask(*, claim: Claim, actor: Actor, now: datetime) -> None:
    """Record the request; the link is sent through the person's own channel.

    ``actor`` is the system when the person asked for the link.
    """
    record(claim, Event.PHOTO_ASKED, actor=actor, now=now, undoable=True)


def add(*, claim: Claim, files: list[UploadedFile], now: datetime) -> tuple[int, list[str]]:
    """Add the acceptable files as one message; return how many, and why the others were refused.

    A claim that already has ``uploads.PER_CLAIM`` files takes no more.
    """
    if claim.attachments.count() >= uploads.PER_CLAIM:
        return 0, [_("This request already has all the files it can hold. Please call us.")]
    session = (
        uuid.uuid4().hex
    )  # new for each request, so that nobody can join these files elsewhere
    kept, refusals = uploads.keep_all(files, session=session, channel=Channel.WEB, now=now)
    if kept:
        with transaction.atomic():
            with translation.override(claim.language):
                text = ngettext("%(n)s photo sent.", "%(n)s photos sent.", len(kept))
            message = conversation.from_tenant(
                claim=claim, text=text % {"n": len(kept)}, actor=Actor.TENANT, now=now
            )
            uploads.join(session=session, claim=claim, now=now, message=message)
    return len(kept), refusals
