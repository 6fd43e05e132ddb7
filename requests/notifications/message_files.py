"""Files that staff attached to what they wrote, and how each channel carries them.

A mail and a letter hold them; messaging sends them after its text, while the person may be written
to freely. Every channel but mail and letter names the page where they are. What the virus scanner
has not released yet is waited for, then named; what it refused is never sent.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests.attachments.models import Attachment
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.notifications.mail_files import MailFile

# Mail servers refuse what is much larger once it is encoded.
MOST_BY_MAIL = 12 * 1024 * 1024
PATIENCE = timedelta(minutes=15)
INSIDE = (Channel.EMAIL, Channel.LETTER)


def files_of(events: Iterable[ClaimEvent]) -> list[Attachment]:
    """Return the files of the messages to the tenant that ``events`` tell of, in their order."""
    messages = [event.facts["message"] for event in events if event.facts.get("message")]
    if not messages:
        return []
    rows = Attachment.objects.system("sending files").filter(
        message__in=messages, message__direction=Message.Direction.OUT
    )
    return list(rows.order_by("at", "place", "id"))


def is_checked(files: Iterable[Attachment]) -> bool:
    """Return whether the virus scanner has looked at all of them."""
    return all(file.is_open or file.is_refused for file in files)


def inside(files: Iterable[Attachment], channel: str) -> list[Attachment]:
    """Return the files that travel within a message by ``channel``: open, and not too heavy."""
    if channel not in INSIDE:
        return []
    chosen: list[Attachment] = []
    for file in files:
        heavy = channel == Channel.EMAIL and (
            sum(other.size for other in chosen) + file.size > MOST_BY_MAIL
        )
        if file.is_open and not heavy:
            chosen.append(file)
    return chosen


def sentence(files: Iterable[Attachment], channel: str) -> str:
    """Return what the message says of its files, in the active language; "" without files.

    Names stand only in what is closed like an envelope; a text message gives their number.
    """
    wanted = [file for file in files if not file.is_refused]
    if not wanted:
        return ""
    within = inside(wanted, channel)
    lines = []
    if within:
        lines.append(_("Attached: %(names)s.") % {"names": ", ".join(file.name for file in within)})
    if left := len(wanted) - len(within):
        if channel == Channel.LETTER:
            said = ngettext(
                "%(number)s more file is on the page of your request.",
                "%(number)s more files are on the page of your request.",
                left,
            )
        else:
            said = ngettext(
                "%(number)s file for you: open it with the link.",
                "%(number)s files for you: open them with the link.",
                left,
            )
        lines.append(said % {"number": left})
    return " ".join(lines)


def chat_files(files: Iterable[Attachment], claim: Claim, channel: str) -> list[MailFile]:
    """Return what follows a text by messaging; nothing of a confidential claim (principles, T2)."""
    return mail_files(files) if channel == Channel.SOCIAL and not claim.is_confidential else []


def mail_files(files: Iterable[Attachment]) -> list[MailFile]:
    """Return what a mail holds: name, bytes, type. A file gone from the disk is left out."""
    found: list[MailFile] = []
    for file in inside(files, Channel.EMAIL):
        try:
            with file.file.open("rb") as stored:
                found.append((file.name, stored.read(), file.content_type))
        except FileNotFoundError:
            continue
    return found
