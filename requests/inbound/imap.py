"""Fetch mail from our mailboxes; every message is stored before it is marked as seen.

A mailbox is polled under a lease, so that two workers never read it together. One message that
cannot be fetched becomes an entry of the tray, and the next one is fetched.
"""

import imaplib
import logging
import os
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from requests.channels import intake as intakes
from requests.channels import mailboxes
from requests.channels.mail import parser as email
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.kit.choices import Channel

log = logging.getLogger(__name__)
TIMEOUT = 30  # seconds
MOST_AT_ONCE = 200
LARGEST = 30 * 1024 * 1024
HEAD_OF_LARGE = 512 * 1024
NETWORK = (OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError)


def poll(clock: Callable[[], datetime]) -> int:
    """Fetch from every mailbox that is due; return how many messages are new."""
    now = clock()
    due = Mailbox.objects.filter(active=True).exclude(host="")
    due = due.filter(Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=now))
    return sum(fetch(box, clock) for box in due)


def fetch(box: Mailbox, clock: Callable[[], datetime]) -> int:
    """Fetch what is new in one mailbox; 0 when another worker reads it or its server is down."""
    if not mailboxes.lease(box, clock()):
        return 0
    try:
        new = _fetch(box, clock)
    except NETWORK as error:
        mailboxes.record_failure(box, f"{type(error).__name__}: {error}", clock())
        log.warning("mailbox %s: %r", box.slug, error)
        return 0
    except BaseException as error:
        mailboxes.record_failure(box, repr(error), clock())
        raise
    mailboxes.record_success(box, clock())
    return new


def secret(name: str) -> str:
    """Return a secret by the name of its environment variable; "" when there is none."""
    return os.environ.get(name, "") if name else ""


def _connect(box: Mailbox) -> BaseMailBox:
    kind = {
        Mailbox.Security.TLS: MailBox,
        Mailbox.Security.STARTTLS: MailBoxStartTls,
        Mailbox.Security.NONE: MailBoxUnencrypted,
    }[Mailbox.Security(box.security)]
    client = kind(box.host, box.port, timeout=TIMEOUT)
    return client.login(box.username, secret(box.secret_name), initial_folder=None)


def check(box: Mailbox) -> tuple[str, int]:
    """Log in and open the folder, reading nothing.

    Return ("", number of messages) or (the error, 0).
    """
    try:
        with _connect(box) as client:
            found = client.folder.set(box.folder)
    except NETWORK as error:
        return f"{type(error).__name__}: {error}"[:300], 0
    return "", int(found[1][0] or 0)


def _fetch(box: Mailbox, clock: Callable[[], datetime]) -> int:
    new = 0
    with _connect(box) as client:
        client.folder.set(box.folder)
        _typ, validity = client.client.response("UIDVALIDITY")
        number = int(validity[0]) if validity and validity[0] else None
        mailboxes.reset_progress(box, number)
        uids = [int(u) for u in client.uids(f"UID {box.last_uid + 1}:*")]
        for uid in sorted(u for u in uids if u > box.last_uid)[:MOST_AT_ONCE]:
            new += _one(box, client, uid, clock)
            mailboxes.record_progress(box, uid, clock())
    return new


def _one(box: Mailbox, client: BaseMailBox, uid: int, clock: Callable[[], datetime]) -> bool:
    """Store one message. A nonsensical answer of the server for it does not stop the others."""
    try:
        size = _size(client, uid)
        large = size > LARGEST
        part = f"BODY.PEEK[]<0.{HEAD_OF_LARGE}>" if large else "BODY.PEEK[]"
        raw = _literal(client.client.uid("FETCH", str(uid), f"({part})"))
    except (imaplib.IMAP4.abort, OSError):
        raise
    except Exception as error:
        intake, new = intakes.receive(
            channel=Channel.EMAIL,
            external_id=f"{box.slug}/uid/{box.uid_validity}/{uid}",
            raw=b"",
            now=clock(),
            mailbox=box,
        )
        intakes.fail(intake, f"UID {uid}: {error!r}")
        return new
    _intake, new = store(box, raw, clock(), truncated=large)
    return new


def _size(client: BaseMailBox, uid: int) -> int:
    _typ, answer = client.client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    text = b" ".join(item for item in answer or [] if isinstance(item, bytes))
    _before, _, after = text.partition(b"RFC822.SIZE ")
    return int(after.split(b")")[0].split()[0])


def _literal(answer: Any) -> bytes:
    for item in answer[1] or []:
        if isinstance(item, tuple):
            return bytes(item[1])
    raise ValueError("the server gave no message")


def store(box: Mailbox, raw: bytes, now: datetime, truncated: bool = False) -> tuple[Intake, bool]:
    """Store one raw mail of ``box``, whichever way it came. Return ``(intake, new)``."""
    number = email.message_id_of(raw)
    fingerprint = email.identity(raw, number)
    return intakes.receive(
        channel=Channel.EMAIL,
        external_id=f"{box.slug}/{number[:180]}/{fingerprint[:40]}",
        raw=raw,
        now=now,
        mailbox=box,
        fingerprint=fingerprint,
        mail_id=number,
        truncated=truncated,
    )


def alarm(box: Mailbox, now: datetime) -> bool:
    """Return whether nothing was fetched for too long.

    A silent mailbox is worse than a failing one.
    """
    limit = timedelta(minutes=settings.PALIER_SILENCE_MINUTES)
    return (
        box.active
        and bool(box.host)
        and (box.last_success_at is None or now - box.last_success_at > limit)
    )
