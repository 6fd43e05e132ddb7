"""Fetch mail from our mailboxes; every message is stored before it is marked as seen.

A mailbox is polled under a lease, so that two workers never read it together. A server that
answers NO, or hangs up, is asked again later: how far we have read (``last_uid``) moves over stored
messages only. A single message that it does not hand out, three times and while it hands out
others, becomes an entry of the tray, from which it can be fetched again.
"""

import contextlib
import imaplib
import ipaddress
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from portal import network
from portal.network import Refused
from portal.secrets import secret
from requests.channels import intake as intakes
from requests.channels import mailboxes
from requests.channels.mail import parser as email
from requests.channels.mailbox_models import THIS_MACHINE, Mailbox
from requests.channels.models import Intake
from requests.kit.choices import Channel

log = logging.getLogger(__name__)
TIMEOUT = 30  # seconds
MOST_AT_ONCE = 200
LARGEST = 30 * 1024 * 1024
HEAD_OF_LARGE = 512 * 1024
USUAL_PORTS = (143, 993)
# After so many refusals, a message is left to a person, if the server hands out others.
TRIES = 3
UNFETCHED = re.compile(r"/uid/(\d+|None)/(\d+)$")


class NotHandedOut(Exception):
    """The server answered, but without the message: NO, BAD, or nothing."""


HANG_UP = (imaplib.IMAP4.abort, OSError)
NETWORK = (OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError, NotHandedOut, Refused)


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


def _refuse_elsewhere(box: Mailbox) -> bool:
    """Return whether the server may be on a private network.

    Raises Refused for one that the environment does not name, or that is reached in clear.
    """
    here = box.host in THIS_MACHINE
    private = here or settings.PALIER_IMAP_PRIVATE
    if box.security == Mailbox.Security.NONE and not here:
        raise Refused("a password is not sent without TLS")
    usual = [box.port] if settings.PALIER_IMAP_PRIVATE else USUAL_PORTS
    if not network.listed(box.host, box.port, settings.PALIER_IMAP_HOSTS, usual):
        raise Refused(f"{box.host}:{box.port} is not named in PALIER_IMAP_HOSTS")
    network.resolve(box.host, box.port, private=private)
    return private


def _connect(box: Mailbox) -> BaseMailBox:
    private = _refuse_elsewhere(box)
    client: BaseMailBox
    if box.security == Mailbox.Security.NONE:
        client = MailBoxUnencrypted(box.host, box.port, timeout=TIMEOUT)
    else:
        kind = MailBox if box.security == Mailbox.Security.TLS else MailBoxStartTls
        # Without a context imaplib believes any certificate.
        trusted = ssl.create_default_context()
        client = kind(box.host, box.port, timeout=TIMEOUT, ssl_context=trusted)
    # Whom the name led to meanwhile: asked again before the password leaves.
    address = ipaddress.ip_address(client.client.sock.getpeername()[0].partition("%")[0])
    if not private and not network.is_public(address):
        client.client.shutdown()
        raise Refused(f"{box.host} leads to a private address")
    return client.login(box.username, secret(box.secret_name), initial_folder=None)


@contextlib.contextmanager
def _session(box: Mailbox) -> Iterator[BaseMailBox]:
    """Log in, and out again; a failing farewell does not hide what went wrong before it."""
    client = _connect(box)
    try:
        yield client
    finally:
        with contextlib.suppress(*NETWORK):
            client.logout()


def check(box: Mailbox) -> tuple[str, int]:
    """Log in and open the folder, reading nothing.

    Return ("", number of messages) or (the error, 0).
    """
    try:
        with _session(box) as client:
            found = client.folder.set(box.folder)
    except NETWORK as error:
        return f"{type(error).__name__}: {error}"[:300], 0
    return "", int(found[1][0] or 0)


def _fetch(box: Mailbox, clock: Callable[[], datetime]) -> int:
    with _session(box) as client:
        client.folder.set(box.folder)
        mailboxes.reset_progress(box, _validity(client))
        uids = [int(u) for u in client.uids(f"UID {box.last_uid + 1}:*")]
        return _Round(box, client, sorted(u for u in uids if u > box.last_uid), clock).run()


def _validity(client: BaseMailBox) -> int | None:
    _typ, answer = client.client.response("UIDVALIDITY")
    return int(answer[0]) if answer and answer[0] else None


