"""A session with one mail server (RFC 3501): whom we trust, what we ask, and what it answers.

Every answer is believed only for what was asked: a server may add news of other messages, leave
some out, refuse in the middle, or hang up.
"""

import contextlib
import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from portal import network
from portal.network import Refused
from portal.secrets import secret
from requests.channels.mailbox_models import THIS_MACHINE, Mailbox

TIMEOUT = 30  # seconds
USUAL_PORTS = (143, 993)


class NotHandedOut(Exception):
    """The server answered, but without the message: NO, BAD, or nothing."""


HANG_UP = (imaplib.IMAP4.abort, OSError)
# ValueError: an answer that is no IMAP, which the library cannot take apart.
NETWORK = (
    *(OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError),
    *(NotHandedOut, Refused, ValueError, IndexError),
)


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
def open_session(box: Mailbox) -> Iterator[BaseMailBox]:
    """Log in, and out again; a failing farewell does not hide what went wrong before it."""
    client = _connect(box)
    try:
        yield client
    finally:
        try:
            client.logout()
        except NETWORK:
            with contextlib.suppress(OSError):
                client.client.shutdown()


def numbers(client: BaseMailBox, box: Mailbox) -> tuple[int | None, list[int]]:
    """Open the folder; return its UIDVALIDITY and the UIDs above ``last_uid``, sorted."""
    client.folder.set(box.folder)
    validity = uid_validity(client)
    first = box.last_uid + 1 if validity in (None, box.uid_validity) else 1
    # The range n:* always names the last message, even below n.
    return validity, sorted({u for u in map(int, client.uids(f"UID {first}:*")) if u >= first})


def uid_validity(client: BaseMailBox) -> int | None:
    _typ, answer = client.client.response("UIDVALIDITY")
    return int(answer[0]) if answer and answer[0] else None


def is_there(client: BaseMailBox, uid: int) -> bool:
    """Return whether the folder still holds ``uid``: others may have moved it away."""
    return str(uid) in client.uids(f"UID {uid}")


def last_before(client: BaseMailBox, uid: int) -> int:
    """Return a message up to ``uid`` that is still there; 0 without one."""
    found = [int(number) for number in client.uids(f"UID 1:{uid}")] if uid else []
    return max((number for number in found if number <= uid), default=0)


def _ask(client: BaseMailBox, uids: Sequence[int], what: str) -> tuple[list[Any], Exception | None]:
    """Return what arrived of an answer, and the exception that ended it before its end."""
    error: Exception | None = None
    answer: list[Any] = []
    client.client.response("FETCH")  # what an earlier answer left
    try:
        typ, answer = client.client.uid("FETCH", ",".join(map(str, uids)), f"(UID {what})")
        if typ != "OK":
            error = NotHandedOut(f"UID {uids[0]}: {typ} {answer!r}"[:300])
    except imaplib.IMAP4.abort as found:
        error = imaplib.IMAP4.abort(f"UID {uids[0]}: {found}")
    except OSError as found:
        error = found
    except (imaplib.IMAP4.error, ValueError, IndexError) as found:
        error = NotHandedOut(f"UID {uids[0]}: {found}"[:300])
    if error is not None:
        _typ, answer = client.client.response("FETCH")
    return [item for item in answer or [] if item], error


def sizes(client: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    """Return the size of each message that the server tells of. Raises one of ``NETWORK``."""
    answer, error = _ask(client, uids, "RFC822.SIZE")
    if error:
        raise error
    found = {}
    for line in answer:
        told = line if isinstance(line, bytes) else b" ".join(line)
        uid, size = re.search(rb"\bUID (\d+)", told), re.search(rb"\bRFC822\.SIZE (\d+)", told)
        if uid and size and int(uid[1]) in uids:
            found[int(uid[1])] = int(size[1])
    return found


def bodies(
    client: BaseMailBox, uids: Sequence[int], part: str = "BODY.PEEK[]"
) -> tuple[dict[int, bytes], Exception | None]:
    """Return the messages that arrived whole, and the exception that ended the answer."""
    answer, error = _ask(client, uids, part)
    found = {}
    for place, item in enumerate(answer):
        if not isinstance(item, tuple):
            continue
        # The number may stand before the message or behind it.
        behind = answer[place + 1] if place + 1 < len(answer) else b""
        told = item[0] + (behind if isinstance(behind, bytes) else b"")
        uid, size = re.search(rb"\bUID (\d+)", told), re.search(rb"\{(\d+)\}$", item[0])
        # The library keeps what came of a message when the server hung up within it.
        whole = size is None or int(size[1]) == len(item[1])
        if uid and int(uid[1]) in uids and item[1] and whole:
            found[int(uid[1])] = item[1]
    return found, error


def body(client: BaseMailBox, uid: int, part: str = "BODY.PEEK[]") -> bytes:
    """Return one message or a part of it. Raises one of ``NETWORK``."""
    found, error = bodies(client, [uid], part)
    if uid in found:
        return found[uid]
    raise error or NotHandedOut(f"UID {uid}: the server gives no message")
