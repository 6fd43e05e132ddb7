"""Learn of new mail at once: one connection waits at each mailbox (IDLE, RFC 2177).

``python manage.py mailboxes`` runs it. It reads a mailbox as ``imap.fetch`` does, under the same
lease, so that the polling of every half minute may go on beside it: for servers without IDLE, and
whenever this process is down.
"""

import logging
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BufferedReader
from typing import cast

from django.db import close_old_connections
from imap_tools import BaseMailBox

from portal.models import Pulse
from requests.channels.mailbox_models import Mailbox
from requests.inbound import imap, imap_session
from requests.inbound.imap_session import NETWORK

log = logging.getLogger(__name__)
# Servers and firewalls end silent connections, some after ten minutes (RFC 2177 allows 29).
WAIT = 300.0
LOOK = 15.0  # seconds between two looks at the list of mailboxes
LONGEST_PAUSE = 600.0
SETTLED = timedelta(seconds=60)
USED = ("host", "port", "security", "username", "secret_name", "folder")


class Watch(threading.Thread):
    """Waits at one mailbox until ``stop``: reads it when the server tells of news."""

    def __init__(self, box: Mailbox, clock: Callable[[], datetime]) -> None:
        super().__init__(daemon=True, name=f"mailbox {box.slug}")
        self.box, self.clock = box, clock
        self.stopped = threading.Event()
        self.failures = 0

    def stop(self) -> None:
        self.stopped.set()

    def run(self) -> None:
        while not self.stopped.is_set():
            close_old_connections()
            try:
                self._stay()
                pause = WAIT  # a server without IDLE: it may learn it one day
                self.failures = 0
            except NETWORK as error:
                self.failures += 1
                pause = min(2.0**self.failures, LONGEST_PAUSE)
                log.warning("waiting at mailbox %s: %r", self.box.slug, error)
            except Exception:
                self.failures += 1
                pause = min(2.0**self.failures, LONGEST_PAUSE)
                log.exception("waiting at mailbox %s", self.box.slug)
            finally:
                self._note(None)
                close_old_connections()
            self.stopped.wait(pause)

    def _stay(self) -> None:
        """Wait and read until told to stop. Returns at once where the server has no IDLE."""
        with imap_session.open_session(self.box) as client:
            if not can_wait(client):
                return
            client.folder.set(self.box.folder)
            while not self.stopped.is_set():
                self._note(self.clock() + timedelta(seconds=WAIT) + SETTLED)
                # Once more after IDLE began to be possible: what came before nobody tells of.
                imap.fetch(self.box, self.clock)
                self.failures = 0
                wait(client, self.stopped)

    def _note(self, until: datetime | None) -> None:
        Mailbox.objects.filter(pk=self.box.pk).update(watched_until=until)


def can_wait(client: BaseMailBox) -> bool:
    """Return whether the server offers IDLE, to who is logged in."""
    _typ, told = client.client.capability()
    return b"IDLE" in b" ".join(part for part in told if part).upper().split()


def wait(client: BaseMailBox, stopped: threading.Event, seconds: float = WAIT) -> bool:
    """Wait for news of the folder; return whether there are any. Raises one of ``NETWORK``.

    The server's answer to IDLE also tells of what came since the last command.
    """
    client.idle.start()
    news = _read_already(client)
    waited = 0.0
    while not news and waited < seconds and not stopped.is_set():
        news = client.idle.poll(timeout=min(2.0, seconds))
        waited += 2.0
    client.idle.stop()
    return any(b"EXISTS" in line for line in news)


def _read_already(client: BaseMailBox) -> list[bytes]:
    """Return the lines that came in one piece with the last answer.

    They lie in the buffer of the session, where polling its socket does not see them.
    """
    session = client.client
    buffer = cast(BufferedReader, session.file)
    sock, lines = session.socket(), []
    limit = sock.gettimeout()
    sock.settimeout(0)
    try:
        while b"\n" in buffer.peek(1):
            lines.append(session.readline())
    except (BlockingIOError, ssl.SSLWantReadError):  # no more for now
        pass
    finally:
        sock.settimeout(limit)
    return lines


class Watcher:
    """Keeps one ``Watch`` for each mailbox that is read, as the settings change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.stopped = threading.Event()
        self.watches: dict[tuple, Watch] = {}

    def stop(self, *_signal: object) -> None:
        """End soon; also as a handler of signals."""
        self.stopped.set()

    def look(self) -> None:
        """Begin to wait at new mailboxes, and leave those that changed or are read no more."""
        boxes = Mailbox.objects.filter(active=True).exclude(host="")
        wanted = {(box.pk, *(getattr(box, name) for name in USED)): box for box in boxes}
        for key in [key for key in self.watches if key not in wanted]:
            self.watches.pop(key).stop()
        for key, box in wanted.items():
            if key not in self.watches:
                self.watches[key] = Watch(box, self.clock)
                self.watches[key].start()
        Pulse.beat("mailboxes")

    def run(self) -> None:
        """Look again and again until stopped, then wait for the connections to be left."""
        while not self.stopped.is_set():
            close_old_connections()
            try:
                self.look()
            except Exception:  # the database is away: look again
                log.exception("the list of mailboxes")
            self.stopped.wait(LOOK)
        for watch in self.watches.values():
            watch.stop()
        for watch in self.watches.values():
            watch.join(5)
