"""Record the outcome of an input: read into an entry, left to a person, or set aside."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.attachments import inbound_files
from requests.channels.mail import charsets
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.inbound.reply import Reply
from requests.suggestions import danger

MOST_SEARCHED = 50_000  # characters
BLANK_LINE = re.compile(r"\r?\n\r?\n")


def set_aside(intake: Intake, reply: Reply, why: str, duplicate: Intake | None = None) -> Intake:
    """Set the input aside with its reason.

    The claim of a ``duplicate`` that was read is stored with it.
    """
    _store_reply(intake, reply)
    intake.state, intake.error = Intake.State.DISCARDED, why
    intake.claim = duplicate.claim if duplicate else None
    intake.duplicate_of = duplicate
    intake.save()
    return intake


def leave_to_a_person(intake: Intake, reply: Reply | None, why: str) -> Intake:
    """Put the input into the tray; what speaks of a danger stands above all else there.

    ``reply`` is None when it could not be read: its raw text is then searched.
    """
    if reply:
        _store_reply(intake, reply)
        words = f"{reply.subject}\n{reply.text}"
    else:
        words = unread_words(intake)
    heard = danger.find_words(words[:MOST_SEARCHED])
    if heard:
        with translation.override(settings.LANGUAGE_CODE):
            why = f"{danger_text(heard)} {why}".strip()
    intake.urgent = bool(heard)
    intake.state, intake.error = Intake.State.FAILED, why[:2000].replace("\0", "")
    intake.save()
    return intake


def unread_words(intake: Intake) -> str:
    """Return the words of an input that could not be read: without headers, whose words mislead."""
    raw = charsets.decode(bytes(intake.raw[:MOST_SEARCHED])).replace("\0", "")
    return (BLANK_LINE.split(raw, 1)[1:] or [raw])[0]


def danger_text(heard: Collection[str]) -> str:
    """Return why an input stands above the others, in the language that is active."""
    return _("Possible danger: “%(words)s”. Read it now.") % {"words": ", ".join(heard)}


def mark_read(intake: Intake, reply: Reply, claim: Claim, message: Message | None) -> Intake:
    """Record that the input is read and belongs to ``claim``."""
    _store_reply(intake, reply)
    intake.state, intake.error = Intake.State.PARSED, ""
    intake.claim, intake.message = claim, message
    intake.save()
    return intake


def _store_reply(intake: Intake, reply: Reply) -> None:
    """Store what was understood beside the raw input."""
    intake.sender, intake.sender_name = reply.sender[:254], reply.sender_name[:160]
    intake.account = reply.account
    intake.subject, intake.text = reply.subject[:300], reply.text
    intake.folded, intake.html = reply.folded, reply.html
    intake.automatic, intake.verified = reply.automatic[:80], reply.verified


def sender_unreadable(reply: Reply) -> str:
    """Say that the sender cannot be read, and which addresses other headers name, unproven."""
    said = _("The sender could not be read.")
    if not reply.hints:
        return said
    named = ", ".join(f"{address} ({header})" for header, address in reply.hints[:5])
    hint = _("The mail also names %(addresses)s: nobody proved it, check before you answer.")
    return f"{said} {hint % {'addresses': named}}"


def clean_files(reply: Reply) -> Reply:
    """Return ``reply`` with its files ready to be kept; call it before the transaction."""
    return replace(
        reply, clean=[inbound_files.clean(name, data) for name, _type, data in reply.files]
    )


def keep_files(
    claim: Claim, message: Message | None, reply: Reply, channel: str, now: datetime
) -> None:
    """Make the files of the reply attachments of its entry."""
    ready = reply if len(reply.clean) == len(reply.files) else clean_files(reply)
    for place, found in enumerate(ready.clean):
        inbound_files.keep(
            found, claim=claim, message=message, channel=channel, now=now, place=place
        )


def report_missing_files(claim: Claim, reply: Reply, now: datetime) -> None:
    """Write events for the sender: files that were too big, or a kind that we cannot show."""
    if reply.too_big:
        names = ", ".join(reply.too_big)[:300]
        record(claim, Event.TOO_BIG, actor=Actor.SYSTEM, now=now, text=names)
    if reply.unreadable:
        record(claim, Event.UNREADABLE, actor=Actor.SYSTEM, now=now)
