"""Record the outcome of an input: read into an entry, left to a person, or set aside."""

import contextlib
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import phones
from portal.actor import Actor
from requests.attachments import inbound_files
from requests.channels import reasons
from requests.channels.mail import charsets
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.inbound import time_cap
from requests.inbound.reply import Reply
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.suggestions import danger

MOST_SEARCHED = 50_000  # characters
# Files of one message, and of one request whoever sends them; public forms allow fewer.
PER_MESSAGE, PER_CLAIM = 40, 200
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
        why = f"{danger_reason(heard)}\n{why}".strip()
    intake.urgent = bool(heard)
    intake.state, intake.error = Intake.State.FAILED, why[:2000].replace("\0", "")
    intake.save()
    return intake


def unread_words(intake: Intake) -> str:
    """Return the words of an input that could not be read: without headers, whose words mislead."""
    raw = charsets.decode(bytes(intake.raw[:MOST_SEARCHED])).replace("\0", "")
    return (BLANK_LINE.split(raw, 1)[1:] or [raw])[0]


def danger_reason(heard: Collection[str]) -> str:
    """Return why an input stands above the others, as it is stored."""
    return reasons.coded("danger", words=", ".join(heard))


def mark_read(intake: Intake, reply: Reply, claim: Claim, message: Message | None) -> Intake:
    """Record that the input is read and belongs to ``claim``."""
    _store_reply(intake, reply)
    intake.state, intake.error = Intake.State.PARSED, ""
    intake.claim, intake.message = claim, message
    if reply.verified and _has_code(claim, reply.sender):
        intake.proof = Intake.Proof.CODE
    intake.save()
    return intake


def _has_code(claim: Claim, sender: str) -> bool:
    """Return whether the person of ``claim`` once proved this contact by a code."""
    if not claim.tenant:
        return False
    proved = claim.tenant.contact_points.filter(proof="code", failing=False)
    values = proved.values_list("value", flat=True)
    return any(sender in (value.lower(), phones.to_e164(value)) for value in values)


def _store_reply(intake: Intake, reply: Reply) -> None:
    """Store what was understood beside the raw input."""
    intake.sender, intake.sender_name = reply.sender[:254], reply.sender_name[:160]
    intake.account = reply.account
    intake.subject, intake.text = reply.subject[:300], reply.text
    intake.folded, intake.html = reply.folded, reply.html
    intake.automatic, intake.verified = reply.automatic[:80], reply.verified
    intake.proof = _proof(intake.channel, reply)


def _proof(channel: str, reply: Reply) -> str:
    """Return what says that the sender is who they seem, the strongest first."""
    if channel in (Channel.SMS, Channel.SOCIAL, Channel.PAGE):
        return Intake.Proof.PROVIDER if reply.verified else Intake.Proof.NONE
    if reply.verified:
        return reply.proof
    if channel == Channel.OPEN311:  # an application names the request, which anybody may read
        return Intake.Proof.NONE
    return (
        Intake.Proof.MARK
        if reply.deliveries or reply.marked or reply.printed
        else Intake.Proof.NONE
    )


def sender_unreadable(reply: Reply) -> str:
    """Say that the sender cannot be read, and which addresses other headers name, unproven."""
    said = _("The sender could not be read.")
    if not reply.hints:
        return said
    named = ", ".join(f"{address} ({header})" for header, address in reply.hints[:5])
    hint = _("The mail also names %(addresses)s: nobody proved it, check before you answer.")
    return f"{said} {hint % {'addresses': named}}"


def clean_files(reply: Reply, limit: float | None = None) -> Reply:
    """Return ``reply`` with its files ready to be kept; call it before the transaction.

    Pictures and PDFs are opened within ``limit`` seconds for all of them together (the whole cap of
    an input, unless given); what is left then is kept without being opened. More than
    ``PER_MESSAGE`` files are named instead of kept; the raw message holds them.
    """
    limit = time_cap.seconds() if limit is None else limit
    files, more = reply.files[:PER_MESSAGE], reply.files[PER_MESSAGE:]
    ready: list[inbound_files.CleanFile] = []
    end = time.monotonic() + limit
    with contextlib.suppress(time_cap.TooLong), time_cap.time_cap(limit):
        for name, _type, data in files:
            if time.monotonic() > end:
                break
            ready.append(inbound_files.clean(name, data))
    for name, _type, data in files[len(ready) :]:
        ready.append(inbound_files.clean(name, data, opened=False))
    names = [name for name, _type, _data in more]
    return replace(reply, files=files, clean=ready, left_out=[*reply.left_out, *names])


def keep_files(
    claim: Claim, message: Message | None, reply: Reply, channel: str, now: datetime
) -> list[str]:
    """Make the files of the reply attachments of its entry.

    Returns the names of those beyond ``PER_MESSAGE`` and ``PER_CLAIM``, of which a note tells.
    """
    ready = reply if len(reply.clean) == len(reply.files) else clean_files(reply)
    room = max(0, PER_CLAIM - claim.attachments.count()) if ready.clean else 0
    for place, found in enumerate(ready.clean[:room]):
        inbound_files.keep(
            found, claim=claim, message=message, channel=channel, now=now, place=place
        )
    left = [*(found.name for found in ready.clean[room:]), *ready.left_out]
    if not left:
        return []
    with translation.override(settings.LANGUAGE_CODE):
        said = ngettext(
            "%(n)s file more came than a message or a request may hold: %(names)s. "
            "It lies in the message, under “As it came”.",
            "%(n)s files more came than a message or a request may hold: %(names)s. "
            "They lie in the message, under “As it came”.",
            len(left),
        ) % {"n": len(left), "names": _some(left)}
    outgoing.write_note(claim, said, now)
    return left


def _some(names: list[str]) -> str:
    return ", ".join(names[:10])[:280] + ("…" if len(names) > 10 else "")


def report_missing_files(claim: Claim, reply: Reply, now: datetime, left: Sequence[str]) -> None:
    """Write events for the sender: files too big or too many, or a kind that we cannot show."""
    if missing := [*reply.too_big, *left]:
        record(claim, Event.TOO_BIG, actor=Actor.SYSTEM, now=now, text=_some(missing))
    if reply.unreadable:
        record(claim, Event.UNREADABLE, actor=Actor.SYSTEM, now=now)