class _Round:
    """One visit to a mailbox: the messages that are new, then those that were refused before."""

    def __init__(
        self, box: Mailbox, client: BaseMailBox, uids: list[int], clock: Callable[[], datetime]
    ) -> None:
        self.box, self.client, self.uids, self.clock = box, client, uids, clock
        self.done = {uid for uid in uids if mailboxes.tries(box, uid) < 0}
        self.new, self.healthy = 0, False

    def run(self) -> int:
        """Return how many messages are new. Raises one of ``NETWORK``: come again later."""
        refused = [uid for uid in self.uids if mailboxes.tries(self.box, uid) >= TRIES]
        fresh = [uid for uid in self.uids if uid not in self.done and uid not in refused]
        for uid in fresh[:MOST_AT_ONCE]:
            self._take(uid)
        if refused and not self.healthy:
            self.healthy = self._hands_out(self.box.last_uid)
        error: Exception | None = None
        for uid in refused:
            try:
                self._take(uid)
            except HANG_UP:
                raise
            except NETWORK as found:
                error = None if self.healthy else found
        if error:
            raise error
        return self.new

    def _take(self, uid: int) -> None:
        """Store one message; count a refusal, and raise it."""
        try:
            raw, large = _message(self.client, uid)
        except NETWORK as error:
            tries = mailboxes.count_try(self.box, uid)
            # It hands out others in this very visit: it is this message.
            if tries > TRIES and self.healthy:
                _leave_to_a_person(self.box, uid, error, self.clock())
                mailboxes.give_up(self.box, uid)
                self._finish(uid)
            raise
        _intake, new = store(self.box, raw, self.clock(), truncated=large)
        self.new, self.healthy = self.new + new, True
        self._finish(uid)

    def _finish(self, uid: int) -> None:
        """Move on to the last message before the first that is neither stored nor given up."""
        self.done.add(uid)
        reached = self.box.last_uid
        for number in self.uids:
            if number not in self.done:
                break
            reached = number
        mailboxes.record_progress(self.box, reached, self.clock())

    def _hands_out(self, uid: int) -> bool:
        """Whether the server hands out a message that it handed out before."""
        with contextlib.suppress(NotHandedOut):
            return bool(uid and _body(self.client, uid, "BODY.PEEK[]<0.64>"))
        return False


def _message(client: BaseMailBox, uid: int) -> tuple[bytes, bool]:
    """Return one message, and whether it is only the beginning of a large one.

    Raises one of ``NETWORK``.
    """
    large = _size(client, uid) > LARGEST
    part = f"BODY.PEEK[]<0.{HEAD_OF_LARGE}>" if large else "BODY.PEEK[]"
    return _body(client, uid, part), large


def _ask(client: BaseMailBox, uid: int, what: str) -> list[Any]:
    try:
        typ, answer = client.client.uid("FETCH", str(uid), f"({what})")
    except imaplib.IMAP4.abort as error:
        raise imaplib.IMAP4.abort(f"UID {uid}: {error}") from error
    except OSError:
        raise
    except imaplib.IMAP4.error as error:
        raise NotHandedOut(f"UID {uid}: {error}") from error
    if typ != "OK":
        raise NotHandedOut(f"UID {uid}: {typ} {answer!r}"[:300])
    return answer or []


def _size(client: BaseMailBox, uid: int) -> int:
    text = b" ".join(item for item in _ask(client, uid, "RFC822.SIZE") if isinstance(item, bytes))
    found = re.search(rb"RFC822\.SIZE (\d+)", text)
    if not found:
        raise NotHandedOut(f"UID {uid}: the server gives no size")
    return int(found[1])


def _body(client: BaseMailBox, uid: int, part: str) -> bytes:
    for item in _ask(client, uid, part):
        if isinstance(item, tuple) and item[1]:
            return bytes(item[1])
    raise NotHandedOut(f"UID {uid}: the server gives no message")


def _leave_to_a_person(box: Mailbox, uid: int, error: Exception, now: datetime) -> None:
    """Put a message that was never fetched into the tray, with what the server said."""
    with translation.override(settings.LANGUAGE_CODE):
        said = _("The mail server does not hand out this message (%(error)s). Read it again.")
        said %= {"error": str(error) or f"UID {uid}: {error!r}"}
    intake, _new = intakes.receive(
        channel=Channel.EMAIL,
        external_id=f"{box.slug}/uid/{box.uid_validity}/{uid}",
        raw=b"",
        now=now,
        mailbox=box,
    )
    intakes.fail(intake, said)


def fetch_again(intake: Intake) -> None:
    """Fetch the message of an intake that stands in the tray without a byte, and store it there.

    Raises one of ``NETWORK``.
    """
    box, found = intake.mailbox, UNFETCHED.search(intake.external_id)
    if box is None or found is None:
        raise NotHandedOut("nothing says which message this was")
    with _session(box) as client:
        client.folder.set(box.folder)
        if str(_validity(client)) != found[1]:
            raise NotHandedOut("the mailbox was numbered anew, and read again from its beginning")
        raw, intake.truncated = _message(client, int(found[2]))
    intake.raw, intake.mail_id = raw, email.message_id_of(raw)[:300]
    intake.fingerprint = email.identity(raw)
    intake.save(update_fields=["raw", "truncated", "mail_id", "fingerprint"])


def store(box: Mailbox, raw: bytes, now: datetime, truncated: bool = False) -> tuple[Intake, bool]:
    """Store one raw mail of ``box``, whichever way it came. Return ``(intake, new)``."""
    number = email.message_id_of(raw)
    fingerprint = email.identity(raw)
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
